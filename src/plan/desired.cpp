#include "plan/desired.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "plan/capture.h"
#include "plan/ddl.h"
#include "plan/own_tables.h"
#include "plan/reaction_sql.h"
#include "plan/stored.h"

namespace hansa::plan {
namespace {

// The roles of one domain by what they do.
struct DomainRoles {
  std::string owner, runtime, view, emit;

  DomainRoles(MeshName const& mesh, DomainName const& domain)
      : owner(role_name(mesh, domain, mesh::RoleKind::owner)),
        runtime(role_name(mesh, domain, mesh::RoleKind::runtime)),
        view(role_name(mesh, domain, mesh::RoleKind::view)),
        emit(role_name(mesh, domain, mesh::RoleKind::emit)) {}
};

// A table object of a contract, and whether other roles may see it through a view.
struct Offered {
  mesh::Contract const* contract;
  mesh::Object const* object;
  bool served;
};

bool is_served(mesh::Domain const& domain, mesh::Contract const& contract) {
  auto const serves = [&](mesh::OutputPort const& port) {
    return port.contract == contract.id && port.type != mesh::PortType::kafka;
  };
  return std::ranges::any_of(domain.products, [&](mesh::Product const& product) {
    return std::ranges::any_of(product.output_ports, serves);
  });
}

// Every table object of the domain, newest major first.
std::vector<Offered> offered_by(mesh::Domain const& domain) {
  std::vector<Offered> out;
  for (mesh::Contract const& contract : domain.contracts)
    for (mesh::Object const& object : contract.objects)
      if (object.kind == mesh::ObjectKind::table)
        out.push_back({&contract, &object, is_served(domain, contract)});
  std::ranges::stable_sort(out, std::ranges::greater{},
                           [](Offered const& o) { return number(o.contract->major); });
  return out;
}

std::string default_sql(mesh::Column const& column) {
  if (!column.default_value) return {};
  if (column.default_value->kind == mesh::Default::Kind::expression)
    return column.default_value->text;
  return literal(column.default_value->text) + "::" + types::postgres_type(column.type);
}

class DomainDesire {
 public:
  DomainDesire(mesh::Mesh const& mesh, mesh::Domain const& domain, Desired& out)
      : mesh_(mesh),
        domain_(domain),
        roles_(mesh.name, domain.name),
        out_(out),
        offered_(offered_by(domain)),
        store_(mesh::store_schema(domain.name)) {}

  void add() {
    for (auto const& name : {roles_.owner, roles_.runtime, roles_.view, roles_.emit})
      out_.database.roles[name] = Role{.name = name, .domain = domain_.name};
    add_schemas();
    for (Table& table : own_tables(domain_.name, roles_.runtime, roles_.emit))
      keep(std::move(table));
    for (Offered const& offered : offered_)
      if (!out_.database.tables.contains(address_of(*offered.object))) keep(table_of(offered));
    for (Offered const& offered : offered_)
      if (offered.served) add_view(offered);
    add_streams();
  }

 private:
  void keep(Table table) {
    auto const address = table.address;
    out_.database.tables.emplace(address, std::move(table));
  }

  Address address_of(mesh::Object const& object) const { return {store_, physical(object)}; }

  void add_streams() {
    for (Topic& topic : topics_of(mesh_, domain_.name)) {
      auto const name = topic.name;
      out_.database.topics.emplace(name, std::move(topic));
    }
    auto capture = capture_of(mesh_, domain_);
    for (Function& function : capture.functions) {
      auto const address = function.address;
      out_.database.functions.emplace(address, std::move(function));
    }
    for (auto& [address, triggers] : capture.triggers)
      out_.database.tables.at(address).triggers = std::move(triggers);
    for (Function& function : reactions_of(mesh_, domain_.name)) {
      auto const address = function.address;
      out_.database.functions.emplace(address, std::move(function));
    }
    std::ranges::move(capture.refusals, std::back_inserter(out_.refusals));
  }

  // Emissions read the domain's tables; another tool's only where there are emissions at all.
  bool is_read_by_emissions(mesh::Object const& object) const {
    return object.managed || std::ranges::any_of(mesh_.topics, [this](mesh::Topic const& topic) {
             return topic.domain == domain_.name && topic.emission.has_value();
           });
  }

  void add_schemas() {
    bool const shared = std::ranges::any_of(
        offered_, [](Offered const& offered) { return !offered.object->managed; });
    auto const where = place_of({.file = domain_.file});
    out_.database.schemas[store_] = {.name = store_,
                                     .owner = roles_.owner,
                                     .domain = domain_.name,
                                     .privileges = {{roles_.runtime, "usage", ""},
                                                    {roles_.view, "usage", ""},
                                                    {roles_.emit, "usage", ""}},
                                     .shared = shared,
                                     .where = where};
    // Schema `hansa` is made by migration; here only the right to enter it is asked for.
    auto& own = out_.database.schemas[std::string(own_schema)];
    own.name = own_schema;
    own.privileges.insert({roles_.runtime, "usage", ""});
    own.privileges.insert({roles_.emit, "usage", ""});
    for (Major const major : mesh_.majors(domain_)) {
      auto const name = mesh::view_schema(domain_.name, major);
      out_.database.schemas[name] = {.name = name,
                                     .owner = roles_.view,
                                     .domain = domain_.name,
                                     .privileges = {{roles_.runtime, "usage", ""}},
                                     .for_consumers = true,
                                     .where = where};
    }
  }

  Table table_of(Offered const& offered) const {
    mesh::Object const& object = *offered.object;
    Table table{.address = address_of(object),
                .domain = domain_.name,
                .owner = roles_.owner,
                .managed = object.managed,
                .comment = object.description,
                .renamed_from = object.renamed_from,
                .where = place_of(object.where)};
    for (auto const* right : {"select", "insert", "update", "delete"})
      table.privileges.insert({roles_.runtime, right, ""});
    if (is_read_by_emissions(object)) table.privileges.insert({roles_.emit, "select", ""});
    for (mesh::Column const& column : object.columns) add_column(table, object, column);
    for (mesh::Index const& index : object.indexes)
      table.indexes.push_back({.name = index.name,
                               .columns = physical_names(object, index.columns),
                               .unique = index.unique,
                               .primary = index.origin == mesh::Index::Origin::primary_key});
    return table;
  }

  void add_column(Table& table, mesh::Object const& object, mesh::Column const& column) const {
    auto const name = physical(column);
    bool const in_key =
        std::ranges::find(object.primary_key, column.name) != object.primary_key.end();
    Column made{.name = name,
                .type = types::postgres_type(column.type),
                .not_null = column.required || column.identity || in_key,
                .default_sql = column.identity ? "" : default_sql(column),
                .comment = column.description,
                .renamed_from = column.renamed_from,
                .where = place_of(column.where)};
    made.volatile_default = made.default_sql.contains("gen_random_uuid");
    if (column.identity) {
      made.sequence = bounded_name(table.address.name + "_" + name + "_seq");
      for (auto const* right : {"usage", "select", "update"})
        table.sequences[made.sequence].insert({roles_.runtime, right, ""});
    }
    table.columns.push_back(std::move(made));
    for (types::Check const& check : types::checks(name, column.type, column.rules))
      table.checks.push_back({.name = bounded_name(fmt::format("{}_{}_{}_check", table.address.name,
                                                               name, check.name)),
                              .expression = check.expression,
                              .columns = {name}});
    add_foreign_key(table, column);
  }

  void add_foreign_key(Table& table, mesh::Column const& column) const {
    if (!column.reference || column.reference->crosses_domains) return;
    auto const target = std::ranges::find_if(offered_, [&](Offered const& offered) {
      return offered.object->name == column.reference->object;
    });
    if (target == offered_.end()) return;
    auto const* to = target->object->find(column.reference->column.text());
    if (to == nullptr) return;
    auto const name = physical(column);
    table.foreign_keys.push_back(
        {.name = bounded_name(fmt::format("{}_{}_fkey", table.address.name, name)),
         .columns = {name},
         .target = address_of(*target->object),
         .target_columns = {physical(*to)}});
  }

  static std::vector<std::string> physical_names(mesh::Object const& object,
                                                 std::vector<ColumnName> const& names) {
    std::vector<std::string> out;
    for (ColumnName const& name : names) {
      auto const* column = object.find(name.text());
      out.push_back(column == nullptr ? name.text() : physical(*column));
    }
    return out;
  }

  // Columns by name; a type of its own is a cast, so that an older major goes on answering as it
  // did.
  void add_view(Offered const& offered) {
    mesh::Object const& object = *offered.object;
    Table& table = out_.database.tables.at(address_of(object));
    View view{
        .address = {mesh::view_schema(domain_.name, offered.contract->major), object.name.text()},
        .domain = domain_.name,
        .owner = roles_.view,
        .sources = {table.address},
        .comment = object.description,
        .privileges = {{roles_.runtime, "select", ""}},
        .where = place_of(object.where)};
    std::vector<std::string> shown;
    for (mesh::Column const& column : object.columns) {
      auto const* stored = table.find(physical(column));
      auto const type = types::postgres_type(column.type);
      if (stored == nullptr) {
        out_.refusals.push_back(
            {Code::not_supported_yet,
             fmt::format("{} of {} has no column in the newest major of {}", column.name.text(),
                         to_text(view.address), to_text(table.address)),
             "keep the column in the newest major until the older one is gone"});
        return;
      }
      auto text = quoted(stored->name);
      if (stored->type != type) text += "::" + type;
      if (stored->name != column.name.text() || stored->type != type)
        text += " as " + quoted(column.name.text());
      shown.push_back(std::move(text));
      view.columns.push_back({column.name.text(), type});
      table.privileges.insert({roles_.view, "select", stored->name});
    }
    view.definition =
        fmt::format("select {} from {}", fmt::join(shown, ", "), quoted(table.address));
    auto const address = view.address;
    out_.database.views.emplace(address, std::move(view));
  }

  mesh::Mesh const& mesh_;
  mesh::Domain const& domain_;
  DomainRoles roles_;
  Desired& out_;
  std::vector<Offered> offered_;
  std::string store_;
};

}  // namespace

Desired desired(mesh::Mesh const& mesh, std::vector<DomainName> const& domains) {
  Desired out;
  for (mesh::Domain const& domain : mesh.domains) {
    DomainRoles const roles(mesh.name, domain.name);
    out.database.mesh_roles.insert({roles.owner, roles.runtime, roles.view, roles.emit});
  }
  for (DomainName const& name : domains)
    if (auto const* domain = mesh.find_domain(name.text())) DomainDesire(mesh, *domain, out).add();
  return out;
}

}  // namespace hansa::plan
