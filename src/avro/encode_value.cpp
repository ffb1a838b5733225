#include "avro/encode_value.h"

#include <charconv>
#include <chrono>
#include <limits>

#include "avro/binary.h"
#include "avro/json_scanner.h"
#include "types/characters.h"
#include "types/decimal.h"
#include "types/moment.h"

namespace hansa::avro {
namespace {

using types::Kind;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void write_text(std::string_view text, std::string& out) {
  write_varint(static_cast<std::int64_t>(text.size()), out);
  out += text;
}

template <class Integer>
Reason encode_integer(std::string_view text, std::string& out) {
  Integer value = 0;
  auto const read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size())
    return "is no integer of the field's range";
  write_varint(value, out);
  return nullptr;
}

template <class Float>
Reason encode_float(std::string_view text, std::string& out) {
  using Limits = std::numeric_limits<Float>;
  if (text == "NaN") return write_float(Limits::quiet_NaN(), out), nullptr;
  if (text == "Infinity") return write_float(Limits::infinity(), out), nullptr;
  if (text == "-Infinity") return write_float(-Limits::infinity(), out), nullptr;
  auto const digits = text.substr(text.starts_with('-') ? 1 : 0);
  Float value = 0;
  auto const read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (digits.empty() || !is_digit(digits[0]) || read.ec != std::errc{} ||
      read.ptr != text.data() + text.size())
    return "is no number of the field's range";
  write_float(value, out);
  return nullptr;
}

Reason encode_boolean(std::string_view text, std::string& out) {
  if (text == "t" || text == "true")
    out += '\1';
  else if (text == "f" || text == "false")
    out += '\0';
  else
    return "is neither true nor false";
  return nullptr;
}

Reason encode_numeric(types::Type const& type, std::string_view text, std::string& out) {
  if (type.precision == 0) {
    if (text != "NaN" && !types::parse_decimal(text, types::NumberSyntax::json))
      return "is no finite number";
    write_text(text, out);
    return nullptr;
  }
  // One byte of room for the length does for 63 bytes; longer ones are moved.
  auto const at = out.size();
  out += '\0';
  auto const refused =
      append_decimal_bytes(text, {.precision = type.precision, .scale = type.scale}, out);
  if (refused != nullptr) return refused;
  auto const size = out.size() - at - 1;
  std::string length;
  write_varint(static_cast<std::int64_t>(size), length);
  out.replace(at, 1, length);
  return nullptr;
}

Reason encode_bytes(std::string_view text, std::string& out) {
  if (text.size() < 2) return "is no bytea in hex";
  write_varint(static_cast<std::int64_t>(text.size() / 2 - 1), out);
  std::string bytes;
  if (!types::decode_hex_bytes(text, bytes)) return "is no bytea in hex";
  out += bytes;
  return nullptr;
}

int two_digits(std::string_view text, std::size_t at) {
  return (text[at] - '0') * 10 + (text[at + 1] - '0');
}

Reason encode_date(std::string_view text, std::string& out) {
  if (!types::read_date(text)) return "is no date of the years 0001 to 9999";
  using namespace std::chrono;
  auto const day = sys_days{year{two_digits(text, 0) * 100 + two_digits(text, 2)} /
                            month{static_cast<unsigned>(two_digits(text, 5))} /
                            std::chrono::day{static_cast<unsigned>(two_digits(text, 8))}};
  write_varint(day.time_since_epoch().count(), out);
  return nullptr;
}

Reason encode_time(std::string_view text, std::string& out) {
  auto const canonical = types::read_time(text, types::MomentSyntax::rfc3339);
  if (!canonical) return "is no time of day";
  auto const seconds =
      (two_digits(*canonical, 0) * 60 + two_digits(*canonical, 3)) * 60 + two_digits(*canonical, 6);
  std::int64_t microseconds = seconds;
  for (std::size_t i = 9; i < 15; ++i)
    microseconds = microseconds * 10 + (i < canonical->size() ? (*canonical)[i] - '0' : 0);
  write_varint(microseconds, out);
  return nullptr;
}

// A moment without an offset is one of UTC. A local moment says nothing of an offset; one that does
// is another type's.
Reason encode_instant(std::string_view text, bool local, std::string& out) {
  if (local && text.size() > 19 && text.find_first_of("Zz+-", 19) != std::string_view::npos)
    return "is no timestamp without an offset";
  auto const instant =
      types::read_instant(text, types::MomentSyntax::postgres, types::Offset::optional);
  if (!instant) return "is no timestamp of the years 0001 to 9999";
  write_varint(*instant, out);
  return nullptr;
}

Reason encode_text(std::string_view text, std::string& out) {
  if (types::count_characters(text).fault != types::CharacterCount::Fault::none)
    return "is not UTF-8, or has U+0000";
  write_text(text, out);
  return nullptr;
}

}  // namespace

Reason check_document(std::string_view text) {
  if (types::count_characters(text).fault != types::CharacterCount::Fault::none)
    return "is not UTF-8, or has U+0000";
  JsonScanner scanner(text);
  if (!scanner.skip_value(32) || !scanner.at_end()) return "is no JSON of at most 32 levels";
  return nullptr;
}

Reason encode_value(types::Type const& type, std::string_view text, std::string& out) {
  switch (type.kind) {
    case Kind::boolean:
      return encode_boolean(text, out);
    case Kind::int16:
      return encode_integer<std::int16_t>(text, out);
    case Kind::int32:
      return encode_integer<std::int32_t>(text, out);
    case Kind::int64:
      return encode_integer<std::int64_t>(text, out);
    case Kind::numeric:
      return encode_numeric(type, text, out);
    case Kind::float32:
      return encode_float<float>(text, out);
    case Kind::float64:
      return encode_float<double>(text, out);
    case Kind::text:
    case Kind::uuid:
      return encode_text(text, out);
    case Kind::bytes:
      return encode_bytes(text, out);
    case Kind::date:
      return encode_date(text, out);
    case Kind::time:
      return encode_time(text, out);
    case Kind::timestamp:
      return encode_instant(text, true, out);
    case Kind::timestamptz:
      return encode_instant(text, false, out);
    case Kind::json:
      if (auto const refused = check_document(text); refused != nullptr) return refused;
      write_text(text, out);
      return nullptr;
  }
  return "has no type";
}

}  // namespace hansa::avro
