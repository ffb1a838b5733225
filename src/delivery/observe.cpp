#include "delivery/observe.h"

#include <fmt/format.h>

#include "delivery/catalog_queries.h"
#include "delivery/delivery.h"
#include "json/value.h"
#include "plan/own_tables.h"

namespace hansa::delivery {
namespace {

using plan::Address;
using plan::Database;
using postgres::Rows;
using postgres::Session;

constexpr int topics_since = 3;  // version of Hansa's own schema

std::string json_list(std::set<std::string> const& names) {
  json::Array items;
  for (auto const& name : names) items.push_back(json::text(name));
  return json::to_text(json::array(std::move(items)));
}

// Rows of one answer, cell by cell.
struct Row {
  Rows const& rows;
  std::size_t at;

  std::string text(std::size_t column) const { return std::string(rows.value(at, column)); }
  bool flag(std::size_t column) const { return rows.value(at, column) == "t"; }
  Address address(std::size_t column) const { return {text(column), text(column + 1)}; }
  std::vector<std::string> list(std::size_t column) const {
    std::vector<std::string> out;
    auto const value = json::parse(rows.value(at, column));
    if (!value || value->as_array() == nullptr) return out;
    for (json::Value const& item : *value->as_array())
      if (auto const* name = item.as_string()) out.push_back(*name);
    return out;
  }
};

template <class Take>
void each(Session& session, std::string_view sql, std::string const& names, Take take) {
  auto const rows = session.execute(sql, {names});
  for (std::size_t at = 0; at < rows.size(); ++at) take(Row{rows, at});
}

class Observation {
 public:
  explicit Observation(Session& session) : session_(session) {}

  Database run(Database const& desired, std::vector<DomainName> const& domains) {
    std::set<std::string> roles, schemas{std::string(plan::own_schema)};
    for (auto const& [name, role] : desired.roles) roles.insert(name);
    for (auto const& [name, schema] : desired.schemas) schemas.insert(name);
    read_applier();
    read_records(domains);
    for (auto const& [key, recorded] : out_.records)
      if (key.kind == plan::PartKind::schema) schemas.insert(key.schema);
    read_roles(json_list(roles));
    auto const names = json_list(schemas);
    read_schemas(names);
    read_relations(names);
    read_columns(names);
    read_constraints(names);
    read_indexes(names);
    read_functions(names);
    read_topics(desired, domains);
    read_rights(names);
    return std::move(out_);
  }

 private:
  void read_applier() {
    auto const rows = session_.execute(query::applier);
    Row const row{rows, 0};
    out_.applier = {.name = row.text(0),
                    .superuser = row.flag(1),
                    .create_role = row.flag(2),
                    .create_in_database = row.flag(3),
                    .server_version = session_.server_version(),
                    .database = row.text(4)};
  }

  void read_records(std::vector<DomainName> const& domains) {
    version_ = own_schema_version(session_);
    if (version_ == 0) return;
    out_.has_own_schema = true;
    std::set<std::string> names;
    for (DomainName const& domain : domains) names.insert(domain.text());
    each(session_, query::records, json_list(names), [&](Row const& row) {
      plan::PartKind kind{};
      if (!plan::part_kind(row.text(0), kind)) return;
      out_.records[{kind, row.text(1), row.text(2), row.text(3)}] = {
          .domain = row.text(4),
          .declared = row.text(5),
          .observed = row.text(6),
          .server_major = std::stoi(row.text(7))};
    });
  }

  void read_roles(std::string const& names) {
    bool const options = session_.server_version() >= 160000;
    each(session_, options ? query::roles_16 : query::roles_15, names, [&](Row const& row) {
      plan::Role& role = out_.roles[row.text(0)];
      role.name = row.text(0);
      role.login = row.flag(1);
      role.superuser = row.flag(2);
      role.create_role = row.flag(3);
      role.create_database = row.flag(4);
      role.replication = row.flag(5);
      role.bypass_row_security = row.flag(6);
      role.reachable = row.flag(7);
      role.grantable = row.flag(8);
      for (auto& group : row.list(9)) role.member_of.insert(std::move(group));
    });
  }

  void read_schemas(std::string const& names) {
    each(session_, query::schemas, names, [&](Row const& row) {
      out_.schemas[row.text(0)] = {.name = row.text(0), .owner = row.text(1)};
    });
    each(session_, query::owners, names,
         [&](Row const& row) { out_.applier.may_become.insert(row.text(0)); });
  }

  void read_relations(std::string const& names) {
    each(session_, query::relations, names, [&](Row const& row) {
      auto const address = row.address(0);
      auto const kind = row.text(2);
      if (kind == "r") {
        out_.tables[address] = {.address = address, .owner = row.text(3), .comment = row.text(4)};
      } else if (kind == "v") {
        out_.views[address] = {.address = address,
                               .owner = row.text(3),
                               .definition = row.text(6),
                               .options = row.list(5),
                               .comment = row.text(4)};
      } else {
        out_.other_relations.insert(address);
      }
    });
    each(session_, query::view_sources, names, [&](Row const& row) {
      auto const view = out_.views.find(row.address(0));
      if (view != out_.views.end()) view->second.sources.insert(row.address(2));
    });
  }

  void read_columns(std::string const& names) {
    each(session_, query::columns, names, [&](Row const& row) {
      auto const address = row.address(0);
      if (row.text(2) == "v") {
        out_.views.at(address).columns.push_back({row.text(3), row.text(4)});
        return;
      }
      plan::Table& table = out_.tables.at(address);
      table.columns.push_back({.name = row.text(3),
                               .type = row.text(4),
                               .not_null = row.flag(5),
                               .default_sql = row.text(6),
                               .sequence = row.text(7),
                               .comment = row.text(8)});
      if (!row.text(7).empty()) table.sequences[row.text(7)];
    });
  }

  void read_constraints(std::string const& names) {
    each(session_, query::checks, names, [&](Row const& row) {
      out_.tables.at(row.address(0))
          .checks.push_back({.name = row.text(2),
                             .expression = row.text(3),
                             .columns = row.list(5),
                             .validated = row.flag(4)});
    });
    each(session_, query::foreign_keys, names, [&](Row const& row) {
      auto const table = out_.tables.find(row.address(0));
      if (table == out_.tables.end()) return;
      table->second.foreign_keys.push_back({.name = row.text(2),
                                            .columns = row.list(6),
                                            .target = row.address(4),
                                            .target_columns = row.list(7),
                                            .validated = row.flag(3),
                                            .plain = row.flag(8)});
    });
  }

  void read_indexes(std::string const& names) {
    each(session_, query::indexes, names, [&](Row const& row) {
      out_.tables.at(row.address(0))
          .indexes.push_back({.name = row.text(2),
                              .columns = row.list(8),
                              .unique = row.flag(3),
                              .primary = row.flag(4),
                              .constraint = row.flag(7),
                              .valid = row.flag(5),
                              .plain = row.flag(6)});
    });
  }

  void read_functions(std::string const& names) {
    each(session_, query::functions, names, [&](Row const& row) {
      out_.functions[row.address(0)] = {.address = row.address(0),
                                        .owner = row.text(2),
                                        .arguments = row.text(3),
                                        .definition = row.text(4)};
    });
    each(session_, query::triggers, names, [&](Row const& row) {
      out_.tables.at(row.address(0))
          .triggers.push_back({.name = row.text(2),
                               .function = row.address(3),
                               .definition = row.text(5),
                               .always = row.flag(6)});
    });
  }

  void read_topics(Database const& desired, std::vector<DomainName> const& domains) {
    if (version_ < topics_since) return;
    std::set<std::string> owners, names;
    for (DomainName const& domain : domains) owners.insert(domain.text());
    for (auto const& [name, topic] : desired.topics) names.insert(name);
    auto const rows = session_.execute(query::topics, {json_list(owners), json_list(names)});
    for (std::size_t at = 0; at < rows.size(); ++at) {
      Row const row{rows, at};
      plan::Topic& topic = out_.topics[row.text(0)];
      topic = {.name = row.text(0),
               .domain = DomainName(row.text(1)),
               .of_clients = row.text(1).empty(),
               .partitions = static_cast<std::uint32_t>(std::stoul(row.text(2))),
               .cleanup = row.text(3),
               .message_bytes_max = static_cast<std::uint32_t>(std::stoul(row.text(5)))};
      if (!row.text(4).empty()) topic.retention_ms = std::stoll(row.text(4));
    }
  }

  void read_rights(std::string const& names) {
    each(session_, query::rights, names, [&](Row const& row) {
      auto const kind = row.text(0);
      auto const address = row.address(1);
      auto const part = row.text(3);
      plan::Privilege right{row.text(4), row.text(5), kind == "a" ? part : "", row.flag(6)};
      auto const table = out_.tables.find(address);
      if (kind == "f") {
        out_.functions.at(address).privileges.insert(std::move(right));
      } else if (kind == "n") {
        out_.schemas.at(address.schema).privileges.insert(std::move(right));
      } else if (auto const view = out_.views.find(address); view != out_.views.end()) {
        view->second.privileges.insert(std::move(right));
      } else if (table != out_.tables.end() && kind == "S") {
        table->second.sequences[part].insert(std::move(right));
      } else if (table != out_.tables.end()) {
        table->second.privileges.insert(std::move(right));
      }
    });
  }

  Session& session_;
  int version_ = 0;  // of Hansa's own schema
  Database out_;
};

}  // namespace

void prepare(Session& session) {
  session.execute("set search_path = pg_catalog");
  session.execute("set quote_all_identifiers = off");
  session.execute("set client_connection_check_interval = '500ms'");
  session.execute("set statement_timeout = 0");
  session.execute("set idle_in_transaction_session_timeout = 0");
}

int own_schema_version(Session& session) {
  auto const found = session.execute(query::has_own_schema);
  if (found.value(0, 1) != "t") return 0;
  auto const rows = session.execute("select coalesce(max(version), 0) from hansa.schema_version");
  int const version = std::stoi(std::string(rows.value(0, 0)));
  if (version > schema_version)
    throw Failure(Code::schema_too_new,
                  fmt::format("Hansa's schema in this database has version {}, this program knows "
                              "versions up to {}",
                              version, schema_version),
                  "use the newer hansa that wrote it");
  return version;
}

Database observe(Session& session, Database const& desired,
                 std::vector<DomainName> const& domains) {
  return Observation(session).run(desired, domains);
}

}  // namespace hansa::delivery
