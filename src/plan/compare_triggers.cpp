// Triggers of capture, made as the table's owner, who may use their functions only within the
// transaction of the step that makes them.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "plan/ddl.h"
#include "plan/draft.h"
#include "plan/own_tables.h"

namespace hansa::plan {
namespace {

using Standing = Draft::Standing;

std::string names_of(std::vector<Trigger const*> const& triggers) {
  std::vector<std::string> names;
  for (Trigger const* trigger : triggers) names.push_back(trigger->name);
  return fmt::format("{}{}", triggers.size() == 1 ? "trigger " : "triggers ", listed(names));
}

// The owner may not look into Hansa's schema, unless it is his or he was let in.
bool must_be_let_in(Draft const& draft, std::string const& owner) {
  auto const schema = draft.live.schemas.find(std::string(own_schema));
  if (owner == draft.live.applier.name) return false;
  return schema == draft.live.schemas.end() ||
         (schema->second.owner != owner &&
          !schema->second.privileges.contains({owner, "usage", ""}));
}

// The functions of `triggers`, each once.
std::set<Address> functions_of(std::vector<Trigger const*> const& triggers) {
  std::set<Address> out;
  for (Trigger const* trigger : triggers) out.insert(trigger->function);
  return out;
}

std::vector<std::string> make_sql(Draft const& draft, Table const& live,
                                  std::vector<Trigger const*> const& triggers) {
  auto const as = [](std::string const& role) { return "set local role " + quoted(role); };
  auto const& applier = draft.live.applier.name;
  auto const functions = functions_of(triggers);
  auto const& writer = draft.desired.functions.at(*functions.begin()).owner;
  bool const let_in = must_be_let_in(draft, live.owner);
  auto const usage = fmt::format("usage on schema {}", quoted(own_schema));
  std::vector<std::string> sql;
  if (let_in) sql.push_back(fmt::format("grant {} to {}", usage, quoted(live.owner)));
  sql.push_back(as(writer));
  for (Address const& function : functions)
    sql.push_back(
        fmt::format("grant execute on function {}() to {}", quoted(function), quoted(live.owner)));
  sql.push_back(as(live.owner));
  for (Trigger const* trigger : triggers) {
    if (has_part(live.triggers, trigger->name))
      sql.push_back(
          fmt::format("drop trigger {} on {}", quoted(trigger->name), quoted(live.address)));
    sql.push_back(trigger->definition);
    sql.push_back(fmt::format("alter table {} enable always trigger {}", quoted(live.address),
                              quoted(trigger->name)));
  }
  sql.push_back(as(writer));
  for (Address const& function : functions)
    sql.push_back(fmt::format("revoke execute on function {}() from {}", quoted(function),
                              quoted(live.owner)));
  sql.push_back(as(applier));
  if (let_in) sql.push_back(fmt::format("revoke {} from {}", usage, quoted(live.owner)));
  return sql;
}

void refuse(Draft& draft, Table const& desired, Table const& live) {
  draft.refuse(
      Code::insufficient_privilege,
      fmt::format("the changes of table {} feed topics, and {} may not make triggers on "
                  "it: it belongs to {} ({})",
                  to_text(live.address), draft.live.applier.name, live.owner, desired.where),
      fmt::format("run as a superuser: grant {} to {}", quoted(live.owner),
                  quoted(draft.live.applier.name)));
}

void make(Draft& draft, Table const& desired, Table& live, std::string const& reason,
          std::vector<Trigger const*> const& triggers, bool anew) {
  if (!draft.may_become(live.owner)) return refuse(draft, desired, live);
  Step step{.kind = anew ? StepKind::create_trigger : StepKind::replace_trigger,
            .sign = anew ? Sign::add : Sign::change,
            .object = to_text(live.address),
            .summary = fmt::format("{} {} on {}", anew ? "create" : "replace", names_of(triggers),
                                   to_text(live.address)),
            .reason = reason,
            .lock = LockCost::brief,
            .sql = make_sql(draft, live, triggers)};
  for (Trigger const* trigger : triggers)
    step.records.push_back(
        write_record(PartKind::trigger, live.address, trigger->name, trigger->definition));
  draft.add(Phase::trigger, std::move(step));
}

void compare(Draft& draft, Table const& desired, Table& live) {
  std::vector<Trigger const*> missing, changed;
  auto worst = Standing::as_declared;
  bool was_ours = false;
  for (Trigger const& trigger : desired.triggers) {
    auto const* record = draft.recorded(PartKind::trigger, live.address, trigger.name);
    auto const found = std::ranges::find(live.triggers, trigger.name, &Trigger::name);
    if (found == live.triggers.end()) {
      was_ours = was_ours || record != nullptr;
      missing.push_back(&trigger);
      continue;
    }
    auto standing = draft.standing(record, trigger.definition, found->definition);
    if (!found->always) standing = Standing::changed_by_hand;
    if (standing == Standing::as_declared) continue;
    worst = std::max(worst, standing);
    changed.push_back(&trigger);
  }
  auto const where = [&](Trigger const* trigger) {
    auto const function = draft.desired.functions.find(trigger->function);
    bool const known = function != draft.desired.functions.end();
    return known && function->second.where != own_reason ? function->second.where : desired.where;
  };
  if (!missing.empty())
    make(draft, desired, live, (was_ours ? "dropped by hand; " : "") + where(missing.front()),
         missing, true);
  if (!changed.empty())
    make(draft, desired, live, reason_of(worst, where(changed.front())), changed, false);
}

void drop(Draft& draft, Table const& live, std::vector<Trigger const*> const& triggers) {
  if (triggers.empty()) return;
  Step step{
      .kind = StepKind::drop_trigger,
      .sign = Sign::remove,
      .object = to_text(live.address),
      .summary = fmt::format("drop {} on {}", names_of(triggers), to_text(live.address)),
      .reason = undeclared(draft.recorded(PartKind::trigger, live.address, triggers.front()->name)),
      .lock = LockCost::brief,
      .run_as = live.owner};
  for (Trigger const* trigger : triggers) {
    step.sql.push_back(
        fmt::format("drop trigger {} on {}", quoted(trigger->name), quoted(live.address)));
    step.records.push_back(forget_record(PartKind::trigger, live.address, trigger->name));
  }
  draft.add(Phase::drop_trigger, std::move(step));
}

// Triggers that are not declared: of a managed table whoever made them, else only Hansa's.
void drop_undeclared(Draft& draft, Table const& live, Table const* desired) {
  std::vector<Trigger const*> gone;
  for (Trigger const& trigger : live.triggers) {
    bool const declared = desired != nullptr && has_part(desired->triggers, trigger.name);
    auto const* record = draft.recorded(PartKind::trigger, live.address, trigger.name);
    bool const ours = record != nullptr && record->domain == draft.domain.text();
    if (!declared && (ours || (desired != nullptr && desired->managed))) gone.push_back(&trigger);
  }
  drop(draft, live, gone);
}

}  // namespace

void compare_triggers(Draft& draft) {
  for (auto& [address, live] : draft.live.tables) {
    if (draft.blocked.contains(to_text(address)) || draft.blocked.contains(address.schema))
      continue;
    auto const found = draft.desired.tables.find(address);
    if (found == draft.desired.tables.end()) {
      // Those of a table that goes go with it.
      if (draft.recorded(PartKind::table, address) == nullptr)
        drop_undeclared(draft, live, nullptr);
      continue;
    }
    Table const& desired = found->second;
    if (desired.domain != draft.domain) continue;
    compare(draft, desired, live);
    drop_undeclared(draft, live, &desired);
  }
}

}  // namespace hansa::plan
