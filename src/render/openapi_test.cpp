#include "render/openapi.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>

#include "json/value.h"
#include "render/references.h"
#include "render/words.h"

namespace hansa::render {
namespace {

using mesh::Column;
using types::Kind;

Column column(std::string name, types::Type type) {
  Column column;
  column.name = ColumnName(std::move(name));
  column.type = std::move(type);
  return column;
}

mesh::Object line_object() {
  mesh::Object object;
  object.name = ObjectName("order_line");
  object.description = "What was ordered";
  object.columns = {column("order_id", {.kind = Kind::int64}),
                    column("number", {.kind = Kind::int16}),
                    column("price", {.kind = Kind::numeric, .precision = 10, .scale = 2}),
                    column("note", {.kind = Kind::text}),
                    column("gift", {.kind = Kind::boolean}),
                    column("made_at", {.kind = Kind::timestamptz}),
                    column("extra", {.kind = Kind::json})};
  auto& columns = object.columns;
  for (std::size_t i : {0U, 1U, 2U}) columns[i].required = true;
  columns[0].orderable = columns[2].orderable = true;
  columns[0].reference = mesh::Reference{.domain = DomainName("orders"),
                                         .object = ObjectName("order"),
                                         .column = ColumnName("id"),
                                         .crosses_domains = false,
                                         .where = {}};
  columns[1].identity = true;
  columns[3].rules.max_length = 40;
  columns[3].classification = "personal";
  columns[4].default_value = mesh::Default{.text = "false"};
  columns[5].default_value =
      mesh::Default{.kind = mesh::Default::Kind::expression, .text = "now()"};
  columns[6].deprecated = true;
  object.primary_key = {ColumnName("order_id"), ColumnName("number")};
  return object;
}

mesh::Mesh small_mesh() {
  mesh::Contract contract;
  contract.id = ContractId("orders-order_line-v2");
  contract.domain = DomainName("orders");
  contract.product = ProductName("orders");
  contract.version = "2.1.0";
  contract.major = Major{2};
  contract.status = "active";
  contract.file = "domains/orders/orders/order_line.v2.odcs.yaml";
  contract.objects = {line_object()};
  mesh::Product product;
  product.name = ProductName("orders");
  product.domain = DomainName("orders");
  product.title = "Orders";
  product.output_ports = {{.name = "lines",
                           .type = mesh::PortType::rest,
                           .contract = contract.id,
                           .major = Major{2},
                           .description = ""}};
  mesh::Domain domain;
  domain.name = DomainName("orders");
  domain.team = "orders-team";
  domain.support = {
      {.channel = "help", .url = "https://chat.shop.example/orders", .tool = "", .scope = ""}};
  domain.products = {product};
  domain.contracts = {contract};
  mesh::Mesh mesh;
  mesh.name = MeshName("shop");
  mesh.domains = {domain};
  return mesh;
}

std::string rendered(OpenApiOptions const& options = {}) {
  auto const mesh = small_mesh();
  return openapi(mesh, mesh.domains.front(), Major{2}, options);
}

json::Value document(OpenApiOptions const& options = {}) {
  auto parsed = json::parse(rendered(options));
  EXPECT_TRUE(parsed.has_value());
  return parsed.value_or(json::Value{});
}

TEST(OpenApi, IsTheGoldenDocument) {
  auto const path = std::string(HANSA_TESTDATA) + "/order_line.openapi.json";
  auto const text = rendered({.server_url = "http://localhost:8000"});
  if (std::getenv("HANSA_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << text;
  std::ifstream file(path);
  std::string const golden{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(text, golden) << "HANSA_UPDATE_GOLDEN=1 writes it anew";
}

TEST(OpenApi, RefersOnlyToWhatItHolds) {
  for (auto const writable : {true, false}) {
    auto const root = document({.writable = writable});
    std::set<std::string> used;
    each_reference(root, [&](std::string const& reference) {
      EXPECT_NE(resolve(root, reference), nullptr) << reference;
      used.insert(reference);
    });
    for (auto const* section : {"responses", "headers", "parameters"}) {
      for (auto const& [name, value] : *root.find("components")->find(section)->as_object()) {
        EXPECT_TRUE(used.contains("#/components/" + std::string(section) + "/" + name)) << name;
      }
    }
  }
}

TEST(OpenApi, HasNoWritingOperationWhereNothingCanBeWritten) {
  auto const root = document({.writable = false});
  for (auto const& [path, item] : *root.find("paths")->as_object()) {
    for (auto const* method : {"post", "patch", "delete"}) EXPECT_EQ(item.find(method), nullptr);
  }
  EXPECT_EQ(root.find("components")->find("schemas")->find("OrderLineCreate"), nullptr);
}

TEST(OpenApi, AsksOfAWriterOnlyWhatNobodyElseGives) {
  auto const root = document();
  auto const& schemas = *root.find("components")->find("schemas");
  EXPECT_EQ(json::to_text(*schemas.find("OrderLineCreate")->find("required")),
            R"(["order_id","price"])");
  EXPECT_EQ(schemas.find("OrderLine")->find("required")->as_array()->size(), 7U);
  auto const& patch = *schemas.find("OrderLinePatch")->find("properties");
  EXPECT_EQ(patch.find("order_id"), nullptr);
  EXPECT_NE(patch.find("price"), nullptr);
}

// A 409 that passes by itself is told from one that does not, where it can happen and only there.
TEST(OpenApi, SaysWhereRowsPointedToMayNotHaveArrived) {
  auto mesh = small_mesh();
  auto const conflict = [&](char const* path, char const* method) {
    auto const parsed = json::parse(openapi(mesh, mesh.domains.front(), Major{2}, {}));
    auto const& responses = *parsed->find("paths")->find(path)->find(method)->find("responses");
    return json::to_text(*responses.find("409"));
  };
  auto const collection = "/orders/v2/order_line";
  auto const row = "/orders/v2/order_line/{key}";
  EXPECT_EQ(conflict(collection, "post"), R"({"$ref":"#/components/responses/Problem409"})");
  mesh.topics = {{.name = "sales-order-v1", .domain = DomainName("sales")}};
  mesh.subscriptions = {
      {.domain = DomainName("orders"),
       .topic = "sales-order-v1",
       .reaction = {.kind = mesh::Reaction::Kind::projection, .writes = {ObjectName("order")}}}};
  for (auto const& [path, method] : {std::pair{collection, "post"}, std::pair{row, "patch"}}) {
    auto const answer = conflict(path, method);
    EXPECT_THAT(answer, testing::HasSubstr("`order_id` names a row that domain `sales` announces "
                                           "in topic `sales-order-v1`"));
    EXPECT_THAT(answer,
                testing::HasSubstr(
                    R"("headers":{"Retry-After":{"$ref":"#/components/headers/Retry-After"}})"));
  }
  EXPECT_EQ(conflict(row, "delete"), R"({"$ref":"#/components/responses/Problem409"})");
}

TEST(OpenApi, IsTheSameEveryTime) { EXPECT_EQ(rendered(), rendered()); }

TEST(SchemaName, IsNeverShared) {
  EXPECT_EQ(schema_name("order_line"), "OrderLine");
  std::set<std::string> names;
  for (auto const* object : {"a1", "a_1", "a_b", "ab", "a_b_", "problem", "a_create", "a"}) {
    EXPECT_TRUE(names.insert(schema_name(object)).second) << object;
  }
  EXPECT_FALSE(names.contains("Problem"));
  EXPECT_FALSE(names.contains("ACreate"));
}

}  // namespace
}  // namespace hansa::render
