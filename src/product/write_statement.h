// Writes as SQL: one of a finite set of texts, and the values as parameters. Pure. Writing goes to
// the private table by its physical names and answers in the contract's (Table::returning).
//
// A change of a table that feeds topics tells capture, whose triggers fire behind it, where it came
// from: settings that end with its transaction, made by the statement itself, in a column behind
// those of the answer. So a change costs no second statement and leaks into none.
#pragma once

#include <span>
#include <string_view>

#include "postgres/rows.h"
#include "product/body.h"
#include "product/service.h"
#include "product/statement.h"
#include "product/table.h"

namespace hansa::product {

// Of the request that makes a change. Views into it; empty: not known.
struct Origin {
  std::string_view trace;
  std::string_view actor;
};
// Of an actor over 255 bytes the characters that fit.
[[nodiscard]] Origin origin_of(WriteRequest const& request);

[[nodiscard]] Statement insert_one(Table const& table, NewRow const& row, Origin const& origin);
// Rows that give the same columns, in their order. One statement text per set of columns.
[[nodiscard]] Statement insert_many(Table const& table, std::span<NewRow const* const> rows,
                                    Origin const& origin);

// Sets `fields` to `values` in the row with `key`; the changed row, or none.
[[nodiscard]] Statement update_one(Table const& table, FieldList const& fields,
                                   postgres::Params values, postgres::Params const& key,
                                   Origin const& origin);
[[nodiscard]] Statement delete_one(Table const& table, postgres::Params key, Origin const& origin);
// The whole row in the contract's names, locked until the transaction ends.
[[nodiscard]] Statement lock_one(Table const& table, postgres::Params key);

// The identity column of a row that gives it, if any.
[[nodiscard]] std::optional<std::size_t> given_identity(Table const& table, NewRow const& row);
// Moves the identity's sequence up to `value` if it lies behind, so that the next generated value
// is free. A short gap is walked with nextval(), a long one jumped with setval(): between reading
// and jumping nobody draws a thousand. Values in the upper half of the type's range move nothing,
// or one request could use up all that are left.
[[nodiscard]] Statement advance_identity(Table const& table, std::size_t field, std::int64_t value);

}  // namespace hansa::product
