// Columns: added and dropped, nullable or not, with which default, identity or not.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "plan/ddl.h"
#include "plan/draft.h"

namespace hansa::plan {
namespace {

std::string full_name(Table const& table, Column const& column) {
  return to_text(table.address) + "." + column.name;
}

using Added = std::set<std::string>;

std::string alter(Table const& table, Column const& column, std::string const& clause) {
  return fmt::format("alter table {} alter column {} {}", quoted(table.address),
                     quoted(column.name), clause);
}

Probe rows_without_value(Table const& live, Column const& column) {
  return {
      .sql = rows_where(live, "true"),
      .run_as = live.owner,
      .rule = fmt::format("{} is required and has no default, and the table has rows",
                          full_name(live, column)),
      .hint = "give it a default (hansa.default), or add it as optional, fill it, then require it"};
}

void add_column(Draft& draft, Column const& column, Table& live) {
  bool const generated = !column.sequence.empty();
  Step step{.kind = StepKind::add_column,
            .object = full_name(live, column),
            .summary = fmt::format("add column {} {}", full_name(live, column), column.type),
            .reason = column.where,
            .lock = LockCost::brief,
            .run_as = live.owner,
            .records = records_of(live.address, column)};
  if (column.volatile_default && !column.not_null) {
    // Rows that exist stay without a value: giving each its own would rewrite the table.
    Column bare = column;
    bare.default_sql.clear();
    step.sql = {fmt::format("alter table {} add column {}", quoted(live.address),
                            column_clause(live.address, bare)),
                alter(live, column, "set default " + column.default_sql)};
  } else {
    step.sql = {fmt::format("alter table {} add column {}", quoted(live.address),
                            column_clause(live.address, column))};
    if (generated || column.volatile_default) step.lock = LockCost::rewrites;
    if (column.not_null && column.default_sql.empty() && !generated)
      step.probe = rows_without_value(live, column);
  }
  draft.add(Phase::column, std::move(step));
  if (!column.default_sql.empty())
    draft.live
        .records[{PartKind::default_value, live.address.schema, live.address.name, column.name}] = {
        .domain = draft.domain.text(), .declared = column.default_sql};
  Column made = column;
  made.comment.clear();
  live.columns.push_back(std::move(made));
}

// New columns of the same type: one of them may be what the column that goes is called now.
std::vector<std::string> twins_of(Column const& gone, Table const& desired, Added const& added) {
  std::vector<std::string> out;
  for (Column const& column : desired.columns)
    if (added.contains(column.name) && column.type == gone.type) out.push_back(column.name);
  return out;
}

void drop_column(Draft& draft, Column const& column, Table const& desired, Table const& live,
                 Added const& added) {
  auto const* record = draft.recorded(PartKind::column, live.address, column.name);
  Step step{.kind = StepKind::drop_column,
            .sign = Sign::remove,
            .object = full_name(live, column),
            .summary = fmt::format("drop column {} {}", full_name(live, column), column.type),
            .reason = undeclared(record),
            .lock = LockCost::brief,
            .destroys_data = true,
            .run_as = live.owner,
            .sql = {fmt::format("alter table {} drop column {}", quoted(live.address),
                                quoted(column.name))},
            .records = {forget_record(PartKind::column, live.address, column.name)}};
  if (auto const now = twins_of(column, desired, added); !now.empty())
    step.notes.push_back(fmt::format("if this is a rename, say hansa.renamedFrom: {} on {}",
                                     column.name, fmt::join(now, " or ")));
  draft.add(Phase::drop_column, std::move(step));
}

// The check that stands in while rows are looked through without a lock.
std::string stand_in_name(Table const& table, Column const& column) {
  return bounded_name(fmt::format("{}_{}_hansa_not_null", table.address.name, column.name));
}

Step not_null_step(StepKind kind, Table const& live, Column const& column, std::string summary) {
  return {.kind = kind,
          .sign = Sign::change,
          .object = full_name(live, column),
          .summary = std::move(summary),
          .reason = "required, " + column.where,
          .run_as = live.owner,
          .probe = {.sql = rows_where(live, quoted(column.name) + " is null"),
                    .run_as = live.owner,
                    .rule = full_name(live, column) + " is required",
                    .hint = fmt::format("fill these rows, or keep the column optional; they are: "
                                        "select * from {} where {} is null",
                                        quoted(live.address), quoted(column.name))}};
}

// SET NOT NULL alone would look through the table while everybody waits; with a validated check
// that says the same, PostgreSQL (12 and newer) takes its word.
void set_not_null(Draft& draft, Column const& desired, Column& column, Table& live) {
  auto const name = stand_in_name(live, desired);
  auto const table = quoted(live.address);
  auto const found = std::ranges::find(live.checks, name, &Check::name);
  bool const exists = found != live.checks.end();
  if (!exists) {
    auto step = not_null_step(StepKind::add_constraint, live, desired,
                              fmt::format("require {} of new rows", full_name(live, desired)));
    step.lock = LockCost::brief;
    step.sql = {fmt::format("alter table {} add constraint {} check ({} is not null) not valid",
                            table, quoted(name), quoted(desired.name))};
    draft.add(Phase::check, std::move(step));
  }
  if (!exists || !found->validated) {
    auto step = not_null_step(
        StepKind::validate_constraint, live, desired,
        fmt::format("look through {} for rows without {}", to_text(live.address), desired.name));
    step.lock = LockCost::scan_concurrent;
    step.sql = {fmt::format("alter table {} validate constraint {}", table, quoted(name))};
    step.undo = {fmt::format("alter table {} drop constraint if exists {}", table, quoted(name))};
    draft.add(Phase::check, std::move(step));
  }
  auto step = not_null_step(StepKind::set_not_null, live, desired,
                            fmt::format("make {} not null", full_name(live, desired)));
  step.lock = LockCost::brief;
  step.sql = {alter(live, desired, "set not null"),
              fmt::format("alter table {} drop constraint {}", table, quoted(name))};
  draft.add(Phase::check, std::move(step));
  if (exists) live.checks.erase(found);
  column.not_null = true;
}

void drop_not_null(Draft& draft, Column const& desired, Column& column, Table const& live) {
  draft.add(Phase::column, {.kind = StepKind::drop_not_null,
                            .sign = Sign::change,
                            .object = full_name(live, desired),
                            .summary = fmt::format("make {} nullable", full_name(live, desired)),
                            .reason = "not required, " + desired.where,
                            .lock = LockCost::brief,
                            .run_as = live.owner,
                            .sql = {alter(live, desired, "drop not null")}});
  column.not_null = false;
}

void compare_default(Draft& draft, Column const& desired, Column const& column, Table const& live) {
  auto const* record = draft.recorded(PartKind::default_value, live.address, desired.name);
  Step step{.sign = Sign::change,
            .object = full_name(live, desired),
            .lock = LockCost::brief,
            .run_as = live.owner};
  if (desired.default_sql.empty()) {
    if (column.default_sql.empty()) return;
    step.kind = StepKind::drop_default;
    step.summary = fmt::format("drop the default of {}", full_name(live, desired));
    step.reason = undeclared(record);
    step.sql = {alter(live, desired, "drop default")};
    step.records = {forget_record(PartKind::default_value, live.address, desired.name)};
    draft.add(Phase::column, std::move(step));
    return;
  }
  auto const standing = draft.standing(record, desired.default_sql, column.default_sql);
  if (standing == Draft::Standing::as_declared) return;
  step.kind = StepKind::set_default;
  step.summary =
      fmt::format("set the default of {} to {}", full_name(live, desired), desired.default_sql);
  step.reason = reason_of(standing, desired.where);
  step.sql = {alter(live, desired, "set default " + desired.default_sql)};
  step.records = {
      write_record(PartKind::default_value, live.address, desired.name, desired.default_sql)};
  draft.add(Phase::column, std::move(step));
}

// New identities go on behind the largest value there is.
std::vector<std::string> identity_sql(Table const& live, Column const& desired, bool drop_default) {
  auto const sequence = quoted(Address{live.address.schema, desired.sequence});
  std::vector<std::string> sql;
  if (drop_default) sql.push_back(alter(live, desired, "drop default"));
  sql.push_back(
      alter(live, desired,
            fmt::format("add generated by default as identity (sequence name {})", sequence)));
  sql.push_back(
      fmt::format("select pg_catalog.setval({}, greatest((select max({}) from {}), 0) + 1, false)",
                  literal(sequence), quoted(desired.name), quoted(live.address)));
  return sql;
}

void compare_identity(Draft& draft, Column const& desired, Column& column, Table& live) {
  if (desired.sequence == column.sequence) return;
  Step step{.sign = Sign::change,
            .object = full_name(live, desired),
            .reason = desired.where,
            .lock = LockCost::brief,
            .run_as = live.owner};
  if (desired.sequence.empty()) {
    step.kind = StepKind::drop_identity;
    step.summary = fmt::format("{} no longer draws its values", full_name(live, desired));
    step.sql = {alter(live, desired, "drop identity")};
    live.sequences.erase(column.sequence);
  } else if (column.sequence.empty()) {
    step.kind = StepKind::set_identity;
    step.summary = fmt::format("{} draws its values from a sequence", full_name(live, desired));
    step.sql = identity_sql(live, desired, !column.default_sql.empty());
    live.sequences[desired.sequence] = {};
    column.default_sql.clear();
  } else {
    step.kind = StepKind::set_identity;
    step.summary = fmt::format("rename sequence {} to {}", column.sequence, desired.sequence);
    step.sql = {fmt::format("alter sequence {} rename to {}",
                            quoted(Address{live.address.schema, column.sequence}),
                            quoted(desired.sequence))};
    auto node = live.sequences.extract(column.sequence);
    if (!node.empty()) {
      node.key() = desired.sequence;
      live.sequences.insert(std::move(node));
    }
  }
  column.sequence = desired.sequence;
  draft.add(desired.not_null ? Phase::check : Phase::column, std::move(step));
}

}  // namespace

void compare_columns(Draft& draft, Table const& desired, Table& live) {
  Added added;
  for (Column const& column : desired.columns) {
    Column* found = live.find(column.name);
    if (found == nullptr) {
      added.insert(column.name);
      if (!column.sequence.empty()) live.sequences[column.sequence] = {};
      add_column(draft, column, live);
      continue;
    }
    if (column.not_null && !found->not_null) set_not_null(draft, column, *found, live);
    compare_identity(draft, column, *found, live);
    if (!column.not_null && found->not_null) drop_not_null(draft, column, *found, live);
    if (column.type == found->type) compare_default(draft, column, *found, live);
  }
  for (Column const& column : live.columns)
    if (desired.find(column.name) == nullptr) drop_column(draft, column, desired, live, added);
}

}  // namespace hansa::plan
