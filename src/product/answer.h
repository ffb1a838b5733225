// Rows to bytes: JSON written straight from PostgreSQL's text, entity tags, list headers. Pure; the
// hot path of every answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "postgres/rows.h"
#include "product/service.h"
#include "product/table.h"

namespace hansa::product {

// Appends row `row` as a JSON object. Column i of `rows` is field `fields[i]`; further columns are
// not shown.
void append_row(Table const& table, FieldList const& fields, postgres::Rows const& rows,
                std::size_t row, std::string& out);

// The same of columns of `rows` chosen by field: `rows` has every field in the contract's order.
void append_chosen(Table const& table, FieldList const& fields, postgres::Rows const& rows,
                   std::size_t row, std::string& out);

// `[{...},{...}]` of the first `count` rows.
[[nodiscard]] std::string json_page(Table const& table, FieldList const& fields,
                                    postgres::Rows const& rows, std::size_t count);

// A strong entity tag (RFC 9110 section 8.8.3): half of the body's SHA-256, in quotes.
[[nodiscard]] std::string entity_tag(std::string_view body);

// If-None-Match: weak comparison against a list or `*`. Empty header: false.
[[nodiscard]] bool matches_weakly(std::string_view header, std::string_view tag);
// If-Match: strong comparison, so a weak tag never matches. Empty header: false.
[[nodiscard]] bool matches_strongly(std::string_view header, std::string_view tag);

// "0-19/200", "*/0": where a page of `shown` rows that starts at `first` stands.
[[nodiscard]] std::string content_range(std::uint64_t first, std::uint64_t shown,
                                        std::optional<std::uint64_t> total);

// A body with its tag: 200, or 304 without body when `if_none_match` has the tag.
[[nodiscard]] Answer tagged_answer(std::string body, std::string_view if_none_match);

}  // namespace hansa::product
