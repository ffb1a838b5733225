// Strings as PostgreSQL and the formats of a contract see them: characters, and words like `email`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hansa::types {

struct CharacterCount {
  enum class Fault : std::uint8_t { none, nul, not_utf8 };
  Fault fault = Fault::none;
  std::size_t characters = 0;  // code points, when there is no fault
};
// Reads UTF-8 strictly (no overlong forms, no surrogates) and counts.
[[nodiscard]] CharacterCount count_characters(std::string_view text);

// A format that is enforced: its test, and the same test as patterns that all have to match. They
// lie in the subset of pattern.h, so PostgreSQL and JSON Schema read them alike.
struct Format {
  std::string_view name;
  std::string_view expected;  // "expected ...", for people
  std::string_view pattern;
  std::string_view length;  // a second pattern, on lengths; may be empty
  bool (*accepts)(std::string_view text);
};
// nullptr for formats that are only documented.
[[nodiscard]] Format const* find_format(std::string_view name);

// RFC 4648 section 4, with padding. Decoding refuses what is not canonical (false).
void append_base64(std::string_view bytes, std::string& out);
[[nodiscard]] bool decode_base64(std::string_view text, std::string& out);

// PostgreSQL's hex form of bytea: `\x48656c`. Decoding refuses anything else (false).
void append_hex_bytes(std::string_view bytes, std::string& out);
[[nodiscard]] bool decode_hex_bytes(std::string_view text, std::string& out);

}  // namespace hansa::types
