// Checks of one table. PostgreSQL spells expressions its own way, so what counts is the record of
// what was declared and how it was printed then.
#include <fmt/format.h>

#include <algorithm>

#include "plan/ddl.h"
#include "plan/draft.h"

namespace hansa::plan {
namespace {

using Standing = Draft::Standing;

struct Subject {
  Draft& draft;
  Table const& desired;
  Table& live;
};

std::string full_name(Table const& table, Check const& check) {
  return to_text(table.address) + "." + check.name;
}

std::string where_of(Table const& table, Check const& check) {
  auto const* column = check.columns.empty() ? nullptr : table.find(check.columns.front());
  return column == nullptr ? table.where : column->where;
}

Probe rows_that_violate(Subject const& s, Check const& check) {
  return {.sql = rows_where(s.live, fmt::format("not ({})", check.expression)),
          .run_as = s.live.owner,
          .rule = fmt::format("{} must satisfy {}", to_text(s.live.address), check.expression),
          .hint = fmt::format("mend these rows, or loosen the rule; they are: select * from {} "
                              "where not ({})",
                              quoted(s.live.address), check.expression)};
}

void validate(Subject const& s, Check const& check, std::string reason) {
  s.draft.add(Phase::check,
              {.kind = StepKind::validate_constraint,
               .sign = Sign::change,
               .object = full_name(s.live, check),
               .summary = fmt::format("look through {} for rows against {}",
                                      to_text(s.live.address), check.name),
               .reason = std::move(reason),
               .lock = LockCost::scan_concurrent,
               .run_as = s.live.owner,
               .sql = {fmt::format("alter table {} validate constraint {}", quoted(s.live.address),
                                   quoted(check.name))},
               .probe = rows_that_violate(s, check),
               .undo = {fmt::format("alter table {} drop constraint if exists {}",
                                    quoted(s.live.address), quoted(check.name))},
               .undo_records = {forget_record(PartKind::check, s.live.address, check.name)}});
}

// Adds, or swaps in one statement, so that rows are never unchecked in between.
void add(Subject const& s, Check const& check, Check const* old, std::string const& reason) {
  auto const drop = old == nullptr ? "" : fmt::format("drop constraint {}, ", quoted(old->name));
  s.draft.add(
      Phase::check,
      {.kind = StepKind::add_constraint,
       .sign = old == nullptr ? Sign::add : Sign::change,
       .object = full_name(s.live, check),
       .summary = fmt::format("{} check {} of {}", old == nullptr ? "add" : "replace", check.name,
                              to_text(s.live.address)),
       .reason = reason,
       .lock = LockCost::brief,
       .run_as = s.live.owner,
       .sql = {fmt::format("alter table {} {}add {} not valid", quoted(s.live.address), drop,
                           check_clause(check))},
       .records = {write_record(PartKind::check, s.live.address, check.name, check.expression)},
       .probe = rows_that_violate(s, check)});
  validate(s, check, reason);
}

// A live check under another name that is this one, after a rename of its table or column.
Check* same_under_another_name(Subject const& s, Check const& check) {
  for (Check& live : s.live.checks) {
    auto const* record = s.draft.recorded(PartKind::check, s.live.address, live.name);
    bool const is_wanted = has_part(s.desired.checks, live.name);
    if (!is_wanted &&
        s.draft.standing(record, check.expression, live.expression) == Standing::as_declared)
      return &live;
  }
  return nullptr;
}

void rename(Subject const& s, Check& live, Check const& check) {
  s.draft.add(
      Phase::check,
      {.kind = StepKind::rename_constraint,
       .sign = Sign::change,
       .object = full_name(s.live, check),
       .summary = fmt::format("rename check {} of {} to {}", live.name, to_text(s.live.address),
                              check.name),
       .reason = "follows the name of its table or column",
       .lock = LockCost::brief,
       .run_as = s.live.owner,
       .sql = {fmt::format("alter table {} rename constraint {} to {}", quoted(s.live.address),
                           quoted(live.name), quoted(check.name))},
       .records = {forget_record(PartKind::check, s.live.address, live.name),
                   write_record(PartKind::check, s.live.address, check.name, check.expression)}});
  live.name = check.name;
}

void compare_one(Subject const& s, Check const& check) {
  auto const reason = where_of(s.desired, check);
  auto const found = std::ranges::find(s.live.checks, check.name, &Check::name);
  if (found == s.live.checks.end()) {
    if (Check* other = same_under_another_name(s, check)) return rename(s, *other, check);
    auto const* record = s.draft.recorded(PartKind::check, s.live.address, check.name);
    return add(s, check, nullptr, (record == nullptr ? "" : "dropped by hand; ") + reason);
  }
  auto const* record = s.draft.recorded(PartKind::check, s.live.address, check.name);
  auto const standing = s.draft.standing(record, check.expression, found->expression);
  if (standing != Standing::as_declared)
    add(s, check, &*found, reason_of(standing, where_of(s.desired, check)));
  else if (!found->validated)
    validate(s, check, "not yet validated; " + reason);
}

}  // namespace

void compare_checks(Draft& draft, Table const& desired, Table& live) {
  Subject const subject{draft, desired, live};
  for (Check const& check : desired.checks) compare_one(subject, check);
  for (Check const& check : live.checks) {
    if (has_part(desired.checks, check.name)) continue;
    // A column that goes takes its checks along.
    if (std::ranges::any_of(check.columns, [&](auto const& name) { return !desired.find(name); }))
      continue;
    draft.add(Phase::drop_constraint,
              {.kind = StepKind::drop_constraint,
               .sign = Sign::remove,
               .object = full_name(live, check),
               .summary = fmt::format("drop check {} of {}", check.name, to_text(live.address)),
               .reason = undeclared(draft.recorded(PartKind::check, live.address, check.name)),
               .lock = LockCost::brief,
               .run_as = live.owner,
               .sql = {fmt::format("alter table {} drop constraint {}", quoted(live.address),
                                   quoted(check.name))},
               .records = {forget_record(PartKind::check, live.address, check.name)}});
  }
}

}  // namespace hansa::plan
