// The plan as a value: ordered steps from what is (observed) to what is declared. Pure; apply performs
// it and never decides again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/ids.h"
#include "base/result.h"

namespace hansa::plan {

enum class StepKind : std::uint8_t {
  create_role, alter_role, grant_membership,
  create_schema, alter_schema_owner,
  create_table, rename_table, drop_table, alter_table_owner,
  add_column, rename_column, drop_column, alter_column_type, set_default, drop_default,
  set_not_null, drop_not_null, set_identity, drop_identity,
  add_constraint, validate_constraint, drop_constraint,
  create_index, drop_index,
  create_view, replace_view, drop_view, set_view_options, alter_view_owner,
  grant, revoke,
  comment,
};
[[nodiscard]] std::string_view to_text(StepKind kind);   // "create table"

enum class Sign : char { add = '+', change = '~', remove = '-' };

// What a step locks while it runs, strongest first in cost to others.
enum class LockCost : std::uint8_t {
  none,             // no lock that matters to readers or writers
  brief,            // ACCESS EXCLUSIVE for a moment, no scan: metadata only
  scan_concurrent,  // reads the table, writers go on (VALIDATE, CREATE INDEX CONCURRENTLY)
  blocks_writes,    // scans while writers wait
  rewrites,         // rewrites the table under ACCESS EXCLUSIVE
};
[[nodiscard]] std::string_view to_text(LockCost cost);

struct Step {
  StepKind kind{};
  Sign sign = Sign::add;
  DomainName domain;
  std::string object;        // "products.product", "products.product.price", "role shop_products_owner"
  std::string summary;       // "create table products.product (6 columns)"
  std::string reason;        // "declared in domains/products/catalog/product.v1.odcs.yaml:8"
  LockCost lock = LockCost::none;
  bool destroys_data = false;
  bool transactional = true;         // false: CREATE INDEX CONCURRENTLY and the like
  std::string run_as;                // role SET for the step; empty: the applying role
  std::vector<std::string> sql;      // statements of the step, in order
  std::vector<std::string> notes;    // warnings worth reading before apply
};

struct Plan {
  std::vector<Step> steps;
  // Differences that no step may mend: unmanaged tables that do not fit, strangers' objects in the way.
  std::vector<Error> refusals;

  [[nodiscard]] bool empty() const { return steps.empty() && refusals.empty(); }
  [[nodiscard]] bool destroys_data() const;
};

// For people: `+ create table products.product   (reason; lock; destroys data)`, grouped by domain,
// ending in a summary line "Plan: 12 to add, 1 to change, 0 to remove."
[[nodiscard]] std::string to_text(Plan const& plan, Colour colour);
// For machines: {"version":1,"steps":[...],"refusals":[...],"summary":{...}}.
[[nodiscard]] std::string to_json(Plan const& plan);

}  // namespace hansa::plan
