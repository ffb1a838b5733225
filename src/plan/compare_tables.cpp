// Tables as wholes: made, adopted, given back to their owner, dropped. Their parts are compared
// beside.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "plan/ddl.h"
#include "plan/draft.h"
#include "plan/own_tables.h"

namespace hansa::plan {
namespace {

void create_table(Draft& draft, Table const& table) {
  std::vector<std::string> parts{counted(table.columns.size(), "column")};
  if (!table.checks.empty()) parts.push_back(counted(table.checks.size(), "check"));
  if (!table.indexes.empty()) parts.push_back(counted(table.indexes.size(), "index"));
  bool const was_ours = draft.recorded(PartKind::table, table.address) != nullptr;
  draft.add(Phase::table, {.kind = StepKind::create_table,
                           .object = to_text(table.address),
                           .summary = fmt::format("create table {} ({})", to_text(table.address),
                                                  fmt::join(parts, ", ")),
                           .reason = (was_ours ? "dropped by hand; " : "") + table.where,
                           .run_as = table.owner,
                           .sql = create_table_sql(table),
                           .records = records_of(table)});
  draft.created.insert(table.address);
  Table& made = draft.live.tables[table.address] = table;
  made.foreign_keys.clear();
  made.triggers.clear();
  for (auto const& change : records_of(table))
    draft.live.records[change.key] = {
        .domain = draft.domain.text(), .declared = change.declared, .server_major = 0};
}

// What keeps a stranger's table from being taken over as it is.
std::vector<std::string> misfits(Table const& desired, Table const& live) {
  std::vector<std::string> out;
  for (Column const& column : desired.columns) {
    auto const* found = live.find(column.name);
    if (found == nullptr)
      out.push_back(fmt::format("column {} is missing", column.name));
    else if (found->type != column.type)
      out.push_back(fmt::format("column {} is {}, not {}", column.name, found->type, column.type));
    else if (found->not_null != column.not_null)
      out.push_back(fmt::format("column {} is {}", column.name,
                                column.not_null ? "nullable" : "not nullable"));
    else if (found->sequence.empty() != column.sequence.empty())
      out.push_back(fmt::format("column {} is {}an identity", column.name,
                                column.sequence.empty() ? "" : "not "));
  }
  for (Column const& column : live.columns)
    if (desired.find(column.name) == nullptr)
      out.push_back(fmt::format("column {} is not declared", column.name));
  auto const stray = [&out](auto const& theirs, auto const& ours, char const* kind) {
    for (auto const& part : theirs)
      if (!has_part(ours, part.name))
        out.push_back(fmt::format("{} {} is not declared", kind, part.name));
  };
  stray(live.checks, desired.checks, "check");
  stray(live.foreign_keys, desired.foreign_keys, "foreign key");
  stray(live.indexes, desired.indexes, "index");
  if (desired.key() != live.key()) out.push_back("the primary key differs");
  return out;
}

// True when the table is Hansa's from here on.
bool adopt(Draft& draft, Table const& desired, Table& live) {
  auto differences = misfits(desired, live);
  if (!live.owner.empty() && !draft.may_become(live.owner))
    differences.push_back(fmt::format("it belongs to {}", live.owner));
  if (!differences.empty()) {
    draft.refuse(Code::foreign_object,
                 fmt::format("table {} exists, was not made by Hansa and does not fit: {}",
                             to_text(desired.address), fmt::join(differences, "; ")),
                 "rename or drop it, make it fit exactly, or declare it with hansa.managed: false");
    return false;
  }
  Step step{.kind = StepKind::adopt_table,
            .sign = Sign::change,
            .object = to_text(desired.address),
            .summary = fmt::format("adopt table {}", to_text(desired.address)),
            .reason = "it exists and fits exactly; " + desired.where,
            .lock = LockCost::brief,
            .records = {write_record(PartKind::table, desired.address)}};
  if (!desired.owner.empty() && live.owner != desired.owner)
    step.sql.push_back(
        fmt::format("alter table {} owner to {}", quoted(desired.address), quoted(desired.owner)));
  for (Column const& column : desired.columns)
    step.records.push_back(
        write_record(PartKind::column, desired.address, column.name, column.type));
  draft.add(Phase::table, std::move(step));
  live.owner = desired.owner.empty() ? live.owner : desired.owner;
  return true;
}

void mend_owner(Draft& draft, Table const& desired, Table& live) {
  if (desired.owner.empty() || live.owner == desired.owner) return;
  auto const sql =
      fmt::format("alter table {} owner to {}", quoted(desired.address), quoted(desired.owner));
  if (!draft.may_become(live.owner)) {
    draft.refuse(
        Code::insufficient_privilege,
        fmt::format("table {} was given to {} by hand", to_text(desired.address), live.owner),
        fmt::format("run as {} or a superuser: {}", live.owner, sql));
    return;
  }
  draft.add(Phase::table, {.kind = StepKind::alter_table_owner,
                           .sign = Sign::change,
                           .object = to_text(desired.address),
                           .summary = fmt::format("give table {} back to {}",
                                                  to_text(desired.address), desired.owner),
                           .reason = fmt::format("changed by hand; it belongs to {}", live.owner),
                           .lock = LockCost::brief,
                           .sql = {sql}});
  live.owner = desired.owner;
  std::erase_if(live.privileges, [&](auto const& right) { return right.grantee == desired.owner; });
}

void compare_parts(Draft& draft, Table const& desired, Table& live) {
  mend_owner(draft, desired, live);
  compare_columns(draft, desired, live);
  compare_types(draft, desired, live);
  compare_checks(draft, desired, live);
  compare_indexes(draft, desired, live);
}

void compare_table(Draft& draft, Table const& desired) {
  auto const& address = desired.address;
  if (draft.live.views.contains(address) || draft.live.other_relations.contains(address)) {
    draft.refuse(Code::foreign_object,
                 fmt::format("{} exists and is not a plain table", to_text(address)),
                 "rename or drop it");
    draft.blocked.insert(to_text(address));
    return;
  }
  auto const found = draft.live.tables.find(address);
  if (found == draft.live.tables.end()) return create_table(draft, desired);
  bool const ours = draft.recorded(PartKind::table, address) != nullptr;
  if (!ours && !adopt(draft, desired, found->second)) {
    draft.blocked.insert(to_text(address));
    return;
  }
  compare_parts(draft, desired, found->second);
}

// Foreign keys between tables that go must go before them.
// Tables that this plan makes with most of the columns of the one that goes.
std::vector<std::string> twins_of(Draft const& draft, Table const& gone) {
  std::vector<std::string> out;
  for (Address const& address : draft.created) {
    Table const& made = draft.desired.tables.at(address);
    auto const alike = std::ranges::count_if(gone.columns, [&](Column const& column) {
      auto const* found = made.find(column.name);
      return found != nullptr && found->type == column.type;
    });
    if (address.schema == gone.address.schema &&
        2 * static_cast<std::size_t>(alike) > gone.columns.size())
      out.push_back(address.name);
  }
  return out;
}

void drop_table(Draft& draft, Table const& live) {
  for (ForeignKey const& key : live.foreign_keys)
    if (key.target != live.address)
      draft.add(
          Phase::drop_foreign_key,
          {.kind = StepKind::drop_constraint,
           .sign = Sign::remove,
           .object = to_text(live.address) + "." + key.name,
           .summary = fmt::format("drop foreign key {} of {}", key.name, to_text(live.address)),
           .reason = "its table is no longer declared",
           .lock = LockCost::brief,
           .run_as = live.owner,
           .sql = {fmt::format("alter table {} drop constraint {}", quoted(live.address),
                               quoted(key.name))}});
  Step step{.kind = StepKind::drop_table,
            .sign = Sign::remove,
            .object = to_text(live.address),
            .summary = fmt::format("drop table {}", to_text(live.address)),
            .reason = "no longer declared",
            .lock = LockCost::brief,
            .destroys_data = true,
            .run_as = live.owner,
            .sql = {fmt::format("drop table {}", quoted(live.address))},
            .records = {forget_record(PartKind::table, live.address)}};
  if (auto const now = twins_of(draft, live); !now.empty())
    step.notes.push_back(fmt::format("if this is a rename, say hansa.renamedFrom: {} on {}",
                                     live.address.name, fmt::join(now, " or ")));
  draft.add(Phase::drop_table, std::move(step));
}

}  // namespace

void compare_tables(Draft& draft) {
  auto const is_mine = [&draft](Table const& table) {
    return table.domain == draft.domain && !draft.blocked.contains(table.address.schema);
  };
  for (auto const& [address, desired] : draft.desired.tables) {
    if (!is_mine(desired)) continue;
    if (desired.managed)
      compare_table(draft, desired);
    else
      compare_unmanaged(draft, desired);
  }
  // After every table, since a key may point at one that is made, renamed or re-keyed above.
  for (auto const& [address, desired] : draft.desired.tables)
    if (is_mine(desired) && desired.managed && !draft.blocked.contains(to_text(address)))
      compare_foreign_keys(draft, desired, draft.live.tables.at(address));

  for (auto const& [key, recorded] : draft.live.records) {
    Address const address{key.schema, key.object};
    if (key.kind != PartKind::table || recorded.domain != draft.domain.text()) continue;
    auto const live = draft.live.tables.find(address);
    if (live != draft.live.tables.end() && !draft.desired.tables.contains(address))
      drop_table(draft, live->second);
  }
}

}  // namespace hansa::plan
