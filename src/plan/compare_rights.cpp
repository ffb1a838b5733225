// Who may do what: exactly what is declared on every object that is Hansa's, and at least what is
// needed on those that are not.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "plan/ddl.h"
#include "plan/draft.h"
#include "plan/own_tables.h"

namespace hansa::plan {
namespace {

// One object with rights: how SQL and people name it, and whose it is.
struct Target {
  Phase phase = Phase::right;
  std::string sql;    // table "products"."product"
  std::string shown;  // products.product
  std::string owner;  // acts for it; empty: the applying role
  std::string where;
};

Privileges without(Privileges const& left, Privileges const& right) {
  Privileges out;
  std::ranges::set_difference(left, right, std::inserter(out, out.end()));
  return out;
}

void grant(Draft& draft, Target const& target, Privileges const& missing) {
  if (missing.empty()) return;
  draft.add(target.phase, {.kind = StepKind::grant,
                           .object = target.shown,
                           .summary = fmt::format("grant on {}: {}", target.shown,
                                                  grants_in_words(missing, "to")),
                           .reason = target.where,
                           .run_as = target.owner,
                           .sql = grant_sql(target.sql, missing)});
}

void revoke(Draft& draft, Target const& target, Privileges const& extra) {
  if (extra.empty()) return;
  // Views of the domain may still lean on what its own roles hold: those rights go after them.
  bool const own_role = std::ranges::all_of(extra, [&](Privilege const& right) {
    auto const role = draft.desired.roles.find(right.grantee);
    return role != draft.desired.roles.end() && role->second.domain == draft.domain;
  });
  draft.add(Phase::revoke, {.kind = StepKind::revoke,
                            .sign = Sign::remove,
                            .object = target.shown,
                            .summary = fmt::format("revoke on {}: {}", target.shown,
                                                   grants_in_words(extra, "from")),
                            .reason = own_role ? "not declared" : "not declared; granted by hand",
                            .run_as = target.owner,
                            .sql = revoke_sql(target.sql, extra)});
}

void exactly(Draft& draft, Target const& target, Privileges const& desired, Privileges& live) {
  grant(draft, target, without(desired, live));
  revoke(draft, target, without(live, desired));
  live = desired;
}

// Roles that only this plan would make must be there before anybody can grant to them. Whoever
// makes them by hand gives the applying role the say over them.
std::string roles_first(Draft& draft, Privileges const& missing) {
  std::string commands;
  for (Privilege const& right : missing)
    if (draft.created_roles.erase(right.grantee) > 0)
      commands += fmt::format("create role {} nologin admin {}; ", quoted(right.grantee),
                              quoted(draft.live.applier.name));
  return commands;
}

// For objects of strangers: grants what is missing if it can, else says what somebody else must
// run.
void at_least(Draft& draft, Target const& target, Privileges const& desired,
              Privileges const& live) {
  auto missing = without(desired, live);
  // A right on the whole table covers its columns.
  std::erase_if(missing, [&](Privilege const& right) {
    return !right.column.empty() && live.contains({right.grantee, right.name, ""});
  });
  if (missing.empty()) return;
  if (draft.may_become(target.owner)) return grant(draft, target, missing);
  std::string commands = roles_first(draft, missing);
  for (auto const& sql : grant_sql(target.sql, missing)) commands += sql + "; ";
  draft.refuse(Code::insufficient_privilege,
               fmt::format("{} belongs to {}, and these rights are missing: {}", target.shown,
                           target.owner, grants_in_words(missing, "to")),
               fmt::format("run as {}: {}", target.owner, commands));
}

void compare_schema(Draft& draft, Schema const& desired) {
  auto const found = draft.live.schemas.find(desired.name);
  if (found == draft.live.schemas.end() || draft.blocked.contains(desired.name)) return;
  Schema& live = found->second;
  Target const target{.phase = Phase::schema,
                      .sql = "schema " + quoted(desired.name),
                      .shown = "schema " + desired.name,
                      .owner = live.owner,
                      .where = desired.where};
  if (draft.recorded(PartKind::schema, {desired.name, ""}) != nullptr) {
    auto wanted = desired.privileges;
    if (desired.for_consumers) wanted.merge(given_to_consumers(draft, live.privileges));
    return exactly(draft, target, wanted, live.privileges);
  }
  auto needed = desired.privileges;
  bool const makes_tables = std::ranges::any_of(draft.desired.tables, [&](auto const& entry) {
    return entry.first.schema == desired.name && entry.second.managed;
  });
  if (makes_tables) {
    needed.insert({desired.owner, "create", ""});
    needed.insert({desired.owner, "usage", ""});
  }
  at_least(draft, target, needed, live.privileges);
}

// Some roles may enter Hansa's schema, and none may do more; other domains' rights there are not
// this domain's business.
void enter_own_schema(Draft& draft) {
  auto const desired = draft.desired.schemas.find(std::string(own_schema));
  if (desired == draft.desired.schemas.end()) return;
  auto const of_this_domain = [&](Privileges const& all) {
    Privileges mine;
    for (Privilege const& right : all) {
      auto const role = draft.desired.roles.find(right.grantee);
      if (role != draft.desired.roles.end() && role->second.domain == draft.domain)
        mine.insert(right);
    }
    return mine;
  };
  Privileges live;
  auto const found = draft.live.schemas.find(std::string(own_schema));
  if (found != draft.live.schemas.end()) live = of_this_domain(found->second.privileges);
  exactly(draft,
          {.phase = Phase::schema,
           .sql = "schema " + quoted(own_schema),
           .shown = "schema hansa",
           .where = own_reason},
          of_this_domain(desired->second.privileges), live);
}

void compare_function(Draft& draft, Function const& desired) {
  auto const found = draft.live.functions.find(desired.address);
  if (found == draft.live.functions.end()) return;
  exactly(draft,
          {.phase = Phase::function,
           .sql = "function " + signature(desired),
           .shown = "function " + to_text(desired.address),
           .owner = desired.owner,
           .where = desired.where},
          desired.privileges, found->second.privileges);
}

void compare_table(Draft& draft, Table const& desired) {
  auto const found = draft.live.tables.find(desired.address);
  if (found == draft.live.tables.end() || draft.blocked.contains(to_text(desired.address)) ||
      draft.created.contains(desired.address))
    return;
  Table& live = found->second;
  // A column that goes takes its rights along.
  std::erase_if(live.privileges, [&](Privilege const& right) {
    return desired.managed && !right.column.empty() && desired.find(right.column) == nullptr;
  });
  Target target{.sql = "table " + quoted(desired.address),
                .shown = to_text(desired.address),
                .owner = live.owner,
                .where = desired.where};
  if (!desired.managed) return at_least(draft, target, desired.privileges, live.privileges);
  exactly(draft, target, desired.privileges, live.privileges);
  for (auto& [name, privileges] : live.sequences) {
    auto const wanted = desired.sequences.find(name);
    target.sql = "sequence " + quoted(Address{desired.address.schema, name});
    target.shown = "sequence " + desired.address.schema + "." + name;
    exactly(draft, target, wanted == desired.sequences.end() ? Privileges{} : wanted->second,
            privileges);
  }
}

void compare_view(Draft& draft, View const& desired) {
  auto const found = draft.live.views.find(desired.address);
  if (found == draft.live.views.end() || draft.blocked.contains(to_text(desired.address))) return;
  exactly(draft,
          {.phase = Phase::comment,
           .sql = "table " + quoted(desired.address),
           .shown = to_text(desired.address),
           .owner = desired.owner,
           .where = desired.where},
          with_consumers(draft, desired, found->second).privileges, found->second.privileges);
}

}  // namespace

void compare_rights(Draft& draft) {
  enter_own_schema(draft);
  for (auto const& [name, schema] : draft.desired.schemas)
    if (schema.domain == draft.domain) compare_schema(draft, schema);
  for (auto const& [address, table] : draft.desired.tables)
    if (table.domain == draft.domain && !draft.blocked.contains(address.schema))
      compare_table(draft, table);
  for (auto const& [address, function] : draft.desired.functions)
    if (function.domain == draft.domain) compare_function(draft, function);
  for (auto const& [address, view] : draft.desired.views)
    if (view.domain == draft.domain && !draft.blocked.contains(address.schema))
      compare_view(draft, view);
}

}  // namespace hansa::plan
