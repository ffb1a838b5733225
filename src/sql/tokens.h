// The cheap look at a text before PostgreSQL's parser sees it: bounds on bytes, tokens and nesting,
// since the parser recurses without a guard. Pure.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "sql/sql.h"

namespace hansa::sql {

struct Token {
  std::size_t begin = 0;  // bytes
  std::size_t end = 0;
  int symbol = 0;  // the grammar's number; an ASCII character stands for itself
};

// The tokens without comments, or why the text may not be parsed. Requires at most text_bytes_max.
[[nodiscard]] std::expected<std::vector<Token>, Violation> scan(std::string const& text);

// libpg_query counts characters from 1, we count bytes from 0; clamped to the text.
[[nodiscard]] std::size_t byte_of_character(std::string_view text, int character);

}  // namespace hansa::sql
