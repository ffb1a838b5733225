// Functions of capture, which the emission role owns, and of reactions, which are the runtime
// role's. Neither may make anything else: a role may create in Hansa's schema only within the
// transaction of the step that makes its functions.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "plan/ddl.h"
#include "plan/draft.h"
#include "plan/own_tables.h"

namespace hansa::plan {
namespace {

using Standing = Draft::Standing;
using Functions = std::vector<Function const*>;

// `work` done by the applying role while `role` may create in Hansa's schema.
std::vector<std::string> while_it_may_create(std::string const& role,
                                             std::vector<std::string> work) {
  auto const schema = quoted(own_schema);
  work.insert(work.begin(), fmt::format("grant create on schema {} to {}", schema, quoted(role)));
  work.push_back(fmt::format("revoke create on schema {} from {}", schema, quoted(role)));
  return work;
}

// Nobody but their owner runs them. Of a capture function whoever may execute it could make a
// trigger on a table of his own, and write whatever he likes into the domain's log.
std::vector<std::string> define_sql(Draft const& draft, Functions const& functions) {
  auto const& owner = functions.front()->owner;
  std::vector<std::string> sql{"set local role " + quoted(owner)};
  for (Function const* function : functions) {
    sql.push_back(function->definition);
    sql.push_back(fmt::format("revoke all on function {} from public", signature(*function)));
  }
  sql.push_back("set local role " + quoted(draft.live.applier.name));
  return while_it_may_create(owner, std::move(sql));
}

std::vector<RecordChange> records_of(Functions const& functions) {
  std::vector<RecordChange> out;
  for (Function const* function : functions)
    out.push_back(write_record(PartKind::function, function->address, {}, function->definition));
  return out;
}

std::string names_of(Functions const& functions) {
  std::vector<std::string> names;
  for (Function const* function : functions) names.push_back(to_text(function->address));
  return fmt::format("{}{}", functions.size() == 1 ? "function " : "functions ", listed(names));
}

void create(Draft& draft, Functions const& functions, std::string const& group) {
  bool const was_ours = draft.recorded(PartKind::function, functions.front()->address) != nullptr;
  draft.add(Phase::function,
            {.kind = StepKind::create_function,
             .object = group,
             .summary = "create " + names_of(functions),
             .reason = (was_ours ? "dropped by hand; " : "") + functions.front()->where,
             .sql = define_sql(draft, functions),
             .records = records_of(functions)});
}

// The last step of this plan that gives a table or column another name; nullptr: none does.
Step* last_rename(Draft& draft) {
  Step* found = nullptr;
  for (auto& [phase, step] : draft.steps)
    if (step.kind == StepKind::rename_table || step.kind == StepKind::rename_column) found = &step;
  return found;
}

// A function reads tables under their new names from the moment they have them.
void replace_with_rename(Draft& draft, Functions const& functions, Step& rename) {
  rename.sql.push_back("set local role " + quoted(draft.live.applier.name));
  std::ranges::move(define_sql(draft, functions), std::back_inserter(rename.sql));
  std::ranges::move(records_of(functions), std::back_inserter(rename.records));
  rename.notes.push_back(fmt::format("{} replaced in the same transaction", names_of(functions)));
  auto const moves = std::ranges::count_if(draft.steps, [](auto const& entry) {
    auto const kind = entry.second.kind;
    return kind == StepKind::rename_table || kind == StepKind::rename_column ||
           kind == StepKind::add_column;
  });
  if (moves > 1)
    rename.notes.push_back(
        "several names and columns change: in between, writes whose events need them fail");
}

void replace(Draft& draft, Functions const& functions, std::string const& group,
             std::string const& reason) {
  if (auto* rename = last_rename(draft)) return replace_with_rename(draft, functions, *rename);
  draft.add(Phase::function, {.kind = StepKind::replace_function,
                              .sign = Sign::change,
                              .object = group,
                              .summary = "replace " + names_of(functions),
                              .reason = reason,
                              .sql = define_sql(draft, functions),
                              .records = records_of(functions)});
}

// False when the function stays in a stranger's hands.
bool mend_owner(Draft& draft, Function const& desired, Function& live) {
  if (live.owner == desired.owner) return true;
  auto const sql =
      fmt::format("alter function {} owner to {}", signature(desired), quoted(desired.owner));
  if (!draft.may_become(live.owner)) {
    draft.refuse(
        Code::insufficient_privilege,
        fmt::format("function {} was given to {} by hand", to_text(desired.address), live.owner),
        fmt::format("run as a superuser: {}", sql));
    return false;
  }
  draft.add(Phase::function,
            {.kind = StepKind::alter_function_owner,
             .sign = Sign::change,
             .object = to_text(desired.address),
             .summary = fmt::format("give function {} back to {}", to_text(desired.address),
                                    desired.owner),
             .reason = fmt::format("changed by hand; it belongs to {}", live.owner),
             .sql = while_it_may_create(desired.owner, {sql})});
  live.owner = desired.owner;
  std::erase_if(live.privileges, [&](auto const& right) { return right.grantee == desired.owner; });
  return true;
}

// The functions of one table, or those that serve the whole domain.
void compare_group(Draft& draft, Functions const& functions) {
  Address const& table = functions.front()->table;
  auto const group = table.name.empty() ? draft.domain.text() : to_text(table);
  Functions missing, changed;
  auto worst = Standing::as_declared;
  for (Function const* function : functions) {
    auto const found = draft.live.functions.find(function->address);
    if (found == draft.live.functions.end()) {
      missing.push_back(function);
      continue;
    }
    if (!mend_owner(draft, *function, found->second)) continue;
    auto const standing = draft.standing(draft.recorded(PartKind::function, function->address),
                                         function->definition, found->second.definition);
    if (standing == Standing::as_declared) continue;
    worst = std::max(worst, standing);
    changed.push_back(function);
  }
  if (!missing.empty()) create(draft, missing, group);
  if (!changed.empty()) replace(draft, changed, group, reason_of(worst, changed.front()->where));
  for (Function const* function : missing) draft.live.functions[function->address] = *function;
}

void drop(Draft& draft, Functions const& functions) {
  Step step{.kind = StepKind::drop_function,
            .sign = Sign::remove,
            .object = draft.domain.text(),
            .summary = "drop " + names_of(functions),
            .reason = "no longer declared",
            .run_as = functions.front()->owner};
  for (Function const* function : functions) {
    step.sql.push_back("drop function " + signature(*function));
    step.records.push_back(forget_record(PartKind::function, function->address));
  }
  draft.add(Phase::drop_function, std::move(step));
}

}  // namespace

void compare_functions(Draft& draft) {
  std::map<std::pair<std::string, Address>, Functions> groups;  // by owner and table
  for (auto const& [address, function] : draft.desired.functions) {
    bool const stays_out = draft.blocked.contains(to_text(function.table)) ||
                           draft.blocked.contains(function.table.schema);
    if (function.domain == draft.domain && !stays_out)
      groups[{function.owner, function.table}].push_back(&function);
  }
  for (auto const& [group, functions] : groups) compare_group(draft, functions);

  std::map<std::string, Functions> gone;  // by owner
  for (auto const& [key, recorded] : draft.live.records) {
    Address const address{key.schema, key.object};
    if (key.kind != PartKind::function || recorded.domain != draft.domain.text()) continue;
    auto const live = draft.live.functions.find(address);
    if (live != draft.live.functions.end() && !draft.desired.functions.contains(address))
      gone[live->second.owner].push_back(&live->second);
  }
  for (auto const& [owner, functions] : gone) drop(draft, functions);
}

}  // namespace hansa::plan
