#include "types/pattern_syntax.h"

#include <optional>

#include "types/characters.h"

namespace hansa::types {
namespace {

constexpr std::uint32_t repetition_max = 255;  // PostgreSQL's
constexpr std::size_t group_depth_max = 20;

CharacterSet const digits = {{U'0', U'9'}};
CharacterSet const word = {{U'0', U'9'}, {U'A', U'Z'}, {U'_', U'_'}, {U'a', U'z'}};
// ECMA-262's WhiteSpace and LineTerminator.
CharacterSet const space = {{0x09, 0x0D},     {0x20, 0x20},     {0xA0, 0xA0},     {0x1680, 0x1680},
                            {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F},
                            {0x3000, 0x3000}, {0xFEFF, 0xFEFF}};
CharacterSet const line_ends = {{U'\n', U'\n'}, {U'\r', U'\r'}, {0x2028, 0x2029}};

bool is_one_of(char32_t c, std::u32string_view set) { return set.find(c) != set.npos; }
bool is_punctuation(char32_t c) { return is_one_of(c, U"!\"#$%&'()*+,-./:;<=>?@[\\]^`{|}~"); }

PatternNode characters(CharacterSet set, bool negated) {
  return {.kind = PatternNode::Kind::characters, .negated = negated, .set = std::move(set)};
}

PatternNode one_character(char32_t c) { return characters({{c, c}}, false); }

// What an escape stands for: a set such as \d, or one character.
struct Escape {
  CharacterSet set;
  bool is_class = false;
  bool negated = false;
};

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  Result<PatternNode> read() {
    HANSA_TRY(auto node, read_choice(0));
    if (!rest_.empty()) return broken("a `)` that closes nothing");
    return node;
  }

 private:
  static std::unexpected<Error> no(std::string what) {
    return failure(Code::invalid_value, std::move(what));
  }
  static std::unexpected<Error> broken(std::string what) {
    return failure(Code::invalid_text, std::move(what));
  }

  bool at(char c) const { return !rest_.empty() && rest_.front() == c; }
  bool take(std::string_view wanted) {
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(wanted.size());
    return true;
  }

  Result<PatternNode> read_choice(std::size_t depth) {
    if (depth > group_depth_max) return no("groups nested too deep");
    PatternNode choice{.kind = PatternNode::Kind::choice};
    do {
      HANSA_TRY(auto branch, read_sequence(depth));
      choice.children.push_back(std::move(branch));
    } while (take("|"));
    if (choice.children.size() == 1) return std::move(choice.children.front());
    return choice;
  }

  Result<PatternNode> read_sequence(std::size_t depth) {
    PatternNode sequence;
    while (!rest_.empty() && !at('|') && !at(')')) {
      HANSA_TRY(auto atom, read_atom(depth));
      HANSA_TRY(auto repeated, read_repetition(std::move(atom)));
      sequence.children.push_back(std::move(repeated));
    }
    return sequence;
  }

  Result<PatternNode> read_atom(std::size_t depth) {
    if (take("^")) return PatternNode{.kind = PatternNode::Kind::begin};
    if (take("$")) return PatternNode{.kind = PatternNode::Kind::end};
    if (take(".")) return characters(line_ends, true);
    if (take("[")) return read_class();
    if (at('(')) return read_group(depth);
    if (at('\\')) {
      HANSA_TRY(auto escape, read_escape());
      return characters(std::move(escape.set), escape.negated);
    }
    if (is_one_of(static_cast<unsigned char>(rest_.front()), U"*+?{}]"))
      return no(std::string("`") + rest_.front() + "` where nothing can be repeated or closed");
    return one_character(take_utf8(rest_));
  }

  Result<PatternNode> read_group(std::size_t depth) {
    if (!take("(?:")) {
      take("(");
      if (at('?')) return no("look-around or a named group");
    }
    HANSA_TRY(auto group, read_choice(depth + 1));
    if (!take(")")) return broken("a group that is not closed");
    return group;
  }

  std::optional<std::uint32_t> read_count() {
    std::uint32_t count = 0;
    std::size_t length = 0;
    while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9' && length < 4) {
      count = count * 10 + static_cast<std::uint32_t>(rest_.front() - '0');
      rest_.remove_prefix(1);
      ++length;
    }
    if (length == 0 || count > repetition_max) return std::nullopt;
    return count;
  }

  Result<PatternNode> read_repetition(PatternNode atom) {
    PatternNode repeat{.kind = PatternNode::Kind::repeat};
    if (take("*")) {
    } else if (take("+")) {
      repeat.min = 1;
    } else if (take("?")) {
      repeat.max = 1;
    } else if (take("{")) {
      auto const min = read_count();
      if (!min) return no("a repetition that is no number up to 255");
      repeat.min = repeat.max = *min;
      if (take(",")) {
        repeat.max = PatternNode::unbounded;
        if (!at('}')) {
          auto const max = read_count();
          if (!max || *max < *min) return no("a repetition that is no range up to 255");
          repeat.max = *max;
        }
      }
      if (!take("}")) return broken("a repetition that is not closed");
    } else {
      return atom;
    }
    if (atom.kind == PatternNode::Kind::begin || atom.kind == PatternNode::Kind::end)
      return no("a repeated `^` or `$`");
    take("?");  // Lazy or greedy is no difference to whether it matches.
    if (at('*') || at('+') || at('?') || at('{')) return no("a repetition of a repetition");
    repeat.children.push_back(std::move(atom));
    return repeat;
  }

  Result<PatternNode> read_class() {
    bool const negated = take("^");
    CharacterSet set;
    while (!take("]")) {
      HANSA_TRY(auto first, read_class_member());
      if (first.negated) return no("a negated escape inside a class");
      bool const is_range = at('-') && rest_.size() > 1 && rest_[1] != ']';
      if (!is_range) {
        set.insert(set.end(), first.set.begin(), first.set.end());
        continue;
      }
      take("-");
      HANSA_TRY(auto last, read_class_member());
      if (first.is_class || last.is_class || first.set[0].first > last.set[0].first)
        return broken("a broken range in a class");
      set.emplace_back(first.set[0].first, last.set[0].first);
    }
    if (set.empty()) return no("an empty class");
    return characters(std::move(set), negated);
  }

  Result<Escape> read_class_member() {
    if (rest_.empty()) return broken("a class that is not closed");
    if (at('\\')) return read_escape();
    if (at('[')) return no("a `[` inside a class without backslash");
    auto const c = take_utf8(rest_);
    return Escape{.set = {{c, c}}};
  }

  Result<Escape> read_escape() {
    take("\\");
    if (rest_.empty()) return broken("a backslash at the end");
    auto const c = take_utf8(rest_);
    switch (c) {
      case U'd':
      case U'D':
        return Escape{digits, true, c == U'D'};
      case U'w':
      case U'W':
        return Escape{word, true, c == U'W'};
      case U's':
      case U'S':
        return Escape{space, true, c == U'S'};
      case U't':
        return literal(U'\t');
      case U'n':
        return literal(U'\n');
      case U'r':
        return literal(U'\r');
      case U'f':
        return literal(U'\f');
      case U'v':
        return literal(U'\v');
      case U'x':
        return read_hex(2);
      case U'u':
        return read_hex(4);
      default:
        break;
    }
    if (is_punctuation(c)) return literal(c);
    std::string shown;
    append_utf8(c, shown);
    return no("the escape `\\" + shown + "`");
  }

  static Escape literal(char32_t c) { return {.set = {{c, c}}}; }

  Result<Escape> read_hex(std::size_t count) {
    char32_t value = 0;
    if (rest_.size() < count) return broken("a broken hexadecimal escape");
    for (char const c : rest_.substr(0, count)) {
      auto const digit = std::string_view("0123456789abcdef").find(static_cast<char>(c | 0x20));
      if (digit == std::string_view::npos || (c < '0'))
        return broken("a broken hexadecimal escape");
      value = value * 16 + static_cast<char32_t>(digit);
    }
    rest_.remove_prefix(count);
    if (value == 0) return no("the character NUL, which PostgreSQL cannot hold");
    if (value >= 0xD800 && value <= 0xDFFF) return no("half a surrogate pair");
    return literal(value);
  }

  std::string_view rest_;
};

}  // namespace

void append_utf8(char32_t c, std::string& out) {
  auto const byte = [&](char32_t bits) { out += static_cast<char>(bits); };
  if (c < 0x80) return byte(c);
  if (c < 0x800) {
    byte(0xC0 | (c >> 6U));
  } else {
    if (c < 0x10000) {
      byte(0xE0 | (c >> 12U));
    } else {
      byte(0xF0 | (c >> 18U));
      byte(0x80 | ((c >> 12U) & 0x3FU));
    }
    byte(0x80 | ((c >> 6U) & 0x3FU));
  }
  byte(0x80 | (c & 0x3FU));
}

char32_t take_utf8(std::string_view& text) {
  auto const byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  std::size_t const length = byte(0) < 0x80 ? 1 : byte(0) < 0xE0 ? 2 : byte(0) < 0xF0 ? 3 : 4;
  char32_t c = length == 1 ? byte(0) : byte(0) & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) c = (c << 6U) | (byte(i) & 0x3FU);
  text.remove_prefix(length);
  return c;
}

Result<PatternNode> read_pattern(std::string_view ecma) {
  if (ecma.size() > Pattern::length_max)
    return failure(Code::invalid_value, "more than 1000 bytes");
  auto const count = count_characters(ecma);
  if (count.fault != CharacterCount::Fault::none)
    return failure(Code::invalid_value, "bytes that are not UTF-8 text");
  return Reader(ecma).read();
}

}  // namespace hansa::types
