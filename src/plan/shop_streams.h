// For tests: topics of the shop of shop_mesh.h, made by hand.
//
// Domain products publishes the changes of product and category, orders those of order and an
// emission; users publishes nothing.
#pragma once

#include "plan/shop_mesh.h"

namespace hansa::plan::shop {

// A topic of every column of the object called `name`, keyed by its primary key.
inline mesh::Topic topic_of(mesh::Mesh& mesh, std::string const& name, std::uint32_t major = 1) {
  for (mesh::Domain const& each : mesh.domains)
    for (mesh::Contract const& contract : each.contracts)
      for (mesh::Object const& found : contract.objects) {
        if (found.name.text() != name || number(contract.major) != major) continue;
        mesh::Topic topic;
        topic.name = each.name.text() + "-" + name + "-v" + std::to_string(major);
        topic.domain = each.name;
        topic.product = contract.product;
        topic.contract = contract.id;
        topic.major = contract.major;
        topic.version = contract.version;
        topic.object = found.name;
        topic.source = mesh::Topic::Source::changes;
        for (mesh::Column const& column : found.columns) topic.fields.push_back(column.name);
        topic.key = found.primary_key;
        topic.cleanup = mesh::Cleanup::compact;
        topic.where = found.where;
        return topic;
      }
  std::abort();
}

// The contract of an event, and its topic made by `sql` when `table` changes.
inline void emit(mesh::Mesh& mesh, std::size_t domain, std::string const& name,
                 std::string const& table_name, std::vector<mesh::Column> columns,
                 std::string sql) {
  mesh::Object event;
  event.name = ObjectName(name);
  event.physical_name = name;
  event.kind = mesh::ObjectKind::topic;
  event.columns = std::move(columns);
  event.primary_key = {event.columns.front().name};
  event.where = {.file = "domains/events/main/" + name + ".v1.odcs.yaml", .line = 7};
  add_contract(mesh.domains[domain], std::move(event), Served::no);
  auto topic = topic_of(mesh, name);
  topic.source = mesh::Topic::Source::emission;
  topic.cleanup = mesh::Cleanup::remove;
  topic.retention = std::chrono::hours(24 * 7);
  topic.emission = mesh::Emission{.table = ObjectName(table_name),
                                  .on_insert = true,
                                  .sql = std::move(sql),
                                  .file = "domains/events/main/emit/" + name + ".v1.sql"};
  mesh.topics.push_back(std::move(topic));
}

inline void publish(mesh::Mesh& mesh) {
  for (auto const* name : {"category", "product", "order"})
    mesh.topics.push_back(topic_of(mesh, name));
  emit(mesh, 0, "order_placed", "order",
       {required(column("order_id", types::Kind::int32)),
        required(column("product_id", types::Kind::int32)),
        required(column("quantity", types::Kind::int32)), money("total"),
        column("placed_by", types::Kind::text)},
       "select id as order_id, product_id, quantity, total, \"user\" as placed_by\n"
       "from inserted -- all of them");
}

inline mesh::Mesh publishing_mesh(std::string name = "shop") {
  auto out = mesh(std::move(name));
  publish(out);
  return out;
}

inline void unpublish(mesh::Mesh& mesh, std::string const& object_name) {
  std::erase_if(mesh.topics,
                [&](mesh::Topic const& topic) { return topic.object.text() == object_name; });
}

inline mesh::Topic& topic_named(mesh::Mesh& mesh, std::string const& name) {
  return *std::ranges::find(mesh.topics, name, &mesh::Topic::name);
}

}  // namespace hansa::plan::shop
