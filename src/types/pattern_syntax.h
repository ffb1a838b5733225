// The tree of a pattern and its reader; internal to pattern.h. Pure values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "types/pattern.h"

namespace hansa::types {

struct PatternNode {
  enum class Kind : std::uint8_t { characters, begin, end, sequence, choice, repeat };
  static constexpr std::uint32_t unbounded = ~0U;

  Kind kind = Kind::sequence;
  bool negated = false;                    // characters
  CharacterSet set = {};                   // characters
  std::uint32_t min = 0, max = unbounded;  // repeat, of the only child
  std::vector<PatternNode> children = {};
};

// Refuses whatever PostgreSQL would read differently or not at all (invalid_value), and what is no
// pattern to anybody (invalid_text).
[[nodiscard]] Result<PatternNode> read_pattern(std::string_view ecma);

// As an advanced regular expression.
void append_postgres(PatternNode const& node, std::string& out);

// One code point as UTF-8.
void append_utf8(char32_t character, std::string& out);
// The code point at the front of valid UTF-8, which is removed.
[[nodiscard]] char32_t take_utf8(std::string_view& text);

}  // namespace hansa::types
