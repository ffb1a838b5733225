// Steps over JSON text (RFC 8259) without a tree: where values begin and end. Pure; never reads
// beyond the text. Whether strings are UTF-8 is left to who uses them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hansa::avro {

class JsonScanner {
 public:
  // A string between its quotes, as it stands.
  struct String {
    std::string_view text;
    bool escaped = false;  // has escapes: unescape() it
  };

  explicit JsonScanner(std::string_view text) : text_(text) {}

  // Skips white space, then takes `wanted` if it stands there.
  [[nodiscard]] bool take(char wanted);
  // The byte behind white space, 0 at the end.
  [[nodiscard]] char peek();
  // False if there is no well-formed string.
  [[nodiscard]] bool take_string(String& string);
  // A number, true, false or null as it stands; empty if there is none.
  [[nodiscard]] std::string_view take_word();
  // One value of any kind, with at most `levels` arrays and objects within each other. False if it
  // is malformed.
  [[nodiscard]] bool skip_value(int levels);

  [[nodiscard]] bool at_end() { return peek() == 0 && at_ == text_.size(); }
  [[nodiscard]] std::size_t position() const { return at_; }

 private:
  [[nodiscard]] bool skip_members(int levels);
  [[nodiscard]] bool skip_items(int levels);
  void skip_space();

  std::string_view text_;
  std::size_t at_ = 0;
};

// Appends what a string with escapes says, as UTF-8. False for a lone surrogate. Requires a text
// that take_string gave.
[[nodiscard]] bool unescape(std::string_view text, std::string& out);

}  // namespace hansa::avro
