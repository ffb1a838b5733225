// Comments, which carry the contract's descriptions to psql; and a note of what strangers left.
#include <fmt/format.h>

#include <algorithm>

#include "plan/ddl.h"
#include "plan/draft.h"
#include "plan/own_tables.h"

namespace hansa::plan {
namespace {

void add_step(Draft& draft, Address const& address, std::string const& owner,
              std::string const& where, std::vector<std::string> sql) {
  if (sql.empty()) return;
  draft.add(Phase::comment,
            {.kind = StepKind::comment,
             .sign = Sign::change,
             .object = to_text(address),
             .summary = fmt::format("{} on {}", counted(sql.size(), "comment"), to_text(address)),
             .reason = where,
             .run_as = owner,
             .sql = std::move(sql)});
}

void compare_table(Draft& draft, Table const& desired) {
  auto const live = draft.live.tables.find(desired.address);
  if (live == draft.live.tables.end() || draft.created.contains(desired.address) ||
      draft.blocked.contains(to_text(desired.address)))
    return;
  auto const name = quoted(desired.address);
  std::vector<std::string> sql;
  if (desired.comment != live->second.comment)
    sql.push_back(comment_sql("table", name, desired.comment));
  for (Column const& column : desired.columns) {
    auto const* found = live->second.find(column.name);
    if (found != nullptr && found->comment != column.comment)
      sql.push_back(comment_sql("column", name + "." + quoted(column.name), column.comment));
  }
  add_step(draft, desired.address, live->second.owner, desired.where, std::move(sql));
}

void compare_view(Draft& draft, View const& desired) {
  auto const live = draft.live.views.find(desired.address);
  if (live == draft.live.views.end() || live->second.comment == desired.comment ||
      draft.blocked.contains(to_text(desired.address)))
    return;
  add_step(draft, desired.address, desired.owner, desired.where,
           {comment_sql("view", quoted(desired.address), desired.comment)});
}

}  // namespace

void compare_comments(Draft& draft) {
  for (auto const& [address, table] : draft.desired.tables)
    if (table.domain == draft.domain && table.managed && !draft.blocked.contains(address.schema))
      compare_table(draft, table);
  for (auto const& [address, view] : draft.desired.views)
    if (view.domain == draft.domain && !draft.blocked.contains(address.schema))
      compare_view(draft, view);
}

void note_strangers(Draft& draft) {
  auto const is_mine = [&](std::string const& schema) {
    auto const found = draft.desired.schemas.find(schema);
    return found != draft.desired.schemas.end() && found->second.domain == draft.domain &&
           !draft.blocked.contains(schema);
  };
  auto const note = [&](Address const& address, char const* kind) {
    draft.plan.notes.push_back(
        fmt::format("{} {} is not declared and was not made by Hansa; it is left alone", kind,
                    to_text(address)));
  };
  for (auto const& [address, table] : draft.live.tables)
    if (is_mine(address.schema) && !draft.desired.tables.contains(address) &&
        !draft.desired.views.contains(address) &&
        draft.recorded(PartKind::table, address) == nullptr)
      note(address, "table");
  for (auto const& [address, view] : draft.live.views)
    if (is_mine(address.schema) && !draft.desired.views.contains(address) &&
        !draft.desired.tables.contains(address) &&
        draft.recorded(PartKind::view, address) == nullptr)
      note(address, "view");
}

}  // namespace hansa::plan
