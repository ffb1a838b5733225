#include "product/page.h"

#include <algorithm>

#include "product/answer.h"
#include "product/link.h"
#include "product/statement.h"

namespace hansa::product {
namespace {

// Where page_statement() put the column of each order term.
FieldList order_columns(ReadQuery const& query) {
  FieldList columns;
  std::size_t hidden = query.select.size();
  for (OrderTerm const& term : query.order) {
    auto const selected = std::ranges::find(query.select, term.field);
    bool const shown = selected != query.select.end();
    columns.push_back(shown ? static_cast<std::size_t>(selected - query.select.begin()) : hidden++);
  }
  return columns;
}

Cursor cursor_after(ReadQuery const& query, postgres::Rows const& rows, std::size_t row,
                    std::uint64_t position) {
  Cursor cursor{.position = position, .values = {}};
  for (std::size_t const column : order_columns(query)) {
    if (rows.is_null(row, column)) {
      cursor.values.emplace_back(std::nullopt);
    } else {
      cursor.values.emplace_back(rows.value(row, column));
    }
  }
  return cursor;
}

}  // namespace

Answer page_answer(Table const& table, ReadQuery const& query, ReadRequest const& request,
                   std::optional<Cursor> const& cursor, postgres::Rows const& rows,
                   std::optional<std::uint64_t> total, std::string_view cursor_key) {
  std::size_t const shown = std::min<std::uint64_t>(rows.size(), *query.limit);
  std::uint64_t const first = cursor ? cursor->position : query.offset;
  std::string next;
  if (shown > 0 && rows.size() > shown)
    next = seal(cursor_after(query, rows, shown - 1, first + shown), table, query, cursor_key);
  Answer answer = tagged_answer(json_page(table, query.select, rows, shown), request.if_none_match);
  answer.rows = shown;
  answer.headers.emplace_back("Link", link_header(request, next));
  answer.headers.emplace_back("Content-Range", content_range(first, shown, total));
  if (total)
    answer.headers.emplace_back("Preference-Applied", "count=" + std::string{to_text(query.count)});
  return answer;
}

}  // namespace hansa::product
