// ODCS logicalType, options and physicalType to one Type.
#include <algorithm>
#include <array>
#include <charconv>

#include "types/decimal.h"
#include "types/type.h"

namespace hansa::types {
namespace {

constexpr std::string_view supported =
    "supported are the logical types string, boolean, integer, number, date, time, timestamp, "
    "object, "
    "array and map, and the physical types text, varchar(n), boolean, smallint, integer, bigint, "
    "serial, smallserial, bigserial, numeric(p,s), real, double precision, uuid, bytea, date, "
    "time, "
    "timestamp, timestamptz and jsonb";

// A range of integers by its ODCS name, and the type that holds it.
struct IntegerFormat {
  std::string_view name;
  Type type;
  std::string_view minimum, maximum;
};

std::array<IntegerFormat, 10> const& integer_formats() {
  static std::array<IntegerFormat, 10> const formats = {{
      {"i8", {.kind = Kind::int16}, "-128", "127"},
      {"i16", {.kind = Kind::int16}, "-32768", "32767"},
      {"i32", {.kind = Kind::int32}, "-2147483648", "2147483647"},
      {"i64", {.kind = Kind::int64}, "-9223372036854775808", "9223372036854775807"},
      {"i128",
       {.kind = Kind::numeric, .precision = 39},
       "-170141183460469231731687303715884105728",
       "170141183460469231731687303715884105727"},
      {"u8", {.kind = Kind::int16}, "0", "255"},
      {"u16", {.kind = Kind::int32}, "0", "65535"},
      {"u32", {.kind = Kind::int64}, "0", "4294967295"},
      {"u64", {.kind = Kind::numeric, .precision = 20}, "0", "18446744073709551615"},
      {"u128",
       {.kind = Kind::numeric, .precision = 39},
       "0",
       "340282366920938463463374607431768211455"},
  }};
  return formats;
}

// A physicalType as written, lower case, single spaces, its arguments apart.
struct Physical {
  std::string name;
  std::vector<unsigned> arguments;
};

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string normalised(std::string_view text) {
  std::string out;
  for (char const c : text) {
    if (is_space(c)) {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else {
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::optional<std::vector<unsigned>> read_arguments(std::string_view text) {
  std::vector<unsigned> arguments;
  for (;;) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    unsigned value = 0;
    auto const read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    while (text.starts_with(' ')) text.remove_prefix(1);
    arguments.push_back(value);
    if (text.empty()) return arguments;
    if (text.front() != ',' || arguments.size() == 2) return std::nullopt;
    text.remove_prefix(1);
  }
}

// "timestamp (3) with time zone" has its arguments in the middle.
std::optional<Physical> read_physical(std::string_view text) {
  auto const whole = normalised(text);
  auto const open = whole.find('(');
  if (open == std::string::npos) return Physical{whole, {}};
  auto const close = whole.find(')', open);
  if (close == std::string::npos) return std::nullopt;
  auto const arguments = read_arguments(std::string_view(whole).substr(open + 1, close - open - 1));
  if (!arguments) return std::nullopt;
  return Physical{normalised(whole.substr(0, open) + " " + whole.substr(close + 1)), *arguments};
}

struct PhysicalName {
  std::string_view name;
  Kind kind;
  bool identity = false;
};

constexpr std::array<PhysicalName, 34> physical_names = {{
    {"boolean", Kind::boolean},
    {"bool", Kind::boolean},
    {"smallint", Kind::int16},
    {"int2", Kind::int16},
    {"integer", Kind::int32},
    {"int", Kind::int32},
    {"int4", Kind::int32},
    {"bigint", Kind::int64},
    {"int8", Kind::int64},
    {"smallserial", Kind::int16, true},
    {"serial2", Kind::int16, true},
    {"serial", Kind::int32, true},
    {"serial4", Kind::int32, true},
    {"bigserial", Kind::int64, true},
    {"serial8", Kind::int64, true},
    {"numeric", Kind::numeric},
    {"decimal", Kind::numeric},
    {"real", Kind::float32},
    {"float4", Kind::float32},
    {"double precision", Kind::float64},
    {"float8", Kind::float64},
    {"text", Kind::text},
    {"varchar", Kind::text},
    {"character varying", Kind::text},
    {"uuid", Kind::uuid},
    {"bytea", Kind::bytes},
    {"date", Kind::date},
    {"time", Kind::time},
    {"time without time zone", Kind::time},
    {"timestamp", Kind::timestamp},
    {"timestamp without time zone", Kind::timestamp},
    {"timestamptz", Kind::timestamptz},
    {"timestamp with time zone", Kind::timestamptz},
    {"jsonb", Kind::json},
}};

std::unexpected<Error> unsupported(std::string detail) {
  return failure(Code::unsupported_type, std::move(detail), std::string(supported));
}

Result<void> apply_arguments(Physical const& physical, Resolved& resolved) {
  auto const& arguments = physical.arguments;
  if (arguments.empty()) return {};
  bool const is_varchar = physical.name == "varchar" || physical.name == "character varying";
  if (is_varchar && arguments.size() == 1 && arguments[0] >= 1 && arguments[0] <= 10'485'760) {
    resolved.implied.max_length = arguments[0];
    return {};
  }
  if (resolved.type.kind == Kind::numeric) {
    auto const scale = arguments.size() == 2 ? arguments[1] : 0;
    if (arguments[0] < 1 || arguments[0] > 1000 || scale > arguments[0])
      return unsupported(
          "numeric needs a precision of 1 to 1000 and a scale of 0 to the precision");
    resolved.type.precision = static_cast<std::uint16_t>(arguments[0]);
    resolved.type.scale = static_cast<std::uint16_t>(scale);
    return {};
  }
  return unsupported("physicalType `" + physical.name + "` does not take these arguments");
}

Result<Resolved> resolve_physical(std::string_view text) {
  auto const physical = read_physical(text);
  auto const name = physical ? std::string_view(physical->name) : std::string_view();
  auto const* const row = std::find_if(physical_names.begin(), physical_names.end(),
                                       [&](PhysicalName const& one) { return one.name == name; });
  if (row == physical_names.end()) {
    if (name == "json") return Resolved{.type = {.kind = Kind::json}};
    return unsupported("physicalType `" + std::string(text) + "` is not supported");
  }
  Resolved resolved{.type = {.kind = row->kind}, .identity = row->identity};
  HANSA_CHECK_OK(apply_arguments(*physical, resolved));
  return resolved;
}

bool is_one_of(Kind kind, std::initializer_list<Kind> kinds) {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

std::unexpected<Error> contradiction(Declared const& declared, std::string_view what) {
  return failure(Code::mismatch,
                 "physicalType `" + declared.physical_type + "` contradicts " + std::string(what));
}

bool holds(Type const& type, IntegerFormat const& format) {
  auto const digits = std::string_view(format.maximum).size();
  switch (type.kind) {
    case Kind::int16:
      return format.type.kind == Kind::int16;
    case Kind::int32:
      return is_one_of(format.type.kind, {Kind::int16, Kind::int32});
    case Kind::int64:
      return format.type.kind != Kind::numeric;
    case Kind::numeric:
      return type.precision == 0 || type.precision >= digits;
    default:
      return false;
  }
}

Result<Resolved> resolve_integer(Declared const& declared, std::optional<Resolved> physical) {
  bool const integral =
      !physical || is_one_of(physical->type.kind, {Kind::int16, Kind::int32, Kind::int64}) ||
      (physical->type.kind == Kind::numeric && physical->type.precision && !physical->type.scale);
  if (!integral) return contradiction(declared, "logicalType `integer`");
  if (!declared.format) return physical ? *physical : Resolved{.type = {.kind = Kind::int32}};
  for (IntegerFormat const& format : integer_formats()) {
    if (format.name != *declared.format) continue;
    if (physical && !holds(physical->type, format))
      return contradiction(declared, "format `" + *declared.format + "`, which it cannot hold");
    auto resolved = physical.value_or(Resolved{.type = format.type});
    bool const whole = resolved.type.kind == format.type.kind &&
                       is_one_of(resolved.type.kind, {Kind::int16, Kind::int32, Kind::int64}) &&
                       (format.name == "i16" || format.name == "i32" || format.name == "i64");
    if (whole) return resolved;
    resolved.implied.minimum = format.minimum;
    resolved.implied.maximum = format.maximum;
    return resolved;
  }
  return failure(Code::unsupported_type, "integer format `" + *declared.format + "` is not known",
                 "formats are i8, i16, i32, i64, i128, u8, u16, u32, u64 and u128");
}

Result<Resolved> resolve_number(Declared const& declared, std::optional<Resolved> physical) {
  std::optional<Kind> wanted;
  if (declared.format == "f32") wanted = Kind::float32;
  if (declared.format == "f64") wanted = Kind::float64;
  if (declared.format && !wanted)
    return failure(Code::unsupported_type, "number format `" + *declared.format + "` is not known",
                   "formats are f32 and f64; an exact amount says physicalType: numeric(12,2)");
  if (!physical) return Resolved{.type = {.kind = wanted.value_or(Kind::numeric)}};
  if (!is_one_of(physical->type.kind, {Kind::numeric, Kind::float32, Kind::float64}))
    return contradiction(declared, "logicalType `number`");
  bool const agrees = !wanted || *wanted == physical->type.kind ||
                      (*wanted == Kind::float32 && physical->type.kind == Kind::float64);
  if (!agrees) return contradiction(declared, "format `" + *declared.format + "`");
  return *physical;
}

Result<Resolved> resolve_string(Declared const& declared, std::optional<Resolved> physical) {
  std::optional<Kind> wanted;
  if (declared.format == "uuid") wanted = Kind::uuid;
  if (declared.format == "byte") wanted = Kind::bytes;
  if (!physical) return Resolved{.type = {.kind = wanted.value_or(Kind::text)}};
  if (!is_one_of(physical->type.kind, {Kind::text, Kind::uuid, Kind::bytes}))
    return contradiction(declared, "logicalType `string`");
  if ((wanted && physical->type.kind != *wanted) ||
      (!wanted && declared.format && physical->type.kind != Kind::text))
    return contradiction(declared, "format `" + *declared.format + "`");
  return *physical;
}

// Only UTC: the standard library here has no time zone rules to convert any other by.
Result<Resolved> resolve_timestamp(Declared const& declared, std::optional<Resolved> physical) {
  if (physical && !is_one_of(physical->type.kind, {Kind::timestamp, Kind::timestamptz}))
    return contradiction(declared, "logicalType `timestamp`");
  if (physical && declared.timezone &&
      *declared.timezone != (physical->type.kind == Kind::timestamptz))
    return contradiction(declared, *declared.timezone ? "timezone: true" : "timezone: false");
  Resolved resolved = physical.value_or(Resolved{
      .type = {.kind = declared.timezone.value_or(true) ? Kind::timestamptz : Kind::timestamp}});
  resolved.zone_assumed = !physical && !declared.timezone;
  constexpr std::array<std::string_view, 9> utc = {"Etc/UTC", "UTC", "Etc/UCT",  "UCT", "Z",
                                                   "Etc/GMT", "GMT", "Etc/Zulu", "Zulu"};
  bool const is_utc = !declared.default_timezone ||
                      std::find(utc.begin(), utc.end(), *declared.default_timezone) != utc.end();
  if (resolved.type.kind == Kind::timestamp && !is_utc)
    return failure(
        Code::unsupported_type,
        "timestamps without zone in `" + *declared.default_timezone + "` are not supported",
        "say timezone: true, or defaultTimezone: Etc/UTC");
  return resolved;
}

Result<Resolved> resolve_plain(Declared const& declared, std::optional<Resolved> physical,
                               Kind kind) {
  if (!physical) return Resolved{.type = {.kind = kind}};
  if (physical->type.kind != kind)
    return contradiction(declared, "logicalType `" + declared.logical_type + "`");
  return *physical;
}

Result<Resolved> resolve_json(Declared const& declared, std::optional<Resolved> physical,
                              JsonShape shape) {
  HANSA_TRY(auto resolved, resolve_plain(declared, std::move(physical), Kind::json));
  resolved.type.shape = shape;
  return resolved;
}

}  // namespace

Result<Resolved> resolve(Declared const& declared) {
  std::optional<Resolved> physical;
  if (!declared.physical_type.empty()) {
    HANSA_TRY(physical, resolve_physical(declared.physical_type));
  }
  auto const& logical = declared.logical_type;
  if (logical == "string") return resolve_string(declared, physical);
  if (logical == "integer") return resolve_integer(declared, physical);
  if (logical == "number") return resolve_number(declared, physical);
  if (logical == "timestamp") return resolve_timestamp(declared, physical);
  if (logical == "boolean") return resolve_plain(declared, physical, Kind::boolean);
  if (logical == "date") return resolve_plain(declared, physical, Kind::date);
  if (logical == "time") return resolve_plain(declared, physical, Kind::time);
  if (logical == "array") return resolve_json(declared, physical, JsonShape::array);
  if (logical == "object" || logical == "map")
    return resolve_json(declared, physical, JsonShape::object);
  if (!logical.empty()) return unsupported("logicalType `" + logical + "` is not supported");
  if (!physical) return unsupported("neither logicalType nor physicalType says what this is");
  return *physical;
}

namespace {

template <class T>
void keep_smaller(std::optional<T>& mine, std::optional<T> const& other) {
  if (other && (!mine || *other < *mine)) mine = other;
}

// The stricter numeric bound; `sign` is 1 where the larger one is stricter, -1 where the smaller
// is.
void keep_stricter(std::optional<std::string>& mine, std::optional<std::string> const& other,
                   int sign) {
  if (!other) return;
  auto const a = mine ? parse_decimal(*mine, NumberSyntax::lenient) : std::nullopt;
  auto const b = parse_decimal(*other, NumberSyntax::lenient);
  if (!a || (b && compare(*b, *a) * sign > 0)) mine = other;
}

}  // namespace

Rules tightened(Rules declared, Rules const& implied) {
  keep_smaller(declared.max_length, implied.max_length);
  keep_stricter(declared.minimum, implied.minimum, 1);
  keep_stricter(declared.maximum, implied.maximum, -1);
  return declared;
}

}  // namespace hansa::types
