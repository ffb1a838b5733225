// Patterns of contracts: the part of ECMA-262 that PostgreSQL reads the same way, matched in time
// linear in the text. Values; compile once, use from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace hansa::types {

// Inclusive code point ranges, in no order.
using CharacterSet = std::vector<std::pair<char32_t, char32_t>>;

// One instruction of the automaton. A thread of it stands at one instruction; `next` follows unless
// said otherwise.
struct PatternStep {
  enum class Kind : std::uint8_t {
    character,  // one character in `set` (or outside it, if `negated`)
    split,      // goes on at `next` and at `other`
    begin,      // only at the start of the text
    end,        // only at its end
    match,
  };
  Kind kind = Kind::match;
  bool negated = false;
  std::uint32_t next = 0;
  std::uint32_t other = 0;
  CharacterSet set = {};
};

class Pattern {
 public:
  static constexpr std::size_t length_max = 1000;    // of the source, in bytes
  static constexpr std::size_t steps_max = 4000;     // of the automaton, repetitions written out
  static constexpr std::size_t searched_max = 4096;  // characters; longer texts are the database's

  // Reads the subset: characters, `.`, classes, \d \w \s and their negations, escapes, groups
  // without names and references, alternatives, repetition up to 255, `^` and `$`. The error's
  // detail says what lies outside it: invalid_value where ECMA-262 allows it, invalid_text where
  // it is no pattern at all, such as a class that is not closed.
  [[nodiscard]] static Result<Pattern> compile(std::string_view ecma);

  // The same as an advanced regular expression of PostgreSQL, free of locale.
  [[nodiscard]] std::string const& postgres() const { return postgres_; }

  // Whether it matches somewhere in `text` (UTF-8), as ECMA's test() with flag u.
  [[nodiscard]] bool found_in(std::string_view text) const;

  // A text that matches from start to end, chosen by `choice`; assertions are taken to hold.
  [[nodiscard]] std::string sample(std::uint64_t choice) const;

 private:
  std::string postgres_;
  std::vector<PatternStep> steps_;  // starts at the last step
};

}  // namespace hansa::types
