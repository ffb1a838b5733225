// Indexes and the primary key of one table. On a table that exists, nothing here makes writers
// wait.
#include <fmt/format.h>

#include <algorithm>

#include "plan/ddl.h"
#include "plan/draft.h"

namespace hansa::plan {
namespace {

bool says_the_same(Index const& a, Index const& b) {
  return a.columns == b.columns && a.unique == b.unique && a.primary == b.primary &&
         a.plain == b.plain && a.constraint == b.constraint;
}

Address address_of(Table const& table, Index const& index) {
  return {table.address.schema, index.name};
}

std::string full_name(Table const& table, Index const& index) {
  return to_text(table.address) + "." + index.name;
}

Probe doubles(Table const& live, Index const& index) {
  if (!index.unique) return {};
  std::string present;
  for (auto const& name : index.columns)
    present += (present.empty() ? "" : " and ") + quoted(name) + " is not null";
  auto const columns = quoted_list(index.columns);
  return {
      .sql = fmt::format("select concat({4}, ' stands in ', count(*), ' rows') from {1} where {2} "
                         "group by {0} having count(*) > 1 order by {0} limit {3}",
                         columns, quoted(live.address), present, probe_rows_max + 1,
                         named_values(index.columns, "")),
      .run_as = live.owner,
      .rule = fmt::format("{} ({}) must be unique", to_text(live.address), listed(index.columns)),
      .hint = fmt::format("make these values unique first; they are: select {0}, count(*) from {1} "
                          "where {2} group by {0} having count(*) > 1",
                          columns, quoted(live.address), present),
      .noun = "value"};
}

bool has_all_columns(Table const& live, Index const& index) {
  return std::ranges::all_of(index.columns, [&](auto const& name) { return live.find(name); });
}

std::string drop_sql(Table const& live, Index const& index) {
  if (index.primary || index.constraint)
    return fmt::format("alter table {} drop constraint {}", quoted(live.address),
                       quoted(index.name));
  return fmt::format("drop index concurrently {}", quoted(address_of(live, index)));
}

// One statement after the other, outside a transaction: what an interruption leaves is an index
// that is invalid or missing, and both are seen and mended by the next plan.
void create(Draft& draft, Table const& desired, Table const& live, Index const& index,
            Index const* old, std::string reason) {
  Step step{
      .kind = StepKind::create_index,
      .sign = old == nullptr ? Sign::add : Sign::change,
      .object = full_name(live, index),
      .summary = fmt::format("{} {}index {} on {} ({})", old == nullptr ? "create" : "rebuild",
                             index.unique ? "unique " : "", index.name, to_text(live.address),
                             listed(index.columns)),
      .reason = std::move(reason) + desired.where,
      .lock = LockCost::scan_concurrent,
      .transactional = false,
      .run_as = live.owner,
      .records = {write_record(PartKind::index, live.address, index.name)}};
  // Columns that this very plan adds cannot hold doubles, nor be asked.
  if (has_all_columns(live, index)) step.probe = doubles(live, index);
  if (old != nullptr) step.sql.push_back(drop_sql(live, *old));
  step.sql.push_back(create_index_sql(live.address, index, Build::concurrent));
  step.undo = {
      fmt::format("drop index concurrently if exists {}", quoted(address_of(live, index)))};
  step.undo_records = {forget_record(PartKind::index, live.address, index.name)};
  if (index.primary) {
    step.summary = fmt::format("make ({}) the primary key of {}", listed(index.columns),
                               to_text(live.address));
    step.sql.push_back(fmt::format("alter table {0} add constraint {1} primary key using index {1}",
                                   quoted(live.address), quoted(index.name)));
  }
  draft.add(Phase::index, std::move(step));
}

void rename(Draft& draft, Table const& live, Index& found, Index const& index) {
  draft.add(Phase::index,
            {.kind = StepKind::rename_index,
             .sign = Sign::change,
             .object = full_name(live, index),
             .summary = fmt::format("rename index {} to {}", found.name, index.name),
             .reason = "follows the name of its table or column",
             .lock = LockCost::brief,
             .run_as = live.owner,
             .sql = {fmt::format("alter index {} rename to {}", quoted(address_of(live, found)),
                                 quoted(index.name))},
             .records = {forget_record(PartKind::index, live.address, found.name),
                         write_record(PartKind::index, live.address, index.name)}});
  found.name = index.name;
}

void compare_one(Draft& draft, Table const& desired, Table& live, Index const& index) {
  auto const found = std::ranges::find(live.indexes, index.name, &Index::name);
  if (found != live.indexes.end()) {
    if (!found->valid)
      create(draft, desired, live, index, &*found, "left unfinished by an interrupted build; ");
    else if (!says_the_same(*found, index))
      create(draft, desired, live, index, &*found, "differs from what is declared; ");
    return;
  }
  auto const twin = std::ranges::find_if(live.indexes, [&](Index const& other) {
    return other.valid && says_the_same(other, index) && !has_part(desired.indexes, other.name);
  });
  if (twin != live.indexes.end()) return rename(draft, live, *twin, index);
  bool const was_ours = draft.recorded(PartKind::index, live.address, index.name) != nullptr;
  create(draft, desired, live, index, nullptr, was_ours ? "dropped by hand; " : "");
}

// A key of other columns is another identity for every client.
bool key_changed(Draft& draft, Table const& desired, Table const& live) {
  auto const key = live.key();
  if (key.empty() || key == desired.key()) return false;
  draft.refuse(
      Code::incompatible_change,
      fmt::format("the primary key of {} is ({}) and is declared as ({}) ({})",
                  to_text(desired.address), listed(key), listed(desired.key()), desired.where),
      "declare a new table with that key, move the rows over, then drop the old table");
  return true;
}

void drop_undeclared(Draft& draft, Table const& desired, Table const& live) {
  for (Index const& index : live.indexes) {
    if (has_part(desired.indexes, index.name)) continue;
    // A column that goes takes its indexes along.
    if (!has_all_columns(desired, index)) continue;
    bool const constraint = index.primary || index.constraint;
    draft.add(constraint ? Phase::drop_constraint : Phase::drop_index,
              {.kind = constraint ? StepKind::drop_constraint : StepKind::drop_index,
               .sign = Sign::remove,
               .object = full_name(live, index),
               .summary = fmt::format("drop index {} of {}", index.name, to_text(live.address)),
               .reason = undeclared(draft.recorded(PartKind::index, live.address, index.name)),
               .lock = constraint ? LockCost::brief : LockCost::none,
               .transactional = constraint,
               .run_as = live.owner,
               .sql = {drop_sql(live, index)},
               .records = {forget_record(PartKind::index, live.address, index.name)}});
  }
}

}  // namespace

void compare_indexes(Draft& draft, Table const& desired, Table& live) {
  if (key_changed(draft, desired, live)) return;
  for (Index const& index : desired.indexes) compare_one(draft, desired, live, index);
  drop_undeclared(draft, desired, live);
}

}  // namespace hansa::plan
