// Text for a shell. Pure.
#pragma once

#include <string>
#include <string_view>

namespace hansa::cli {

// `text` as one word of a POSIX shell, in single quotes.
[[nodiscard]] inline std::string shell_word(std::string_view text) {
  std::string out = "'";
  for (char const c : text) out += c == '\'' ? std::string{"'\\''"} : std::string{c};
  return out + "'";
}

}  // namespace hansa::cli
