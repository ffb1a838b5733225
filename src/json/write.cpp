#include <array>
#include <bit>
#include <cstring>

#include "json/value.h"

namespace hansa::json {
namespace {

// What follows the backslash for each byte: 0 for none, 'u' for \u00XX.
constexpr std::array<char, 256> escapes = [] {
  std::array<char, 256> table{};
  for (std::size_t i = 0; i < 0x20; ++i) table[i] = 'u';
  table['\b'] = 'b';
  table['\f'] = 'f';
  table['\n'] = 'n';
  table['\r'] = 'r';
  table['\t'] = 't';
  table['"'] = '"';
  table['\\'] = '\\';
  return table;
}();

constexpr std::uint64_t ones = 0x0101010101010101U;
constexpr std::uint64_t highs = 0x8080808080808080U;

// The high bit of each byte that is zero; bytes above the first hit may be marked wrongly, which is
// why only the first is used.
constexpr std::uint64_t zero_bytes(std::uint64_t word) { return (word - ones) & ~word & highs; }

// Index of the first byte at or after `from` that must be escaped; text.size() if none.
std::size_t find_escape(std::string_view text, std::size_t from) {
  if constexpr (std::endian::native == std::endian::little) {
    for (; from + 8 <= text.size(); from += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, text.data() + from, 8);
      auto const hit = ((word - ones * 0x20U) & ~word & highs) | zero_bytes(word ^ (ones * '"')) |
                       zero_bytes(word ^ (ones * '\\'));
      if (hit != 0) return from + static_cast<std::size_t>(std::countr_zero(hit)) / 8;
    }
  }
  while (from < text.size() && escapes[static_cast<unsigned char>(text[from])] == 0) ++from;
  return from;
}

void write_escape(char byte, std::string& out) {
  char const kind = escapes[static_cast<unsigned char>(byte)];
  out += '\\';
  out += kind;
  if (kind != 'u') return;
  constexpr std::string_view hex = "0123456789abcdef";
  auto const code = static_cast<unsigned char>(byte);
  out.append("00");
  out += hex[code >> 4U];
  out += hex[code & 15U];
}

class Writer {
 public:
  Writer(std::string& out, bool pretty) : out_(out), pretty_(pretty) {}

  void write(Value const& value) {
    std::visit([this](auto const& data) { write_data(data); }, value.data);
  }

 private:
  void write_data(std::nullptr_t) { out_ += "null"; }
  void write_data(bool value) { out_ += value ? "true" : "false"; }
  void write_data(Number const& value) { out_ += value.digits; }
  void write_data(std::string const& value) { write_string(value, out_); }

  void write_data(Array const& items) {
    write_list('[', ']', items, [this](Value const& item) { write(item); });
  }

  void write_data(Object const& members) {
    write_list('{', '}', members, [this](auto const& member) {
      write_string(member.first, out_);
      out_ += pretty_ ? ": " : ":";
      write(member.second);
    });
  }

  template <class List, class WriteOne>
  void write_list(char open, char close, List const& list, WriteOne write_one) {
    out_ += open;
    ++depth_;
    bool first = true;
    for (auto const& one : list) {
      if (!first) out_ += ',';
      first = false;
      break_line();
      write_one(one);
    }
    --depth_;
    if (!first) break_line();
    out_ += close;
  }

  void break_line() {
    if (!pretty_) return;
    out_ += '\n';
    out_.append(2 * depth_, ' ');
  }

  std::string& out_;
  bool pretty_;
  std::size_t depth_ = 0;
};

}  // namespace

void write_string(std::string_view text, std::string& out) {
  out += '"';
  std::size_t begin = 0;
  for (;;) {
    auto const end = find_escape(text, begin);
    out.append(text, begin, end - begin);
    if (end == text.size()) break;
    write_escape(text[end], out);
    begin = end + 1;
  }
  out += '"';
}

void write(Value const& value, std::string& out) { Writer(out, false).write(value); }

std::string to_text(Value const& value) {
  std::string out;
  write(value, out);
  return out;
}

std::string to_pretty_text(Value const& value) {
  std::string out;
  Writer(out, true).write(value);
  return out;
}

}  // namespace hansa::json
