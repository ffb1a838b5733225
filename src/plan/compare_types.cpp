// Column types: widened in place, or put back when somebody changed them; narrowed never.
//
// PostgreSQL refuses to change a column that a view shows, so the views go and come back in the
// same transaction, and checks over the column are added anew, to be validated by a step of their
// own.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "plan/ddl.h"
#include "plan/draft.h"
#include "types/type.h"

namespace hansa::plan {
namespace {

struct Change {
  Column const* desired;
  Column* live;
  bool by_hand;  // the contract still says what Hansa made
  bool widens;
};

bool type_widens(std::string const& from, std::string const& to) {
  if (from.starts_with("character varying") && to == "text") return true;
  auto const source = types::from_postgres_type(from);
  auto const target = types::from_postgres_type(to);
  return source && target && types::widens(*source, *target);
}

// A larger precision at the same scale changes the catalogue only; so does text without a limit.
bool rewrites(std::string const& from, std::string const& to) {
  if (from.starts_with("character varying") && to == "text") return false;
  auto const source = types::from_postgres_type(from);
  auto const target = types::from_postgres_type(to);
  if (!source || !target) return true;
  return !(source->kind == types::Kind::numeric && target->kind == types::Kind::numeric &&
           (target->precision == 0 || (source->precision != 0 && source->scale == target->scale &&
                                       target->precision >= source->precision)));
}

void refuse_narrowing(Draft& draft, Table const& desired, Change const& change) {
  draft.refuse(Code::incompatible_change,
               fmt::format("{}.{} would become {} and is {}: not every value fits ({})",
                           to_text(desired.address), change.desired->name, change.desired->type,
                           change.live->type, change.desired->where),
               "add a new column of that type, move the values over, then drop the old column");
}

std::vector<Change> changes_of(Draft& draft, Table const& desired, Table& live) {
  std::vector<Change> out;
  for (Column const& column : desired.columns) {
    Column* found = live.find(column.name);
    if (found == nullptr || found->type == column.type) continue;
    auto const* record = draft.recorded(PartKind::column, desired.address, column.name);
    Change const change{.desired = &column,
                        .live = found,
                        .by_hand = record != nullptr && record->declared == column.type,
                        .widens = type_widens(found->type, column.type)};
    if (change.widens || change.by_hand)
      out.push_back(change);
    else
      refuse_narrowing(draft, desired, change);
  }
  return out;
}

bool touches(std::vector<Change> const& changes, Check const& check) {
  return std::ranges::any_of(
      changes, [&](Change const& change) { return holds(check.columns, change.desired->name); });
}

// The ALTER TABLE clauses for one column. A default would be cast along with its spelling: it is
// written anew.
void append_clauses(Change const& change, std::vector<std::string>& clauses) {
  auto const column = quoted(change.desired->name);
  if (!change.live->default_sql.empty())
    clauses.push_back(fmt::format("alter column {} drop default", column));
  auto clause = fmt::format("alter column {} type {}", column, change.desired->type);
  if (!change.widens) clause += fmt::format(" using {}::{}", column, change.desired->type);
  clauses.push_back(std::move(clause));
  if (!change.desired->default_sql.empty())
    clauses.push_back(
        fmt::format("alter column {} set default {}", column, change.desired->default_sql));
}

// Swaps the checks over changed columns, under the lock the step has anyway.
void append_checks(Draft& draft, Table const& desired, Table& live,
                   std::vector<Change> const& changes, std::vector<std::string>& clauses,
                   Step& step) {
  std::erase_if(live.checks, [&](Check const& check) {
    if (!touches(changes, check)) return false;
    clauses.push_back("drop constraint " + quoted(check.name));
    draft.live.records.erase({PartKind::check, live.address.schema, live.address.name, check.name});
    step.records.push_back(forget_record(PartKind::check, live.address, check.name));
    return true;
  });
  for (Check const& check : desired.checks) {
    if (!touches(changes, check)) continue;
    clauses.push_back("add " + check_clause(check) + " not valid");
    step.records.push_back(
        write_record(PartKind::check, live.address, check.name, check.expression));
    Check made = check;
    made.validated = false;
    made.expression = "";
    draft.live.records[{PartKind::check, live.address.schema, live.address.name, check.name}] = {
        .domain = draft.domain.text(), .declared = check.expression, .server_major = 0};
    live.checks.push_back(std::move(made));
  }
}

void drop_views_over(Draft& draft, Table const& live, Step& step, std::vector<Address>& dropped) {
  for (auto const& [address, view] : draft.live.views) {
    if (!view.sources.contains(live.address)) continue;
    if (draft.recorded(PartKind::view, address) == nullptr) continue;
    dropped.push_back(address);
    step.sql.push_back("set local role " + quoted(view.owner));
    step.sql.push_back("drop view " + quoted(address));
    if (draft.desired.views.contains(address)) continue;
    step.records.push_back(forget_record(PartKind::view, address));
    step.destroys_data = true;
    step.notes.push_back(
        fmt::format("{} goes for good: {}", to_text(address), consumers_lose_it(address.schema)));
  }
}

void restore_views(Draft& draft, std::vector<Address> const& dropped, Step& step) {
  for (Address const& address : dropped) {
    auto const old = draft.live.views.extract(address);
    auto const desired = draft.desired.views.find(address);
    if (desired == draft.desired.views.end()) continue;
    View& made = draft.live.views[address] = with_consumers(draft, desired->second, old.mapped());
    step.sql.push_back("set local role " + quoted(made.owner));
    std::ranges::move(create_view_sql(made), std::back_inserter(step.sql));
    step.records.push_back(write_record(PartKind::view, address, {}, made.definition));
    note_consumers(draft, made, step);
    made.definition = "";
    draft.live.records[{PartKind::view, address.schema, address.name, {}}] = {
        .domain = draft.domain.text(), .declared = desired->second.definition, .server_major = 0};
  }
}

}  // namespace

void compare_types(Draft& draft, Table const& desired, Table& live) {
  auto const changes = changes_of(draft, desired, live);
  if (changes.empty()) return;
  std::vector<std::string> words;
  Step step{.kind = StepKind::alter_column_type,
            .sign = Sign::change,
            .object = to_text(desired.address),
            .lock = LockCost::brief};
  for (Change const& change : changes) {
    words.push_back(fmt::format("{} from {} to {}", change.desired->name, change.live->type,
                                change.desired->type));
    if (rewrites(change.live->type, change.desired->type)) step.lock = LockCost::rewrites;
    step.destroys_data = step.destroys_data || !change.widens;
    step.records.push_back(write_record(PartKind::column, desired.address, change.desired->name,
                                        change.desired->type));
    if (!change.desired->default_sql.empty())
      step.records.push_back(write_record(PartKind::default_value, desired.address,
                                          change.desired->name, change.desired->default_sql));
  }
  step.summary = fmt::format("change type of {}: {}", to_text(desired.address), listed(words));
  step.reason =
      (changes.front().by_hand ? "changed by hand; " : "") + changes.front().desired->where;

  std::vector<Address> dropped;
  drop_views_over(draft, live, step, dropped);
  std::vector<std::string> clauses;
  for (Change const& change : changes) append_clauses(change, clauses);
  append_checks(draft, desired, live, changes, clauses, step);
  step.sql.push_back("set local role " + quoted(live.owner));
  step.sql.push_back(
      fmt::format("alter table {}\n  {}", quoted(desired.address), fmt::join(clauses, ",\n  ")));
  restore_views(draft, dropped, step);
  if (!dropped.empty())
    step.notes.push_back(fmt::format("{} dropped and made anew in the same transaction",
                                     counted(dropped.size(), "view")));

  for (Change const& change : changes) change.live->type = change.desired->type;
  draft.add(Phase::column, std::move(step));
}

}  // namespace hansa::plan
