#include "render/asyncapi.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "avro/schema.h"
#include "json/value.h"
#include "render/channels.h"
#include "render/domain_events.h"
#include "render/event_schemas.h"
#include "render/event_shop.h"
#include "render/event_text.h"
#include "render/openapi.h"
#include "render/record_schema.h"
#include "render/references.h"

namespace hansa::render {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string rendered(std::string const& domain = "orders", AsyncApiOptions const& options = {}) {
  auto const mesh = event_shop::mesh();
  return asyncapi(mesh, *mesh.find_domain(domain), options);
}

json::Value parsed(std::string const& text) {
  auto document = json::parse(text);
  EXPECT_TRUE(document.has_value());
  return document.value_or(json::Value{});
}

std::vector<std::string> members_of(json::Value const& value) {
  std::vector<std::string> names;
  for (auto const& [name, member] : *value.as_object()) names.push_back(name);
  return names;
}

TEST(AsyncApi, IsTheGoldenDocument) {
  auto const path = std::string(HANSA_TESTDATA) + "/orders.asyncapi.json";
  auto const text = rendered();
  if (std::getenv("HANSA_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << text;
  std::ifstream file(path);
  std::string const golden{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(text, golden) << "HANSA_UPDATE_GOLDEN=1 writes it anew";
}

TEST(AsyncApi, RefersOnlyToWhatItHolds) {
  for (auto const* domain : {"orders", "products", "users"}) {
    auto const root = parsed(rendered(domain));
    each_reference(root, [&](std::string const& reference) {
      EXPECT_NE(resolve(root, reference), nullptr) << reference;
    });
  }
}

TEST(AsyncApi, HasAChannelForWhatIsPublishedReadAndSetAside) {
  auto const orders = parsed(rendered());
  EXPECT_THAT(members_of(*orders.find("channels")),
              ElementsAre("orders-clicked-v1", "orders-order_line-v1", "orders-order_placed-v1",
                          "products-product-v1", "orders-product_dead-v1"));
  EXPECT_THAT(members_of(*orders.find("operations")),
              ElementsAre("send-orders-clicked-v1", "send-orders-order_line-v1",
                          "send-orders-order_placed-v1", "receive-main-product",
                          "send-orders-product_dead-v1"));
  // A port that halts has no dead letters.
  auto const products = parsed(rendered("products"));
  EXPECT_THAT(members_of(*products.find("operations")),
              ElementsAre("send-products-product-v1", "receive-main-order_placed"));
}

TEST(AsyncApi, IsADocumentWithoutEventsAndWithoutServers) {
  auto const root = parsed(rendered("users"));
  EXPECT_EQ(root.find("servers"), nullptr);
  EXPECT_TRUE(root.find("channels")->as_object()->empty());
  EXPECT_TRUE(root.find("operations")->as_object()->empty());
  EXPECT_EQ(*root.find("info")->find("version")->as_string(), "0");
  auto const mesh = event_shop::mesh();
  EXPECT_FALSE(has_events(mesh, *mesh.find_domain("users")));
  EXPECT_TRUE(has_events(mesh, *mesh.find_domain("products")));
}

TEST(AsyncApi, NamesTheServersItIsGiven) {
  auto const root = parsed(rendered("orders", {.servers = {{.name = "mesh", .host = "k:9092"}},
                                               .page_url = "http://localhost/orders/events"}));
  EXPECT_EQ(json::to_text(*root.find("servers")),
            R"({"mesh":{"host":"k:9092","protocol":"kafka"}})");
  EXPECT_EQ(*root.find("info")->find("externalDocs")->find("url")->as_string(),
            "http://localhost/orders/events");
}

TEST(AsyncApi, TellsTombstonesFromEvents) {
  auto const root = parsed(rendered());
  auto const messages = [&](std::string_view topic) {
    return members_of(*root.find("channels")->find(topic)->find("messages"));
  };
  EXPECT_THAT(messages("orders-order_line-v1"), ElementsAre("event", "tombstone"));
  EXPECT_THAT(messages("orders-order_placed-v1"), ElementsAre("event"));
  EXPECT_THAT(messages("orders-clicked-v1"), ElementsAre("event"));
  auto const& tombstone =
      *resolve(root, "#/channels/orders-order_line-v1/messages/tombstone/headers/properties");
  EXPECT_EQ(tombstone.find("content-type"), nullptr);
  EXPECT_EQ(*tombstone.find("hansa_op")->find("const")->as_string(), "delete");
}

TEST(AsyncApi, IsTheSameEveryTime) { EXPECT_EQ(rendered(), rendered()); }

// Which JSON types a schema allows, "null" apart.
std::string type_word(json::Value const& schema) {
  auto const* type = schema.find("type");
  if (type == nullptr) return "any";
  if (auto const* word = type->as_string()) return *word;
  return *type->as_array()->front().as_string();
}

bool allows_null(json::Value const& schema) {
  auto const* type = schema.find("type");
  return type == nullptr || type->as_array() != nullptr;
}

std::string avro_word(json::Value const& type) {
  if (auto const* word = type.as_string()) return *word;
  if (auto const* branches = type.as_array()) {
    auto const& first = branches->front();
    return avro_word(first.as_string() != nullptr && *first.as_string() == "null" ? branches->back()
                                                                                  : first);
  }
  auto out = *type.find("type")->as_string();
  for (auto const* attribute : {"logicalType", "hansa.type"}) {
    if (auto const* word = type.find(attribute)) out += " " + *word->as_string();
  }
  return out;
}

std::string expected_avro(std::string const& json_type, std::string const& format) {
  if (json_type == "integer") return format == "int64" ? "long" : "int";
  if (json_type == "boolean") return "boolean";
  if (json_type == "any") return "string json";
  if (format == "date-time") return "long timestamp-micros";
  if (format == "date") return "int date";
  if (format == "uuid") return "string uuid";
  if (format == "byte") return "bytes";
  return "";
}

// REST, JSON and Avro say the same of a table: names, types, nullability.
TEST(Schemas, AgreeBetweenOpenApiAsyncApiAndAvro) {
  auto const mesh = event_shop::mesh();
  auto const rest = parsed(openapi(mesh, mesh.domains.front(), Major{1}, {}));
  auto const events = parsed(rendered());
  auto const& rows = *resolve(rest, "#/components/schemas/OrderLine/properties");
  auto const& values = *resolve(events, "#/components/schemas/orders-order_line-v1/properties");
  auto const& records =
      *resolve(events, "#/channels/orders-order_line-v1/messages/event/payload/schema/fields");
  auto names = members_of(rows);
  std::erase(names, "note");  // classified
  EXPECT_EQ(members_of(values), names);
  EXPECT_EQ(records.as_array()->size(), names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto const& name = names[i];
    auto const& value = *values.find(name);
    EXPECT_EQ(json::to_text(value), json::to_text(*rows.find(name))) << name;
    auto const& field = records.as_array()->at(i);
    EXPECT_EQ(*field.find("name")->as_string(), name);
    auto const& type = *field.find("type");
    if (type_word(value) != "any") {
      EXPECT_EQ(allows_null(value), type.as_array() != nullptr) << name;
    }
    auto const* format = value.find("format");
    auto const expected = expected_avro(type_word(value), format ? *format->as_string() : "");
    if (!expected.empty()) {
      EXPECT_EQ(avro_word(type), expected) << name;
    }
  }
}

TEST(Schemas, KeepADefaultOfABoolean) {
  auto const root = parsed(rendered());
  auto const& fields =
      *resolve(root, "#/channels/orders-order_line-v1/messages/event/payload/schema/fields");
  EXPECT_EQ(json::to_text(fields.as_array()->at(3)),
            R"({"name":"gift","type":["boolean","null"],"default":true})");
}

// The example is an event that could be: it survives the way through Avro unchanged.
TEST(Examples, AreEventsOfTheirTopics) {
  auto const mesh = event_shop::mesh();
  for (auto const& topic : mesh.topics) {
    auto const& object = mesh.object_of(topic);
    auto const example = example_event(object, topic, RecordKind::event);
    auto const schema = record_schema(object, topic);
    auto row = example.value;
    for (auto& [name, member] : std::get<json::Object>(row.data)) {
      // As row_to_json prints them.
      if (name == "photo") member = json::text("\\x00ff");
      if (name == "placed_at") member = json::text("2026-01-01T00:00:00");
    }
    std::string binary, text;
    auto const encoded = avro::encode_row(schema, row, binary);
    ASSERT_TRUE(encoded) << topic.name << ": " << encoded.error().detail;
    auto const reader = avro::parse_schema(json::to_text(avro::to_json(schema)));
    ASSERT_TRUE(reader && avro::decode(*reader, binary, text)) << topic.name;
    auto const back = parsed(text);
    EXPECT_EQ(members_of(back), members_of(example.value));
  }
}

TEST(Keys, AreTextOfOneColumnOrOfSeveral) {
  auto mesh = event_shop::mesh();
  auto const& lines = event_shop::topic_named(mesh, "orders-order_line-v1");
  auto const& object = mesh.object_of(lines);
  EXPECT_EQ(example_event(object, lines, RecordKind::tombstone).key, R"(["1", "1"])");
  EXPECT_THAT(json::to_text(key_schema(object, lines)),
              HasSubstr("A JSON array of the texts of `order_id`, `number`."));
  auto const& placed = event_shop::topic_named(mesh, "orders-order_placed-v1");
  EXPECT_EQ(example_event(mesh.object_of(placed), placed, RecordKind::event).key, "1");
  auto const& clicked = event_shop::topic_named(mesh, "orders-clicked-v1");
  EXPECT_EQ(example_event(mesh.object_of(clicked), clicked, RecordKind::event).key, std::nullopt);
}

TEST(Words, SayWhatATopicKeepsAndLeavesOut) {
  auto mesh = event_shop::mesh();
  auto const orders = domain_events(mesh, *mesh.find_domain("orders"));
  auto const& lines = orders.published[1];
  EXPECT_EQ(retention_text(lines.topic), "the last event of each key, for ever");
  EXPECT_THAT(left_out_text(lines), HasSubstr("`note` (personal)"));
  EXPECT_EQ(retention_text(orders.published[2].topic), "7 days");
  EXPECT_EQ(origin_text(orders.published[2]),
            "Made in the same transaction when rows are inserted into or updated in table "
            "`order_line`.");
  auto topic = lines.topic;
  topic.cleanup = mesh::Cleanup::remove;
  topic.retention = std::chrono::minutes(90);
  EXPECT_EQ(retention_text(topic), "90 minutes");
  topic.retention = std::chrono::hours(24);
  EXPECT_EQ(retention_text(topic), "1 day");
}

TEST(DeadLetters, ShowAnEventOfTheTopicTheyComeFrom) {
  auto const mesh = event_shop::mesh();
  auto const orders = domain_events(mesh, *mesh.find_domain("orders"));
  ASSERT_EQ(orders.dead_letters.size(), 1U);
  auto const& dead = orders.dead_letters.front();
  auto const example = example_event(dead.object, dead.topic, RecordKind::event);
  EXPECT_EQ(*example.value.find("topic")->as_string(), "products-product-v1");
  EXPECT_NE(example.value.find("event")->find("name"), nullptr);
  EXPECT_EQ(*example.key, *example.value.find("key")->as_string());
}

}  // namespace
}  // namespace hansa::render
