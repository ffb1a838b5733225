// PostgreSQL's text output as JSON, without a tree between: the hot path of every answer.
#include "json/value.h"
#include "types/characters.h"
#include "types/type.h"

namespace hansa::types {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// For texts of types that never hold what JSON has to escape.
void write_quoted(std::string_view text, std::string& out) {
  out += '"';
  out += text;
  out += '"';
}

// NaN and the infinities have no JSON number.
void write_number(std::string_view text, std::string& out) {
  char const first = text.starts_with('-') && text.size() > 1 ? text[1]
                     : text.empty()                           ? ' '
                                                              : text[0];
  if (is_digit(first))
    out += text;
  else
    write_quoted(text, out);
}

// "2026-01-01 10:00:00...": four digits of a year and the separator where it belongs.
bool is_instant(std::string_view text) {
  constexpr std::string_view shape = "dddd-dd-dd dd:dd:dd";
  if (text.size() < shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (shape[i] == 'd' ? !is_digit(text[i]) : text[i] != shape[i]) return false;
  return true;
}

// Where the seconds and their fraction end.
std::size_t clock_end(std::string_view text) {
  std::size_t end = 19;
  if (end < text.size() && text[end] == '.') ++end;
  while (end < text.size() && is_digit(text[end])) ++end;
  return end;
}

// Years beyond 9999 and before Christ have no RFC 3339 form and stay PostgreSQL's, as the
// infinities do.
void write_instant(std::string_view text, bool with_offset, std::string& out) {
  auto const end = is_instant(text) ? clock_end(text) : 0;
  auto const offset = text.substr(end);
  bool const utc = with_offset ? offset == "+00" : offset.empty();
  bool const elsewhere = with_offset && (offset.starts_with('+') || offset.starts_with('-')) &&
                         (offset.size() == 3 || (offset.size() == 6 && offset[3] == ':'));
  if (end == 0 || (!utc && !elsewhere)) return write_quoted(text, out);
  out += '"';
  out += text.substr(0, 10);
  out += 'T';
  out += text.substr(11, end - 11);
  if (utc) {
    out += 'Z';
  } else {
    out += offset;
    if (offset.size() == 3) out += ":00";
  }
  out += '"';
}

void write_bytes(std::string_view text, std::string& out) {
  std::string bytes;
  if (!decode_hex_bytes(text, bytes)) return json::write_string(text, out);
  out += '"';
  append_base64(bytes, out);
  out += '"';
}

}  // namespace

void write_json(std::string_view postgres_text, Type const& type, std::string& out) {
  switch (type.kind) {
    case Kind::boolean:
      out += postgres_text == "t" ? "true" : "false";
      return;
    case Kind::int16:
    case Kind::int32:
    case Kind::int64:
    case Kind::json:
      out += postgres_text;
      return;
    case Kind::numeric:
    case Kind::float32:
    case Kind::float64:
      return write_number(postgres_text, out);
    case Kind::text:
      return json::write_string(postgres_text, out);
    case Kind::uuid:
    case Kind::date:
    case Kind::time:
      return write_quoted(postgres_text, out);
    case Kind::bytes:
      return write_bytes(postgres_text, out);
    case Kind::timestamp:
      return write_instant(postgres_text, false, out);
    case Kind::timestamptz:
      return write_instant(postgres_text, true, out);
  }
}

}  // namespace hansa::types
