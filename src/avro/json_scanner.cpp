#include "avro/json_scanner.h"

#include <bit>
#include <cstdint>
#include <cstring>

namespace hansa::avro {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// How many bytes at the front are neither quote, backslash nor control, eight at a time: a lower
// bound, which stops at the latest before the first one that is.
std::size_t plain_length(std::string_view text) {
  constexpr std::uint64_t ones = 0x0101010101010101U;
  constexpr std::uint64_t highs = 0x8080808080808080U;
  auto const zeros = [](std::uint64_t word) { return (word - ones) & ~word & highs; };
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, 8);
    auto const hit = ((word - ones * 0x20U) & ~word & highs) | zeros(word ^ (ones * '"')) |
                     zeros(word ^ (ones * '\\'));
    // Only the lowest hit is certain, and it lies first in memory on a little-endian machine.
    static_assert(std::endian::native == std::endian::little);
    if (hit != 0) return at + static_cast<std::size_t>(std::countr_zero(hit)) / 8;
  }
  return at;
}

// Length of the number at the front; 0 if there is none.
std::size_t number_length(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  auto const digits = [&] {
    auto const first = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at - first;
  };
  bool const zero = at < text.size() && text[at] == '0';
  auto const whole = digits();
  if (whole == 0 || (zero && whole > 1)) return 0;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (digits() == 0) return 0;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (digits() == 0) return 0;
  }
  return at;
}

std::uint32_t four_hex(std::string_view text, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = at; i < at + 4; ++i)
    value = value * 16 + static_cast<std::uint32_t>(hex_value(text[i]));
  return value;
}

void append_utf8(std::uint32_t point, std::string& out) {
  auto const tail = [&](unsigned shift) {
    out += static_cast<char>(0x80U | ((point >> shift) & 0x3FU));
  };
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xC0U | point >> 6U);
    tail(0);
  } else if (point < 0x10000) {
    out += static_cast<char>(0xE0U | point >> 12U);
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0U | point >> 18U);
    tail(12);
    tail(6);
    tail(0);
  }
}

// The code point of the escape \uXXXX at `at`, or of two that are a pair; moves behind it.
bool take_point(std::string_view text, std::size_t& at, std::uint32_t& point) {
  point = four_hex(text, at + 2);
  at += 6;
  if (point < 0xD800 || point > 0xDFFF) return true;
  if (point > 0xDBFF || !text.substr(at).starts_with("\\u")) return false;
  auto const low = four_hex(text, at + 2);
  at += 6;
  if (low < 0xDC00 || low > 0xDFFF) return false;
  point = 0x10000 + ((point - 0xD800) << 10U) + (low - 0xDC00);
  return true;
}

}  // namespace

void JsonScanner::skip_space() {
  while (at_ < text_.size() &&
         (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r'))
    ++at_;
}

char JsonScanner::peek() {
  skip_space();
  return at_ < text_.size() ? text_[at_] : '\0';
}

bool JsonScanner::take(char wanted) {
  skip_space();
  if (at_ == text_.size() || text_[at_] != wanted) return false;
  ++at_;
  return true;
}

bool JsonScanner::take_string(String& string) {
  if (!take('"')) return false;
  auto const begin = at_;
  string.escaped = false;
  while ((at_ += plain_length(text_.substr(at_))) < text_.size()) {
    char const c = text_[at_];
    if (c == '"') {
      string.text = text_.substr(begin, at_++ - begin);
      return true;
    }
    if (static_cast<unsigned char>(c) < 0x20) return false;
    ++at_;
    if (c != '\\') continue;
    string.escaped = true;
    if (at_ == text_.size()) return false;
    char const kind = text_[at_++];
    if (kind == 'u') {
      for (int i = 0; i < 4; ++i, ++at_)
        if (at_ == text_.size() || hex_value(text_[at_]) < 0) return false;
    } else if (!std::string_view("\"\\/bfnrt").contains(kind)) {
      return false;
    }
  }
  return false;
}

std::string_view JsonScanner::take_word() {
  skip_space();
  auto const rest = text_.substr(at_);
  std::size_t length = 0;
  for (std::string_view const word : {"true", "false", "null"})
    if (rest.starts_with(word)) length = word.size();
  if (length == 0) length = number_length(rest);
  at_ += length;
  return rest.substr(0, length);
}

bool JsonScanner::skip_members(int levels) {
  if (take('}')) return true;
  do {
    String key;
    if (!take_string(key) || !take(':') || !skip_value(levels)) return false;
  } while (take(','));
  return take('}');
}

bool JsonScanner::skip_items(int levels) {
  if (take(']')) return true;
  do {
    if (!skip_value(levels)) return false;
  } while (take(','));
  return take(']');
}

bool JsonScanner::skip_value(int levels) {
  char const first = peek();
  if (first == '"') {
    String string;
    return take_string(string);
  }
  if (first != '{' && first != '[') return !take_word().empty();
  if (levels == 0) return false;
  ++at_;
  return first == '{' ? skip_members(levels - 1) : skip_items(levels - 1);
}

bool unescape(std::string_view text, std::string& out) {
  for (std::size_t at = 0; at < text.size();) {
    auto const next = text.find('\\', at);
    out += text.substr(at, next - at);
    if (next == std::string_view::npos) return true;
    at = next;
    if (text[at + 1] == 'u') {
      std::uint32_t point = 0;
      if (!take_point(text, at, point)) return false;
      append_utf8(point, out);
      continue;
    }
    constexpr std::string_view kinds = "bfnrt";
    auto const kind = kinds.find(text[at + 1]);
    out += kind == std::string_view::npos ? text[at + 1] : "\b\f\n\r\t"[kind];
    at += 2;
  }
  return true;
}

}  // namespace hansa::avro
