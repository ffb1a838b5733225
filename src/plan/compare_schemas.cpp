// The store schema and the view schemas of a domain.
#include <fmt/format.h>

#include <algorithm>

#include "plan/ddl.h"
#include "plan/draft.h"
#include "plan/own_tables.h"

namespace hansa::plan {
namespace {

bool is_recorded(Draft const& draft, std::string const& schema) {
  return draft.recorded(PartKind::schema, {schema, ""}) != nullptr;
}

void create_schema(Draft& draft, Schema const& schema) {
  Applier const& applier = draft.live.applier;
  if (!applier.superuser && !applier.create_in_database) {
    draft.blocked.insert(schema.name);
    draft.refuse(Code::insufficient_privilege,
                 fmt::format("{} may not create schema {}", applier.name, schema.name),
                 fmt::format("run: grant create on database {} to {}", quoted(applier.database),
                             quoted(applier.name)));
    return;
  }
  Step step{.kind = StepKind::create_schema,
            .object = "schema " + schema.name,
            .summary = fmt::format("create schema {}", schema.name),
            .reason = schema.where,
            .sql = {fmt::format("create schema {} authorization {}", quoted(schema.name),
                                quoted(schema.owner)),
                    fmt::format("set local role {}", quoted(schema.owner))},
            .records = {write_record(PartKind::schema, {schema.name, ""})}};
  std::ranges::move(grant_sql("schema " + quoted(schema.name), schema.privileges),
                    std::back_inserter(step.sql));
  draft.add(Phase::schema, std::move(step));
  draft.live.schemas[schema.name] = schema;
  draft.live.records[{PartKind::schema, schema.name, "", ""}] = {.domain = draft.domain.text()};
}

void refuse_foreign(Draft& draft, Schema const& schema, Schema const& live) {
  draft.blocked.insert(schema.name);
  draft.refuse(Code::foreign_object,
               fmt::format("schema {} exists, belongs to {}, and was not made by Hansa",
                           schema.name, live.owner),
               fmt::format("move it out of the way (alter schema {} rename to ...), or declare its "
                           "tables with hansa.managed: false",
                           quoted(schema.name)));
}

void change_owner(Draft& draft, Schema const& schema, Schema& live) {
  if (!draft.may_become(live.owner)) {
    draft.refuse(Code::insufficient_privilege,
                 fmt::format("schema {} was given to {} by hand", schema.name, live.owner),
                 fmt::format("run as {} or a superuser: alter schema {} owner to {}", live.owner,
                             quoted(schema.name), quoted(schema.owner)));
    return;
  }
  draft.add(Phase::schema,
            {.kind = StepKind::alter_schema_owner,
             .sign = Sign::change,
             .object = "schema " + schema.name,
             .summary = fmt::format("give schema {} back to {}", schema.name, schema.owner),
             .reason = fmt::format("changed by hand; it belongs to {}", live.owner),
             .sql = {fmt::format("alter schema {} owner to {}", quoted(schema.name),
                                 quoted(schema.owner))}});
  live.owner = schema.owner;
  std::erase_if(live.privileges, [&](auto const& right) { return right.grantee == schema.owner; });
}

bool holds_strangers(Draft const& draft, std::string const& schema) {
  auto const stranger = [&](PartKind kind, Address const& address) {
    return address.schema == schema && draft.recorded(kind, address) == nullptr;
  };
  return std::ranges::any_of(
             draft.live.tables,
             [&](auto const& entry) { return stranger(PartKind::table, entry.first); }) ||
         std::ranges::any_of(
             draft.live.views,
             [&](auto const& entry) { return stranger(PartKind::view, entry.first); }) ||
         std::ranges::any_of(draft.live.other_relations,
                             [&](Address const& address) { return address.schema == schema; });
}

void drop_schema(Draft& draft, std::string const& name) {
  if (holds_strangers(draft, name)) {
    draft.plan.notes.push_back(fmt::format(
        "schema {} is no longer declared; it stays because it holds what Hansa did not make",
        name));
    return;
  }
  // Only view schemas can be undeclared while their domain is declared.
  draft.add(Phase::drop_schema, {.kind = StepKind::drop_schema,
                                 .sign = Sign::remove,
                                 .object = "schema " + name,
                                 .summary = fmt::format("drop schema {}", name),
                                 .reason = "no longer declared",
                                 .lock = LockCost::brief,
                                 .destroys_data = true,
                                 .run_as = draft.live.schemas.at(name).owner,
                                 .sql = {fmt::format("drop schema {}", quoted(name))},
                                 .notes = {consumers_lose_it(name)},
                                 .records = {forget_record(PartKind::schema, {name, ""})}});
}

}  // namespace

void compare_schemas(Draft& draft) {
  for (auto const& [name, schema] : draft.desired.schemas) {
    if (schema.domain != draft.domain) continue;
    auto const live = draft.live.schemas.find(name);
    if (live == draft.live.schemas.end()) {
      create_schema(draft, schema);
    } else if (!is_recorded(draft, name)) {
      if (!schema.shared) refuse_foreign(draft, schema, live->second);
    } else if (live->second.owner != schema.owner) {
      change_owner(draft, schema, live->second);
    }
  }
  for (auto const& [key, recorded] : draft.live.records)
    if (key.kind == PartKind::schema && recorded.domain == draft.domain.text() &&
        draft.live.schemas.contains(key.schema) && !draft.desired.schemas.contains(key.schema))
      drop_schema(draft, key.schema);
}

}  // namespace hansa::plan
