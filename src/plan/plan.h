// The plan as a value: ordered steps from what is (observed) to what is declared. Pure; apply
// performs it and never decides again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/ids.h"
#include "base/result.h"
#include "plan/record.h"

namespace hansa::plan {

enum class StepKind : std::uint8_t {
  create_role,
  alter_role,
  grant_membership,
  create_schema,
  alter_schema_owner,
  drop_schema,
  create_table,
  adopt_table,
  rename_table,
  drop_table,
  alter_table_owner,
  add_column,
  rename_column,
  drop_column,
  alter_column_type,
  set_default,
  drop_default,
  set_not_null,
  drop_not_null,
  set_identity,
  drop_identity,
  add_constraint,
  rename_constraint,
  validate_constraint,
  drop_constraint,
  create_index,
  rename_index,
  drop_index,
  create_view,
  replace_view,
  drop_view,
  set_view_options,
  alter_view_owner,
  create_function,
  replace_function,
  drop_function,
  alter_function_owner,
  create_trigger,
  replace_trigger,
  drop_trigger,
  create_topic,
  alter_topic,
  drop_topic,
  grant,
  revoke,
  comment,
};
[[nodiscard]] std::string_view to_text(StepKind kind);  // "create table"

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

// Rows that are in the way of a new rule, asked for when planning and again when the step fails.
struct Probe {
  std::string sql;  // at most probe_rows_max rows of one text column, an example's key; empty: none
  std::string run_as;        // a role that may read the table
  std::string rule;          // "products.product.stock must be at least 0", begins the message
  std::string hint;          // ends in the SELECT that lists them all
  std::string noun = "row";  // what is counted: "value" where several rows share one
};
inline constexpr int probe_rows_max = 1000;

struct Step {
  StepKind kind{};
  Sign sign = Sign::add;
  DomainName domain;
  std::string object;   // "products.product", "products.product.price", "role shop_products_owner"
  std::string summary;  // "create table products.product (6 columns)"
  std::string reason;   // "declared in domains/products/catalog/product.v1.odcs.yaml:8"
  LockCost lock = LockCost::none;
  bool destroys_data = false;
  bool transactional = true;          // false: CREATE INDEX CONCURRENTLY and the like
  std::string run_as;                 // role SET for the step; empty: the applying role
  std::vector<std::string> sql;       // statements of the step, in order; may SET LOCAL ROLE
  std::vector<std::string> notes;     // warnings worth reading before apply
  std::vector<RecordChange> records;  // of ownership, written in the step's transaction
  Probe probe;
  // Performed when the step failed for good, so that nothing half-done stays.
  std::vector<std::string> undo;
  std::vector<RecordChange> undo_records;
};

struct Plan {
  std::vector<Step> steps;
  // Differences that no step may mend: unmanaged tables that do not fit, strangers' objects in the
  // way.
  std::vector<Error> refusals;
  // Worth knowing, nothing to do: strangers' tables in Hansa's schemas. They do not make a plan.
  std::vector<std::string> notes;

  [[nodiscard]] bool empty() const { return steps.empty() && refusals.empty(); }
  [[nodiscard]] bool destroys_data() const;
};

// For people: `+ create table products.product   (reason; lock; destroys data)`, grouped by domain,
// ending in a summary line "Plan: 12 to add, 1 to change, 0 to remove."; or, when there is nothing
// to do, the sentence "No changes. The database is as declared."
[[nodiscard]] std::string to_text(Plan const& plan, Colour colour);
// For machines, without white space; members are only ever added:
//   {"version":1,
//    "steps":[{"kind":"create_table","sign":"+","domain","object","summary","reason",
//              "lock":"none|brief|scan_concurrent|blocks_writes|rewrites","destroys_data":bool,
//              "transactional":bool,"run_as","sql":[...],"notes":[...]}, ...],     in order of
//              apply
//    "refusals":[{"code":"H3008","name":"foreign-object","detail","hint"}, ...],
//    "notes":[...],
//    "summary":{"add":n,"change":n,"remove":n,"destroys_data":n,"refused":n}}
[[nodiscard]] std::string to_json(Plan const& plan);

}  // namespace hansa::plan
