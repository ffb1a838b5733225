// The body of a write, checked against the contract: every fault of it in one answer. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"
#include "postgres/rows.h"
#include "product/service.h"
#include "product/table.h"

namespace hansa::product {

// A row to insert. Columns that are not listed are left to the database: identities, default
// expressions and, where the table is someone else's, whatever was not given.
struct NewRow {
  FieldList fields;         // in the contract's order
  postgres::Params values;  // one per field
};

enum class BodyShape : std::uint8_t { object, array };

struct NewRows {
  BodyShape shape = BodyShape::object;
  std::vector<NewRow> rows;  // at least one
};

// One object, or an array of up to Settings::post_rows_max. Literal defaults are filled in. Errors:
// malformed_json, too_complex, body_too_large; invalid_body, listing every field at fault by its
// JSON Pointer.
[[nodiscard]] Result<NewRows> read_new_rows(Table const& table, std::string_view body,
                                            Settings const& settings);

// A JSON merge patch (RFC 7396) over the columns.
struct Patch {
  FieldList fields;  // set to `values`
  postgres::Params values;
  struct Merge {
    std::size_t field;  // a json column to be merged with an object
    json::Value patch;
  };
  std::vector<Merge> merges;
  [[nodiscard]] bool empty() const { return fields.empty() && merges.empty(); }
};

// `key`: the row's key in key order; the body may repeat it but not change it. Same errors.
[[nodiscard]] Result<Patch> read_patch(Table const& table, postgres::Params const& key,
                                       std::string_view body);

// RFC 7396: `patch` applied to `target`.
[[nodiscard]] json::Value merged(json::Value target, json::Value const& patch);

// `stored`, a json column's text (nullopt: NULL), after `merge`, as PostgreSQL's text. Error:
// invalid_body if the outcome breaks the column's rules.
[[nodiscard]] Result<std::string> merged_text(Table const& table, Patch::Merge const& merge,
                                              postgres::Param const& stored);

}  // namespace hansa::product
