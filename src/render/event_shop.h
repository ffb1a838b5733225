// For tests: a small shop whose domains speak by events, as a mesh value made by hand.
//
// Orders publishes the changes of its table order_line (Avro; served over REST too), an emission
// order_placed (JSON) and a topic clicked that its clients write; its port `product` reads the
// changes of product, with dead letters. Products publishes those, and its port `order_placed`,
// which halts, reads the emission. Users has no events.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "mesh/mesh.h"

namespace hansa::render::event_shop {

inline mesh::Column column(std::string name, types::Type type) {
  mesh::Column out;
  out.name = ColumnName(std::move(name));
  out.type = std::move(type);
  return out;
}

inline mesh::Column required(mesh::Column column) {
  column.required = true;
  return column;
}

inline mesh::Object object(std::string name, mesh::ObjectKind kind,
                           std::vector<mesh::Column> columns) {
  mesh::Object out;
  out.name = ObjectName(std::move(name));
  out.kind = kind;
  out.columns = std::move(columns);
  return out;
}

inline mesh::Object order_line() {
  using types::Kind;
  auto out =
      object("order_line", mesh::ObjectKind::table,
             {required(column("order_id", {.kind = Kind::int64})),
              required(column("number", {.kind = Kind::int16})),
              required(column("price", {.kind = Kind::numeric, .precision = 10, .scale = 2})),
              column("note", {.kind = Kind::text}), column("gift", {.kind = Kind::boolean}),
              required(column("made_at", {.kind = Kind::timestamptz})),
              column("weight", {.kind = Kind::numeric}), column("extra", {.kind = Kind::json}),
              column("photo", {.kind = Kind::bytes}), column("seller", {.kind = Kind::uuid}),
              column("due", {.kind = Kind::date}), column("at", {.kind = Kind::time})});
  out.business_name = "Order line";
  out.description = "What was ordered";
  out.columns[1].identity = true;
  out.columns[2].rules.minimum = "0";
  out.columns[3].classification = "personal";
  out.columns[4].default_value = mesh::Default{.text = "true"};
  out.columns[6].description = "In <kg>";
  out.primary_key = {ColumnName("order_id"), ColumnName("number")};
  return out;
}

inline mesh::Object order_placed() {
  using types::Kind;
  auto out = object("order_placed", mesh::ObjectKind::topic,
                    {required(column("order_id", {.kind = Kind::int32})),
                     required(column("state", {.kind = Kind::text})),
                     column("placed_at", {.kind = Kind::timestamp, .zone = "Europe/Paris"})});
  out.description = "An order was placed";
  out.columns[1].rules.valid_values = {"new", "repeated"};
  out.columns[1].description = "Whether it was seen before";
  return out;
}

inline mesh::Object clicked() {
  return object("clicked", mesh::ObjectKind::topic, {column("what", {.kind = types::Kind::text})});
}

inline mesh::Object product() {
  auto out = object("product", mesh::ObjectKind::table,
                    {required(column("id", {.kind = types::Kind::int32})),
                     required(column("name", {.kind = types::Kind::text}))});
  out.primary_key = {ColumnName("id")};
  out.columns[1].default_value = mesh::Default{.text = "<unnamed> & new"};
  return out;
}

inline mesh::Contract contract(std::string const& domain, mesh::Object object) {
  mesh::Contract out;
  out.id = ContractId(domain + "-" + object.name.text() + "-v1");
  out.domain = DomainName(domain);
  out.product = ProductName("main");
  out.version = "1.2.0";
  out.major = Major{1};
  out.status = "active";
  out.objects = {std::move(object)};
  return out;
}

// A topic of every column of the contract's object.
inline mesh::Topic topic_of(mesh::Contract const& contract, std::vector<ColumnName> key) {
  auto const& object = contract.objects.front();
  auto const& domain = contract.domain.text();
  auto const& name = object.name.text();
  mesh::Topic out;
  out.name = domain + "-" + name + "-v1";
  out.domain = contract.domain;
  out.product = contract.product;
  out.contract = contract.id;
  out.major = contract.major;
  out.version = contract.version;
  out.object = object.name;
  for (auto const& column : object.columns) out.fields.push_back(column.name);
  out.key = std::move(key);
  out.record_name = "Record";
  out.record_namespace = "shop." + domain + ".v1";
  out.event_source = "/" + domain + "/main";
  out.event_type = domain + "." + name + ".v1";
  return out;
}

inline mesh::Topic changes_of(mesh::Contract const& contract) {
  auto out = topic_of(contract, contract.objects.front().primary_key);
  out.source = mesh::Topic::Source::changes;
  out.cleanup = mesh::Cleanup::compact;
  out.partitions = 3;
  return out;
}

inline mesh::Domain domain(std::string name, std::vector<mesh::Contract> contracts) {
  mesh::Domain out;
  out.name = DomainName(name);
  out.description = "Domain " + name;
  out.team = name + "-team";
  mesh::Product main;
  main.name = ProductName("main");
  main.domain = out.name;
  main.title = "Main";
  for (auto const& each : contracts) {
    main.output_ports.push_back({.name = each.objects.front().name.text(),
                                 .type = mesh::PortType::rest,
                                 .contract = each.id,
                                 .major = each.major});
  }
  out.products = {std::move(main)};
  out.contracts = std::move(contracts);
  return out;
}

inline mesh::Subscription port(std::string domain, std::string name, std::string topic) {
  mesh::Subscription out;
  out.domain = DomainName(domain);
  out.product = ProductName("main");
  out.port = name;
  out.topic = std::move(topic);
  out.major = Major{1};
  out.group = domain + "-main-" + name;
  out.dead_letters = domain + "-" + name + "_dead-v1";
  return out;
}

inline void add_orders(mesh::Mesh& mesh) {
  auto const lines = contract("orders", order_line());
  auto const placed = contract("orders", order_placed());
  auto const clicks = contract("orders", clicked());
  auto changes = changes_of(lines);
  std::erase(changes.fields, ColumnName("note"));
  changes.left_out = {ColumnName("note")};
  auto emission = topic_of(placed, {ColumnName("order_id")});
  emission.source = mesh::Topic::Source::emission;
  emission.emission = mesh::Emission{.table = ObjectName("order_line"),
                                     .on_insert = true,
                                     .on_update = true,
                                     .sql = {},
                                     .file = {}};
  emission.format = mesh::EventFormat::json;
  emission.retention = std::chrono::hours(24 * 7);
  mesh.topics.push_back(topic_of(clicks, {}));
  mesh.topics.push_back(std::move(changes));
  mesh.topics.push_back(std::move(emission));
  mesh.domains.push_back(domain("orders", {lines, placed, clicks}));
  mesh.domains.back().support = {{.channel = "help", .url = "https://chat.shop.example/orders"}};
  auto reader = port("orders", "product", "products-product-v1");
  reader.reaction.kind = mesh::Reaction::Kind::projection;
  reader.reaction.batch = 500;
  reader.reaction.file = "domains/orders/main/on/product.sql";
  reader.reaction.needs = {ColumnName("id")};
  reader.reaction.writes = {ObjectName("known_product")};
  mesh.subscriptions.push_back(std::move(reader));
}

inline void add_products(mesh::Mesh& mesh) {
  auto const products = contract("products", product());
  mesh.topics.push_back(changes_of(products));
  mesh.domains.push_back(domain("products", {products}));
  auto reader = port("products", "order_placed", "orders-order_placed-v1");
  reader.from = mesh::Subscription::From::latest;
  reader.on_error = mesh::Subscription::OnError::halt;
  reader.reaction.writes = {ObjectName("product")};
  mesh.subscriptions.push_back(std::move(reader));
}

inline mesh::Mesh mesh() {
  mesh::Mesh out;
  out.name = MeshName("shop");
  add_orders(out);
  add_products(out);
  out.domains.push_back(domain("users", {}));
  return out;
}

inline mesh::Topic& topic_named(mesh::Mesh& mesh, std::string const& name) {
  return *std::ranges::find(mesh.topics, name, &mesh::Topic::name);
}

}  // namespace hansa::render::event_shop
