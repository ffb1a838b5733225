// The text check: strict UTF-8 (RFC 3629) and no control characters but tab and line ends.
#include <fmt/format.h>

#include <cstdint>

#include "spec/yaml.h"

namespace hansa::spec {

namespace {

// Length of the well-formed sequence at `at`, or 0.
std::size_t sequence_length(std::string_view text, std::size_t at) {
  auto const byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  std::uint8_t const lead = byte(at);
  if (lead < 0x80) return 1;
  std::size_t const length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || at + length > text.size()) return 0;
  for (std::size_t i = at + 1; i < at + length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return 0;
  }
  std::uint8_t const second = byte(at + 1);
  if (lead == 0xE0 && second < 0xA0) return 0;  // overlong
  if (lead == 0xED && second > 0x9F) return 0;  // surrogates
  if (lead == 0xF0 && second < 0x90) return 0;  // overlong
  if (lead == 0xF4 && second > 0x8F) return 0;  // beyond U+10FFFF
  return length;
}

bool is_refused_control(std::string_view text, std::size_t at) {
  auto const byte = static_cast<std::uint8_t>(text[at]);
  if (byte == '\r') return at + 1 >= text.size() || text[at + 1] != '\n';
  return (byte < 0x20 && byte != '\t' && byte != '\n') || byte == 0x7F;
}

}  // namespace

bool check_text(std::string const& file, std::string_view text, Diagnostics& diagnostics) {
  std::uint32_t line = 1;
  std::size_t line_start = 0;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t const length = sequence_length(text, at);
    SourceRange const where{file, line, static_cast<std::uint32_t>(at - line_start + 1), 1};
    if (length == 0) {
      diagnostics.error(
          Code::invalid_text, where,
          fmt::format("byte 0x{:02X} is not UTF-8 here", static_cast<std::uint8_t>(text[at])),
          "save the file as UTF-8");
      return false;
    }
    if (is_refused_control(text, at)) {
      diagnostics.error(Code::invalid_text, where,
                        fmt::format("control character U+{:04X} is not allowed",
                                    static_cast<std::uint8_t>(text[at])));
      return false;
    }
    if (text[at] == '\n') {
      ++line;
      line_start = at + 1;
    }
    at += length;
  }
  return true;
}

}  // namespace hansa::spec
