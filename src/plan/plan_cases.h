// For tests: plans of a mesh against a database that was changed, compared with golden files.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "plan/compare.h"
#include "plan/desired.h"
#include "plan/plan.h"
#include "plan/shop_mesh.h"

namespace hansa::plan {

// The database as PostgreSQL would show it after everything desired was applied.
inline Database as_applied(Database database) {
  database.applier = {.name = "deployer",
                      .create_role = true,
                      .create_in_database = true,
                      .server_version = 150020,
                      .database = "shop"};
  database.has_own_schema = true;
  for (auto& [name, role] : database.roles) role.reachable = true;
  auto const record = [&](PartKind kind, Address const& address, DomainName const& domain,
                          std::string const& part, std::string const& text) {
    database.records[{kind, address.schema, address.name, part}] = {
        .domain = domain.text(), .declared = text, .observed = text, .server_major = 15};
  };
  for (auto& [name, schema] : database.schemas)
    if (!schema.domain.empty()) record(PartKind::schema, {name, ""}, schema.domain, "", "");
  for (auto& [address, table] : database.tables) {
    if (table.owner.empty()) table.owner = "deployer";
    record(PartKind::table, address, table.domain, "", "");
    for (auto const& column : table.columns) {
      record(PartKind::column, address, table.domain, column.name, column.type);
      if (!column.default_sql.empty())
        record(PartKind::default_value, address, table.domain, column.name, column.default_sql);
    }
    for (auto const& check : table.checks)
      record(PartKind::check, address, table.domain, check.name, check.expression);
    for (auto const& index : table.indexes)
      record(PartKind::index, address, table.domain, index.name, "");
    for (auto const& key : table.foreign_keys)
      record(PartKind::foreign_key, address, table.domain, key.name, "");
  }
  for (auto& [address, table] : database.tables)
    for (auto const& trigger : table.triggers)
      record(PartKind::trigger, address, table.domain, trigger.name, trigger.definition);
  for (auto& [address, view] : database.views)
    record(PartKind::view, address, view.domain, "", view.definition);
  for (auto& [address, function] : database.functions)
    record(PartKind::function, address, function.domain, "", function.definition);
  for (auto& [name, topic] : database.topics)
    record(PartKind::topic, {"hansa", name}, topic.domain, "", to_text(topic));
  return database;
}

inline Database virgin() {
  return {.applier = {.name = "deployer",
                      .create_role = true,
                      .create_in_database = true,
                      .server_version = 150020,
                      .database = "shop"}};
}

inline Database applied(mesh::Mesh const& mesh) {
  return as_applied(desired(mesh, shop::domains_of(mesh)).database);
}

inline Plan plan_for(mesh::Mesh const& mesh, Database const& observed) {
  return compare(desired(mesh, shop::domains_of(mesh)).database, observed, shop::domains_of(mesh));
}

using Edit = std::function<void(mesh::Mesh&)>;
using Drift = std::function<void(Database&)>;

struct Case {
  std::string name;
  Edit declared = [](mesh::Mesh&) {};
  Drift by_hand = [](Database&) {};
};

// Compares `text` with the section `## name` of testdata/<file>; defined in plan_test.cpp. To
// refresh: remove the file, then run with HANSA_REFRESH_GOLDENS=1 and read the difference.
void check_golden(std::string const& file, std::string const& name, std::string const& text);

// Plans for `declared` against what it was when it was last applied.
inline void check_against_goldens(std::string const& file, mesh::Mesh const& declared,
                                  std::vector<Case> const& cases) {
  for (Case const& each : cases) {
    auto mesh = declared;
    auto observed = applied(mesh);
    each.declared(mesh);
    each.by_hand(observed);
    check_golden(file, each.name, to_text(plan_for(mesh, observed), Colour::off));
  }
}

}  // namespace hansa::plan
