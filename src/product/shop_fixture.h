// For tests: a mesh of one domain with a table of every kind of column and one with a composite
// key, and the SQL that makes them, written by hand so that nothing but this room is under test.
#pragma once

#include <string>
#include <vector>

#include "mesh/mesh.h"
#include "product/service.h"
#include "product/table.h"

namespace hansa::product::testing {

inline mesh::Column column(std::string name, types::Kind kind) {
  mesh::Column column;
  column.name = ColumnName{name};
  column.physical_name = std::move(name);
  column.type.kind = kind;
  return column;
}

inline mesh::Column required(mesh::Column column) {
  column.required = true;
  return column;
}

inline mesh::Column orderable(mesh::Column column) {
  column.orderable = true;
  return column;
}

inline std::vector<mesh::Column> item_columns() {
  using enum types::Kind;
  std::vector<mesh::Column> columns;
  columns.push_back(orderable(required(column("id", int32))));
  columns.back().identity = true;
  columns.push_back(required(column("name", text)));
  columns.back().rules.max_length = 255;
  columns.push_back(orderable(required(column("price", numeric))));
  columns.back().type.precision = 10;
  columns.back().type.scale = 2;
  columns.push_back(orderable(column("stock", int32)));
  columns.back().rules.minimum = "0";
  columns.back().default_value = mesh::Default{.kind = mesh::Default::Kind::literal, .text = "0"};
  columns.push_back(orderable(column("sku", text)));
  columns.back().physical_name = "sku_code";
  columns.back().unique = true;
  columns.push_back(column("active", boolean));
  columns.push_back(column("views", int64));
  columns.push_back(column("details", json));
  columns.push_back(column("photo", bytes));
  columns.push_back(required(column("created_at", timestamptz)));
  columns.back().default_value =
      mesh::Default{.kind = mesh::Default::Kind::expression, .text = "now()"};
  return columns;
}

inline mesh::Object item() {
  mesh::Object object;
  object.name = ObjectName{"item"};
  object.physical_name = "item_store";
  object.columns = item_columns();
  object.primary_key = {ColumnName{"id"}};
  object.indexes = {
      {"item_store_pkey", {ColumnName{"id"}}, true, mesh::Index::Origin::primary_key},
      {"item_store_sku_key", {ColumnName{"sku"}}, true, mesh::Index::Origin::unique},
      {"item_price_idx", {ColumnName{"price"}}, false, mesh::Index::Origin::declared}};
  return object;
}

inline mesh::Object line() {
  using enum types::Kind;
  mesh::Object object;
  object.name = ObjectName{"line"};
  object.physical_name = "line";
  object.columns = {orderable(required(column("basket", text))), required(column("number", int32)),
                    column("item_id", int32)};
  object.columns[2].reference = mesh::Reference{
      .domain = DomainName{"shop"}, .object = ObjectName{"item"}, .column = ColumnName{"id"}};
  object.primary_key = {ColumnName{"basket"}, ColumnName{"number"}};
  object.indexes = {{"line_pkey",
                     {ColumnName{"basket"}, ColumnName{"number"}},
                     true,
                     mesh::Index::Origin::primary_key}};
  return object;
}

inline mesh::Mesh make_shop() {
  mesh::Contract contract;
  contract.id = ContractId{"shop-item-v1"};
  contract.domain = DomainName{"shop"};
  contract.product = ProductName{"items"};
  contract.major = Major{1};
  contract.objects = {item(), line()};
  mesh::Product product;
  product.name = ProductName{"items"};
  product.domain = DomainName{"shop"};
  product.output_ports = {{"rest", mesh::PortType::rest, contract.id, Major{1}, ""}};
  mesh::Domain domain;
  domain.name = DomainName{"shop"};
  domain.products = {product};
  domain.contracts = {contract};
  mesh::Mesh mesh;
  mesh.name = MeshName{"test"};
  mesh.domains = {domain};
  return mesh;
}

// The same, publishing the changes of `item`, and events that an emission makes of them.
inline mesh::Mesh make_publishing_shop() {
  auto mesh = make_shop();
  mesh::Topic changes;
  changes.name = "shop-item-v1";
  changes.domain = DomainName{"shop"};
  changes.object = ObjectName{"item"};
  changes.source = mesh::Topic::Source::changes;
  mesh::Topic emitted;
  emitted.name = "shop-item_priced-v1";
  emitted.domain = DomainName{"shop"};
  emitted.object = ObjectName{"item_priced"};
  emitted.source = mesh::Topic::Source::emission;
  emitted.emission = mesh::Emission{.table = ObjectName{"item"}, .on_insert = true};
  mesh.topics = {changes, emitted};
  return mesh;
}

// `item` is what a projection makes of another domain's events, and `line` points to it.
inline mesh::Mesh make_projecting_shop() {
  auto mesh = make_shop();
  mesh.topics = {{.name = "factory-item-v1", .domain = DomainName{"factory"}}};
  mesh.subscriptions = {
      {.domain = DomainName{"shop"},
       .port = "item",
       .topic = "factory-item-v1",
       .reaction = {.kind = mesh::Reaction::Kind::projection, .writes = {ObjectName{"item"}}}}};
  return mesh;
}

// Object 0 is `item`, 1 is `line`.
inline mesh::Served served(mesh::Mesh const& mesh, std::size_t object = 0) {
  mesh::Domain const& domain = mesh.domains.front();
  return {&domain, &domain.products.front(), &domain.contracts.front(),
          &domain.contracts.front().objects[object]};
}

inline Settings settings() { return {.cursor_key = std::string(32, 'k')}; }

inline constexpr char const* shop_sql = R"(
create schema shop;
create schema shop_v1;
create table shop.item_store (
  id integer generated by default as identity primary key,
  name text not null constraint item_store_name_length_check check (char_length(name) <= 255),
  price numeric(10,2) not null,
  stock integer default 0 constraint item_store_stock_range_check check (stock >= 0),
  sku_code text constraint item_store_sku_key unique,
  active boolean, views bigint, details jsonb, photo bytea,
  created_at timestamptz not null default now());
create index item_price_idx on shop.item_store (price);
create index item_stock_idx on shop.item_store (stock);
create table shop.line (
  basket text, number integer,
  item_id integer constraint line_item_id_fkey references shop.item_store,
  primary key (basket, number));
create view shop_v1.item as select id, name, price, stock, sku_code as sku, active, views, details,
  photo, created_at from shop.item_store;
create view shop_v1.line as select basket, number, item_id from shop.line;
create schema hansa;
create table hansa.idempotency_shop (key text primary key, fingerprint text not null,
  status integer, headers jsonb, content_type text, body text,
  created_at timestamptz not null default now());
)";

}  // namespace hansa::product::testing
