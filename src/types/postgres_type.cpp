// The type system against PostgreSQL's names of types.
#include <array>
#include <charconv>

#include "types/type.h"

namespace hansa::types {
namespace {

struct Row {
  Kind kind;
  std::string_view name;  // as format_type() prints it
};

constexpr std::array<Row, 15> rows = {{
    {Kind::boolean, "boolean"},
    {Kind::int16, "smallint"},
    {Kind::int32, "integer"},
    {Kind::int64, "bigint"},
    {Kind::numeric, "numeric"},
    {Kind::float32, "real"},
    {Kind::float64, "double precision"},
    {Kind::text, "text"},
    {Kind::uuid, "uuid"},
    {Kind::bytes, "bytea"},
    {Kind::date, "date"},
    {Kind::time, "time without time zone"},
    {Kind::timestamp, "timestamp without time zone"},
    {Kind::timestamptz, "timestamp with time zone"},
    {Kind::json, "jsonb"},
}};

std::optional<std::uint16_t> take_small(std::string_view& rest) {
  std::uint16_t value = 0;
  auto const read = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (read.ec != std::errc{}) return std::nullopt;
  rest.remove_prefix(static_cast<std::size_t>(read.ptr - rest.data()));
  return value;
}

// "numeric(10,2)"; a negative scale is a type Hansa does not serve.
std::optional<Type> read_numeric(std::string_view text) {
  constexpr std::string_view prefix = "numeric(";
  if (!text.starts_with(prefix)) return std::nullopt;
  text.remove_prefix(prefix.size());
  auto const precision = take_small(text);
  if (!precision || !text.starts_with(",")) return std::nullopt;
  text.remove_prefix(1);
  auto const scale = take_small(text);
  if (!scale || text != ")" || *scale > *precision) return std::nullopt;
  return Type{.kind = Kind::numeric, .precision = *precision, .scale = *scale};
}

// Decimal digits that hold every value of an integer kind; 0 for other kinds.
int integer_digits(Kind kind) {
  switch (kind) {
    case Kind::int16:
      return 5;
    case Kind::int32:
      return 10;
    case Kind::int64:
      return 19;
    default:
      return 0;
  }
}

bool integer_widens(Kind from, Type const& to) {
  auto const digits = integer_digits(from);
  switch (to.kind) {
    case Kind::int32:
    case Kind::int64:
      return digits < integer_digits(to.kind);
    case Kind::numeric:
      return to.precision == 0 || to.precision - to.scale >= digits;
    case Kind::float32:
      return from == Kind::int16;
    case Kind::float64:
      return from != Kind::int64;
    default:
      return false;
  }
}

bool numeric_widens(Type const& from, Type const& to) {
  if (to.kind != Kind::numeric) return false;
  if (to.precision == 0) return true;
  return from.precision != 0 && to.scale >= from.scale &&
         to.precision - to.scale >= from.precision - from.scale;
}

}  // namespace

std::string postgres_type(Type const& type) {
  if (type.kind == Kind::numeric && type.precision != 0)
    return "numeric(" + std::to_string(type.precision) + "," + std::to_string(type.scale) + ")";
  for (Row const& row : rows)
    if (row.kind == type.kind) return std::string(row.name);
  return {};
}

std::string to_text(Type const& type) { return postgres_type(type); }

std::optional<Type> from_postgres_type(std::string_view format_type) {
  for (Row const& row : rows)
    if (row.name == format_type) return Type{.kind = row.kind};
  if (format_type == "character varying" || format_type.starts_with("character varying("))
    return Type{.kind = Kind::text};
  if (format_type == "json") return Type{.kind = Kind::json};
  return read_numeric(format_type);
}

bool widens(Type const& from, Type const& to) {
  if (from == to) return true;
  if (integer_digits(from.kind) != 0) return integer_widens(from.kind, to);
  switch (from.kind) {
    case Kind::numeric:
      return numeric_widens(from, to);
    case Kind::float32:
      return to.kind == Kind::float64;
    case Kind::uuid:
      return to.kind == Kind::text;
    case Kind::json:
      return to.kind == Kind::json && to.shape == JsonShape::any;
    default:
      return false;
  }
}

}  // namespace hansa::types
