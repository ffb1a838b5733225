// For tests: a small shop as a mesh value, built by hand, and ways to change it.
//
// Three domains: products (product refers to category, both served), orders (table `order`, a
// keyword, with a column `user`), users (table `user`, and the private table `login`).
#pragma once

#include <algorithm>
#include <string>

#include "mesh/mesh.h"

namespace hansa::plan::shop {

inline mesh::Column column(std::string name, types::Kind kind, SourceRange where = {}) {
  mesh::Column out;
  out.name = ColumnName(name);
  out.physical_name = std::move(name);
  out.type.kind = kind;
  out.where = std::move(where);
  return out;
}

inline mesh::Column required(mesh::Column column) {
  column.required = true;
  return column;
}

inline mesh::Column money(std::string name) {
  auto out = column(std::move(name), types::Kind::numeric);
  out.type.precision = 10;
  out.type.scale = 2;
  return out;
}

inline mesh::Column with_default(mesh::Column column, mesh::Default::Kind kind, std::string text) {
  column.default_value = mesh::Default{kind, std::move(text)};
  return column;
}

inline mesh::Column identity() {
  auto out = required(column("id", types::Kind::int32));
  out.identity = true;
  return out;
}

inline mesh::Index index_on(std::string const& table, std::string const& column,
                            mesh::Index::Origin origin, std::string const& suffix) {
  mesh::Index out;
  out.name = table + "_" + (suffix == "pkey" ? "" : column + "_") + suffix;
  out.columns = {ColumnName(column)};
  out.unique = origin == mesh::Index::Origin::primary_key || origin == mesh::Index::Origin::unique;
  out.origin = origin;
  return out;
}

inline mesh::Object table(std::string name, std::vector<mesh::Column> columns, std::string file) {
  mesh::Object out;
  out.name = ObjectName(name);
  out.physical_name = name;
  out.columns = std::move(columns);
  out.primary_key = {ColumnName("id")};
  out.indexes = {index_on(name, "id", mesh::Index::Origin::primary_key, "pkey")};
  out.where = {.file = std::move(file), .line = 7, .column = 5, .length = 4};
  for (std::uint32_t line = 9; mesh::Column & each : out.columns)
    each.where = {.file = out.where.file, .line = line++, .column = 9, .length = 2};
  return out;
}

enum class Served : std::uint8_t { yes, no };

inline void add_contract(mesh::Domain& domain, mesh::Object object, Served served,
                         std::uint32_t major = 1) {
  auto const stem = object.name.text();
  mesh::Contract contract;
  contract.id = ContractId(domain.name.text() + "-" + stem + "-v" + std::to_string(major));
  contract.domain = domain.name;
  contract.product = ProductName("main");
  contract.version = std::to_string(major) + ".0.0";
  contract.major = Major{major};
  contract.file = object.where.file;
  contract.objects = {std::move(object)};
  if (domain.products.empty()) {
    mesh::Product product;
    product.name = ProductName("main");
    product.domain = domain.name;
    domain.products.push_back(std::move(product));
  }
  if (served == Served::yes)
    domain.products.front().output_ports.push_back({.name = stem,
                                                    .type = mesh::PortType::rest,
                                                    .contract = contract.id,
                                                    .major = Major{major}});
  domain.contracts.push_back(std::move(contract));
}

inline mesh::Domain domain(std::string name) {
  mesh::Domain out;
  out.name = DomainName(name);
  out.file = "domains/" + name + "/domain.yaml";
  return out;
}

inline mesh::Domain products() {
  using types::Kind;
  auto out = domain("products");
  auto title = required(column("title", Kind::text));
  add_contract(
      out, table("category", {identity(), title}, "domains/products/main/category.v1.odcs.yaml"),
      Served::yes);

  auto name = required(column("name", Kind::text));
  name.rules.max_length = 255;
  name.description = "What customers call it";
  auto stock = with_default(column("stock", Kind::int32), mesh::Default::Kind::literal, "0");
  stock.rules.minimum = "0";
  auto category = column("category_id", Kind::int32);
  category.reference = mesh::Reference{
      .domain = out.name, .object = ObjectName("category"), .column = ColumnName("id")};
  auto product = table("product",
                       {identity(), required(column("sku", Kind::text)), name,
                        required(money("price")), stock, category,
                        with_default(column("created_at", Kind::timestamptz),
                                     mesh::Default::Kind::expression, "now()")},
                       "domains/products/main/product.v1.odcs.yaml");
  product.description = "Things we sell";
  product.indexes.push_back(index_on("product", "sku", mesh::Index::Origin::unique, "key"));
  product.indexes.push_back(
      index_on("product", "category_id", mesh::Index::Origin::reference, "idx"));
  add_contract(out, std::move(product), Served::yes);
  return out;
}

inline mesh::Domain orders() {
  using types::Kind;
  auto out = domain("orders");
  auto quantity = required(column("quantity", Kind::int32));
  quantity.rules.minimum = "1";
  auto product = column("product_id", Kind::int32);
  product.reference = mesh::Reference{.domain = DomainName("products"),
                                      .object = ObjectName("product"),
                                      .column = ColumnName("id"),
                                      .crosses_domains = true};
  add_contract(
      out,
      table("order", {identity(), column("user", Kind::text), product, quantity, money("total")},
            "domains/orders/main/order.v1.odcs.yaml"),
      Served::yes);
  return out;
}

inline mesh::Domain users() {
  using types::Kind;
  auto out = domain("users");
  add_contract(out,
               table("user", {identity(), required(column("email", Kind::text))},
                     "domains/users/main/user.v1.odcs.yaml"),
               Served::yes);
  add_contract(out,
               table("login", {identity(), column("at", Kind::timestamptz)},
                     "domains/users/main/login.v1.odcs.yaml"),
               Served::no);
  return out;
}

inline mesh::Mesh mesh(std::string name = "shop") {
  mesh::Mesh out;
  out.name = MeshName(std::move(name));
  out.domains = {orders(), products(), users()};
  return out;
}

inline std::vector<DomainName> domains_of(mesh::Mesh const& mesh) {
  std::vector<DomainName> out;
  for (mesh::Domain const& each : mesh.domains) out.push_back(each.name);
  return out;
}

// The object called `name`, wherever it is. Requires one.
inline mesh::Object& object(mesh::Mesh& mesh, std::string const& name) {
  for (mesh::Domain& each : mesh.domains)
    for (mesh::Contract& contract : each.contracts)
      for (mesh::Object& found : contract.objects)
        if (found.name.text() == name) return found;
  std::abort();
}

inline mesh::Column& column_of(mesh::Mesh& mesh, std::string const& table,
                               std::string const& name) {
  auto& columns = object(mesh, table).columns;
  return *std::ranges::find(columns, ColumnName(name), &mesh::Column::name);
}

inline void remove_column(mesh::Mesh& mesh, std::string const& table, std::string const& name) {
  std::erase_if(object(mesh, table).columns,
                [&](mesh::Column const& each) { return each.name.text() == name; });
}

}  // namespace hansa::plan::shop
