// Text of strangers on a terminal. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hansa::cli {

// `text` with what would move a terminal's cursor or colour as "\x1b": control characters of ASCII
// and of Latin-1, what is no UTF-8, and marks that change the direction of writing.
[[nodiscard]] std::string printable(std::string_view text);

// `text` with U+FFFD for each byte that is no part of UTF-8.
[[nodiscard]] std::string as_utf8(std::string_view text);

// How many characters a terminal shows, taking each for one column wide.
[[nodiscard]] std::size_t width_of(std::string_view text);

}  // namespace hansa::cli
