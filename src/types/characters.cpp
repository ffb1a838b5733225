#include "types/characters.h"

#include <cstring>

namespace hansa::types {
namespace {

using Byte = unsigned char;

bool is_continuation(char c) { return (static_cast<Byte>(c) & 0xC0U) == 0x80U; }

// Length of the well-formed sequence that starts with a byte of 0x80 and above; 0 if it is none
// (Unicode table 3-7).
std::size_t sequence_length(std::string_view text) {
  auto const first = static_cast<Byte>(text[0]);
  std::size_t const length = first < 0xC2   ? 0
                             : first < 0xE0 ? 2
                             : first < 0xF0 ? 3
                             : first < 0xF5 ? 4
                                            : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if (!is_continuation(text[i])) return 0;
  auto const second = static_cast<Byte>(text[1]);
  bool const wrong = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
                     (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
  return wrong ? 0 : length;
}

// Eight ASCII characters, none of them NUL.
bool is_plain_word(char const* at) {
  constexpr std::uint64_t ones = 0x0101010101010101U;
  constexpr std::uint64_t highs = 0x8080808080808080U;
  std::uint64_t word = 0;
  std::memcpy(&word, at, 8);
  return ((word | ((word - ones) & ~word)) & highs) == 0;
}

constexpr std::string_view base64_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

}  // namespace

CharacterCount count_characters(std::string_view text) {
  CharacterCount count;
  std::size_t at = 0;
  while (at < text.size()) {
    if (at + 8 <= text.size() && is_plain_word(text.data() + at)) {
      at += 8;
      count.characters += 8;
      continue;
    }
    auto const byte = static_cast<Byte>(text[at]);
    if (byte == 0) return {CharacterCount::Fault::nul, 0};
    std::size_t const length = byte < 0x80 ? 1 : sequence_length(text.substr(at));
    if (length == 0) return {CharacterCount::Fault::not_utf8, 0};
    at += length;
    ++count.characters;
  }
  return count;
}

void append_base64(std::string_view bytes, std::string& out) {
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    auto const left = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i)
      group = (group << 8U) | (i < left ? static_cast<Byte>(bytes[at + i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i)
      out += i <= left ? base64_alphabet[(group >> (18 - 6 * i)) & 63U] : '=';
  }
}

bool decode_base64(std::string_view text, std::string& out) {
  if (text.size() % 4 != 0) return false;
  for (std::size_t at = 0; at < text.size(); at += 4) {
    auto const group = text.substr(at, 4);
    bool const last = at + 4 == text.size();
    std::size_t padding = 0;
    if (last && group[3] == '=') padding = group[2] == '=' ? 2 : 1;
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      int const value = i >= 4 - padding ? 0 : base64_value(group[i]);
      if (value < 0) return false;
      bits = (bits << 6U) | static_cast<std::uint32_t>(value);
    }
    if ((bits & ((1U << (8 * padding)) - 1U)) != 0) return false;
    for (std::size_t i = 0; i < 3 - padding; ++i)
      out += static_cast<char>((bits >> (16 - 8 * i)) & 0xFFU);
  }
  return true;
}

void append_hex_bytes(std::string_view bytes, std::string& out) {
  constexpr std::string_view hex = "0123456789abcdef";
  out += "\\x";
  for (char const c : bytes) {
    out += hex[static_cast<Byte>(c) >> 4U];
    out += hex[static_cast<Byte>(c) & 15U];
  }
}

bool decode_hex_bytes(std::string_view text, std::string& out) {
  if (!text.starts_with("\\x") || text.size() % 2 != 0) return false;
  for (std::size_t at = 2; at < text.size(); at += 2) {
    int const high = hex_value(text[at]);
    int const low = hex_value(text[at + 1]);
    if (high < 0 || low < 0) return false;
    out += static_cast<char>(high * 16 + low);
  }
  return true;
}

}  // namespace hansa::types
