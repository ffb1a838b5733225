// The rows of a page and what is known around them, as an answer. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "postgres/rows.h"
#include "product/cursor.h"
#include "product/query.h"

namespace hansa::product {

// `rows` came from page_statement(); `cursor` is the one the page started from. Body, ETag (or
// 304), Link, Content-Range and Preference-Applied.
[[nodiscard]] Answer page_answer(Table const& table, ReadQuery const& query,
                                 ReadRequest const& request, std::optional<Cursor> const& cursor,
                                 postgres::Rows const& rows, std::optional<std::uint64_t> total,
                                 std::string_view cursor_key);

}  // namespace hansa::product
