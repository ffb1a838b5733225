// From a query to SQL: one of a finite set of texts, and the values as parameters. Pure.
//
// The text depends on which columns are compared, how, in which order and whether a key value is
// NULL; never on a value. Reading goes through the view of the table's major.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "postgres/rows.h"
#include "product/cursor.h"
#include "product/query.h"

namespace hansa::product {

// The lane of DESIGN section 5 a statement may take. pipelined: bounded and indexed for certain.
enum class Lane : std::uint8_t { pipelined, leased };

struct Statement {
  std::string sql;
  postgres::Params params;
};

// A page and one row more, which says whether there is a next one. Its columns are `query.select`,
// then those of `query.order` that are not selected (hidden_fields).
[[nodiscard]] Statement page_statement(Table const& table, ReadQuery const& query,
                                       std::optional<Cursor> const& cursor);
// Order terms that are not selected, in order: what the cursor needs beside the answer.
[[nodiscard]] FieldList hidden_fields(ReadQuery const& query);

// How many rows the filters leave.
[[nodiscard]] Statement count_statement(Table const& table, ReadQuery const& query);
// The planner's opinion of the same, as EXPLAIN's JSON.
[[nodiscard]] Statement explain_statement(Table const& table, ReadQuery const& query);
// Rows of the private table by PostgreSQL's statistics; negative when it was never analysed.
[[nodiscard]] Statement statistics_statement(Table const& table);

// One row by key. `key`: its values in key order.
[[nodiscard]] Statement get_statement(Table const& table, FieldList const& select,
                                      postgres::Params key);

// Key look-ups need no judgement. A list is pipelined when its filters are equalities or ranges an
// index serves, and no row has to be skipped or sorted at length: one slow statement there delays
// everybody.
[[nodiscard]] Lane lane(Table const& table, ReadQuery const& query,
                        std::optional<Cursor> const& cursor);

}  // namespace hansa::product
