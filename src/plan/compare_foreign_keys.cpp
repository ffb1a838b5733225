// Foreign keys of one table, compared by what they say, not by their text.
#include <fmt/format.h>

#include <algorithm>

#include "plan/ddl.h"
#include "plan/draft.h"

namespace hansa::plan {
namespace {

bool says_the_same(ForeignKey const& a, ForeignKey const& b) {
  return a.columns == b.columns && a.target == b.target && a.target_columns == b.target_columns &&
         a.plain == b.plain;
}

std::string full_name(Table const& table, ForeignKey const& key) {
  return to_text(table.address) + "." + key.name;
}

Probe rows_without_parent(Table const& live, ForeignKey const& key) {
  std::string joined, present;
  for (std::size_t at = 0; at < key.columns.size(); ++at) {
    joined += fmt::format("{}parent.{} = child.{}", at == 0 ? "" : " and ",
                          quoted(key.target_columns[at]), quoted(key.columns[at]));
    present += fmt::format(" and child.{} is not null", quoted(key.columns[at]));
  }
  auto const keys = live.key();
  auto const shown = named_values(keys.empty() ? std::vector<std::string>{"ctid"} : keys, "child.");
  auto const orphans =
      fmt::format("from {} child where not exists (select from {} parent where {}){}",
                  quoted(live.address), quoted(key.target), joined, present);
  return {.sql = fmt::format("select {} {} limit {}", shown, orphans, probe_rows_max + 1),
          .run_as = live.owner,
          .rule = fmt::format("{} ({}) must be a row of {}", to_text(live.address),
                              fmt::format("{}", listed(key.columns)), to_text(key.target)),
          .hint = "add the missing rows, or clear these references; they are: select child.* " +
                  orphans};
}

void validate(Draft& draft, Table const& live, ForeignKey const& key, std::string const& reason) {
  draft.add(Phase::foreign_key,
            {.kind = StepKind::validate_constraint,
             .sign = Sign::change,
             .object = full_name(live, key),
             .summary = fmt::format("look through {} for rows against {}", to_text(live.address),
                                    key.name),
             .reason = reason,
             .lock = LockCost::scan_concurrent,
             .run_as = live.owner,
             .sql = {fmt::format("alter table {} validate constraint {}", quoted(live.address),
                                 quoted(key.name))},
             .probe = rows_without_parent(live, key),
             .undo = {fmt::format("alter table {} drop constraint if exists {}",
                                  quoted(live.address), quoted(key.name))},
             .undo_records = {forget_record(PartKind::foreign_key, live.address, key.name)}});
}

void add(Draft& draft, Table const& live, ForeignKey const& key, bool replace,
         std::string const& reason) {
  bool const is_new = draft.created.contains(live.address);
  Step step{.kind = StepKind::add_constraint,
            .sign = replace ? Sign::change : Sign::add,
            .object = full_name(live, key),
            .summary = fmt::format("{} foreign key {} ({}) to {}", replace ? "replace" : "add",
                                   to_text(live.address), listed(key.columns), to_text(key.target)),
            .reason = reason,
            .lock = LockCost::brief,
            .run_as = live.owner,
            .sql = {fmt::format("alter table {} {}add {}{}", quoted(live.address),
                                replace ? "drop constraint " + quoted(key.name) + ", " : "",
                                foreign_key_clause(key), is_new ? "" : " not valid")},
            .records = {write_record(PartKind::foreign_key, live.address, key.name)}};
  // A table that this plan makes, or that is not there yet, has no rows to ask for.
  bool const probe = !is_new && !draft.created.contains(key.target);
  if (probe) step.probe = rows_without_parent(live, key);
  draft.add(Phase::foreign_key, std::move(step));
  if (!is_new) {
    validate(draft, live, key, reason);
    if (!probe) draft.steps.back().second.probe = {};
  }
}

void rename(Draft& draft, Table const& live, ForeignKey& found, ForeignKey const& key) {
  draft.add(Phase::foreign_key,
            {.kind = StepKind::rename_constraint,
             .sign = Sign::change,
             .object = full_name(live, key),
             .summary = fmt::format("rename foreign key {} of {} to {}", found.name,
                                    to_text(live.address), key.name),
             .reason = "follows the name of its table or column",
             .lock = LockCost::brief,
             .run_as = live.owner,
             .sql = {fmt::format("alter table {} rename constraint {} to {}", quoted(live.address),
                                 quoted(found.name), quoted(key.name))},
             .records = {forget_record(PartKind::foreign_key, live.address, found.name),
                         write_record(PartKind::foreign_key, live.address, key.name)}});
  found.name = key.name;
}

void compare_one(Draft& draft, Table const& desired, Table& live, ForeignKey const& key) {
  auto const* column = desired.find(key.columns.front());
  auto const reason = column == nullptr ? desired.where : column->where;
  auto const found = std::ranges::find(live.foreign_keys, key.name, &ForeignKey::name);
  if (found != live.foreign_keys.end()) {
    if (!says_the_same(*found, key))
      add(draft, live, key, true, "differs from what is declared; " + reason);
    else if (!found->validated)
      validate(draft, live, key, "not yet validated; " + reason);
    return;
  }
  auto const twin = std::ranges::find_if(live.foreign_keys, [&](ForeignKey const& other) {
    return says_the_same(other, key) && !has_part(desired.foreign_keys, other.name);
  });
  if (twin != live.foreign_keys.end()) return rename(draft, live, *twin, key);
  bool const was_ours = draft.recorded(PartKind::foreign_key, live.address, key.name) != nullptr;
  add(draft, live, key, false, (was_ours ? "dropped by hand; " : "") + reason);
}

}  // namespace

void compare_foreign_keys(Draft& draft, Table const& desired, Table& live) {
  for (ForeignKey const& key : desired.foreign_keys) compare_one(draft, desired, live, key);
  for (ForeignKey const& key : live.foreign_keys) {
    if (has_part(desired.foreign_keys, key.name)) continue;
    draft.add(Phase::drop_foreign_key,
              {.kind = StepKind::drop_constraint,
               .sign = Sign::remove,
               .object = full_name(live, key),
               .summary = fmt::format("drop foreign key {} of {}", key.name, to_text(live.address)),
               .reason = undeclared(draft.recorded(PartKind::foreign_key, live.address, key.name)),
               .lock = LockCost::brief,
               .run_as = live.owner,
               .sql = {fmt::format("alter table {} drop constraint {}", quoted(live.address),
                                   quoted(key.name))},
               .records = {forget_record(PartKind::foreign_key, live.address, key.name)}});
  }
}

}  // namespace hansa::plan
