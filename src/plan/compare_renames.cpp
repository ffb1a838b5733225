// Declared renames. Done first, on the working copy too, so that the rest compares like with like.
#include <fmt/format.h>

#include <algorithm>

#include "plan/ddl.h"
#include "plan/draft.h"

namespace hansa::plan {
namespace {

void replace_name(std::vector<std::string>& names, std::string const& from, std::string const& to) {
  std::ranges::replace(names, from, to);
}

// `declared` with the quoted name of a column replaced by another.
std::string with_column(std::string declared, std::string const& from, std::string const& to) {
  auto const old_name = quoted(from);
  auto const new_name = quoted(to);
  for (auto at = declared.find(old_name); at != std::string::npos;
       at = declared.find(old_name, at + new_name.size()))
    declared.replace(at, old_name.size(), new_name);
  return declared;
}

void move_records(Records& records, Address const& from, Address const& to) {
  Records moved;
  std::erase_if(records, [&](auto const& entry) {
    auto key = entry.first;
    if (key.schema != from.schema || key.object != from.name || key.kind == PartKind::view)
      return false;
    key.object = to.name;
    moved.emplace(std::move(key), entry.second);
    return true;
  });
  records.merge(moved);
}

void rename_table(Draft& draft, Table const& desired, Address const& from) {
  auto change = write_record(PartKind::table, desired.address);
  change.act = RecordChange::Act::move;
  change.moved_from = from.name;
  draft.add(Phase::rename,
            {.kind = StepKind::rename_table,
             .sign = Sign::change,
             .object = to_text(desired.address),
             .summary = fmt::format("rename table {} to {}", to_text(from), desired.address.name),
             .reason = "hansa.renamedFrom, " + desired.where,
             .lock = LockCost::brief,
             .run_as = draft.live.tables.at(from).owner,
             .sql = {fmt::format("alter table {} rename to {}", quoted(from),
                                 quoted(desired.address.name))},
             .records = {std::move(change)}});
  auto node = draft.live.tables.extract(from);
  node.key() = desired.address;
  node.mapped().address = desired.address;
  draft.live.tables.insert(std::move(node));
  move_records(draft.live.records, from, desired.address);
  for (auto& [address, table] : draft.live.tables)
    for (ForeignKey& key : table.foreign_keys)
      if (key.target == from) key.target = desired.address;
  for (auto& [address, view] : draft.live.views)
    if (view.sources.erase(from) > 0) view.sources.insert(desired.address);
}

void rename_in_working_copy(Draft& draft, Table& live, std::string const& from,
                            std::string const& to) {
  live.find(from)->name = to;
  for (Check& check : live.checks) replace_name(check.columns, from, to);
  for (Index& index : live.indexes) replace_name(index.columns, from, to);
  for (ForeignKey& key : live.foreign_keys) replace_name(key.columns, from, to);
  for (auto& [address, table] : draft.live.tables)
    for (ForeignKey& key : table.foreign_keys)
      if (key.target == live.address) replace_name(key.target_columns, from, to);
  Privileges moved;
  for (Privilege right : live.privileges) {
    if (right.column == from) right.column = to;
    moved.insert(std::move(right));
  }
  live.privileges = std::move(moved);
}

void rename_column(Draft& draft, Column const& desired, Table& live) {
  auto const& from = desired.renamed_from;
  Step step{.kind = StepKind::rename_column,
            .sign = Sign::change,
            .object = to_text(live.address) + "." + desired.name,
            .summary =
                fmt::format("rename column {}.{} to {}", to_text(live.address), from, desired.name),
            .reason = "hansa.renamedFrom, " + desired.where,
            .lock = LockCost::brief,
            .run_as = live.owner,
            .sql = {fmt::format("alter table {} rename column {} to {}", quoted(live.address),
                                quoted(from), quoted(desired.name))}};
  auto& records = draft.live.records;
  for (auto const kind : {PartKind::column, PartKind::default_value}) {
    auto node = records.extract({kind, live.address.schema, live.address.name, from});
    if (node.empty()) continue;
    step.records.push_back(forget_record(kind, live.address, from));
    step.records.push_back(write_record(kind, live.address, desired.name, node.mapped().declared));
    node.key().part = desired.name;
    records.insert(std::move(node));
  }
  // PostgreSQL renames the column inside its checks; what was declared follows.
  for (Check const& check : live.checks) {
    auto const found =
        records.find({PartKind::check, live.address.schema, live.address.name, check.name});
    if (found == records.end() || !holds(check.columns, from)) continue;
    // A check that somebody changed is left as it is recorded, so that it still shows.
    if (found->second.observed != check.expression) continue;
    found->second.declared = with_column(found->second.declared, from, desired.name);
    step.records.push_back(
        write_record(PartKind::check, live.address, check.name, found->second.declared));
  }
  rename_in_working_copy(draft, live, from, desired.name);
  draft.add(Phase::rename, std::move(step));
}

}  // namespace

void rename_tables_and_columns(Draft& draft) {
  for (auto const& [address, desired] : draft.desired.tables) {
    if (desired.domain != draft.domain || !desired.managed ||
        draft.blocked.contains(address.schema))
      continue;
    Address const from{address.schema, desired.renamed_from};
    if (!desired.renamed_from.empty() && !draft.live.tables.contains(address) &&
        draft.live.tables.contains(from) && !draft.desired.tables.contains(from) &&
        draft.recorded(PartKind::table, from) != nullptr)
      rename_table(draft, desired, from);

    auto const live = draft.live.tables.find(address);
    if (live == draft.live.tables.end() || draft.recorded(PartKind::table, address) == nullptr)
      continue;
    for (Column const& column : desired.columns)
      if (!column.renamed_from.empty() && live->second.find(column.name) == nullptr &&
          live->second.find(column.renamed_from) != nullptr &&
          desired.find(column.renamed_from) == nullptr)
        rename_column(draft, column, live->second);
  }
}

}  // namespace hansa::plan
