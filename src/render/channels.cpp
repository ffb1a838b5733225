#include "render/channels.h"

#include <fmt/format.h>

#include "avro/avro.h"
#include "render/event_schemas.h"
#include "render/event_text.h"
#include "render/record_schema.h"
#include "render/words.h"

namespace hansa::render {

namespace {

constexpr std::string_view binding_version = "0.5.0";
constexpr std::string_view avro_format = "application/vnd.apache.avro;version=1.9.0";

template <class Names, class Text>
json::Value texts(Names const& names, Text const& text) {
  json::Array out;
  for (auto const& name : names) out.push_back(json::text(text(name)));
  return json::array(std::move(out));
}

json::Value pointer(std::string target) {
  return json::object({{"$ref", json::text("#/" + std::move(target))}});
}

json::Value kafka(json::Object members) {
  members.emplace_back("bindingVersion", json::text(binding_version));
  return json::object({{"kafka", json::object(std::move(members))}});
}

// Paragraphs of CommonMark; empty ones are passed over.
std::string paragraphs(std::initializer_list<std::string> parts) {
  std::string out;
  for (auto const& part : parts) {
    if (!part.empty()) out += (out.empty() ? "" : "\n\n") + part;
  }
  return out;
}

json::Value tags_of(ProductName const& product) {
  return json::array({json::object({{"name", json::text(product.text())}})});
}

json::Value channel_binding(mesh::Topic const& topic) {
  json::Array policies;
  if (topic.cleanup != mesh::Cleanup::remove) policies.push_back(json::text("compact"));
  if (topic.cleanup != mesh::Cleanup::compact) policies.push_back(json::text("delete"));
  json::Object configuration{{"cleanup.policy", json::array(std::move(policies))}};
  // Kafka writes "for ever" as -1; where it only compacts, it knows no age.
  if (topic.cleanup != mesh::Cleanup::compact) {
    configuration.emplace_back("retention.ms",
                               json::integer(topic.retention ? topic.retention->count() : -1));
  }
  configuration.emplace_back("max.message.bytes", json::integer(topic.message_bytes_max));
  return kafka({{"topic", json::text(topic.name)},
                {"partitions", json::integer(topic.partitions)},
                {"topicConfiguration", json::object(std::move(configuration))}});
}

json::Value message_binding(EventTopic const& topic, RecordKind kind) {
  json::Object members{{"key", key_schema(topic.object, topic.topic)}};
  if (kind == RecordKind::event && topic.topic.format == mesh::EventFormat::avro) {
    add(members, "schemaIdLocation", "payload");
    add(members, "schemaIdPayloadEncoding", "confluent");
    add(members, "schemaLookupStrategy", "TopicNameStrategy");
  }
  return kafka(std::move(members));
}

json::Value example_of(EventTopic const& topic, RecordKind kind) {
  auto example = example_event(topic.object, topic.topic, kind);
  json::Object members{{"name", json::text("example")}};
  if (kind == RecordKind::event && topic.topic.format == mesh::EventFormat::avro) {
    add(members, "summary", "What the value decodes to, as JSON.");
  }
  if (!example.headers.empty()) {
    members.emplace_back("headers", json::object(std::move(example.headers)));
  }
  members.emplace_back("payload", std::move(example.value));
  return json::object(std::move(members));
}

void add_payload(EventTopic const& topic, json::Object& message) {
  auto const& each = topic.topic;
  auto const json_form = reference("schemas", each.name);
  if (each.format == mesh::EventFormat::json) {
    message.emplace_back("payload", json_form);
    return;
  }
  auto schema = avro::to_json(record_schema(topic.object, each));
  message.emplace_back("payload", json::object({{"schemaFormat", json::text(avro_format)},
                                                {"schema", std::move(schema)}}));
  message.emplace_back("x-hansa-json-schema", json_form);
}

json::Value event_message(EventTopic const& topic) {
  auto const& each = topic.topic;
  auto const avro = each.format == mesh::EventFormat::avro;
  json::Object message{{"name", json::text(each.event_type)},
                       {"title", json::text(title_of(topic))}};
  add(message, "description",
      paragraphs({topic.object.description, format_text(topic), left_out_text(topic)}));
  add(message, "contentType", avro ? "application/avro" : "application/json");
  if (each.source != mesh::Topic::Source::clients) {
    message.emplace_back("headers", headers_schema(each, RecordKind::event));
  }
  add_payload(topic, message);
  message.emplace_back("tags", tags_of(each.product));
  message.emplace_back("bindings", message_binding(topic, RecordKind::event));
  message.emplace_back("examples", json::array({example_of(topic, RecordKind::event)}));
  return json::object(std::move(message));
}

json::Value tombstone_message(EventTopic const& topic) {
  auto const& each = topic.topic;
  json::Object message{
      {"name", json::text(each.event_type + ".tombstone")},
      {"title", json::text(title_of(topic) + " is gone")},
      {"description",
       json::text("A tombstone: what had the key is gone, and the record has no value.")}};
  if (each.source != mesh::Topic::Source::clients) {
    message.emplace_back("headers", headers_schema(each, RecordKind::tombstone));
  }
  message.emplace_back("payload", json::object({{"type", json::text("null")}}));
  message.emplace_back("tags", tags_of(each.product));
  message.emplace_back("bindings", message_binding(topic, RecordKind::tombstone));
  message.emplace_back("examples", json::array({example_of(topic, RecordKind::tombstone)}));
  return json::object(std::move(message));
}

json::Value messages_of(EventTopic const& topic) {
  json::Object messages{{"event", event_message(topic)}};
  if (has_tombstones(topic.topic)) messages.emplace_back("tombstone", tombstone_message(topic));
  return json::object(std::move(messages));
}

json::Value readers_of(EventTopic const& topic) {
  json::Array readers;
  for (auto const* port : topic.readers) {
    readers.push_back(json::object({{"domain", json::text(port->domain.text())},
                                    {"product", json::text(port->product.text())},
                                    {"port", json::text(port->port)},
                                    {"group", json::text(port->group)}}));
  }
  return json::array(std::move(readers));
}

// What AsyncAPI has no words for.
json::Value facts_of(EventTopic const& topic) {
  auto const& each = topic.topic;
  json::Object facts{{"domain", json::text(each.domain.text())},
                     {"product", json::text(each.product.text())}};
  if (topic.domain != nullptr) add(facts, "team", topic.domain->team);
  if (topic.contract != nullptr) {
    add(facts, "contract", topic.contract->id.text());
    add(facts, "contractVersion", topic.contract->version);
    add(facts, "contractStatus", topic.contract->status);
  }
  if (topic.dead_letters != nullptr) {
    add(facts, "deadLettersOf", topic.dead_letters->port);
  } else {
    add(facts, "source", mesh::to_text(each.source));
    add(facts, "compatibility", mesh::to_text(each.compatibility));
  }
  add(facts, "format", mesh::to_text(each.format));
  if (each.format == mesh::EventFormat::avro) add(facts, "subject", subject_of(each.name));
  auto const text = [](ColumnName const& name) { return name.text(); };
  facts.emplace_back("key", texts(each.key, text));
  if (!each.left_out.empty()) facts.emplace_back("leftOut", texts(each.left_out, text));
  facts.emplace_back("readBy", readers_of(topic));
  return json::object(std::move(facts));
}

std::string contract_text(EventTopic const& topic) {
  auto const* contract = topic.contract;
  if (contract == nullptr) return {};
  auto out = fmt::format("Contract `{}` {}", contract->id.text(), contract->version);
  if (!contract->status.empty()) out += fmt::format(" ({})", contract->status);
  return fmt::format("{} of domain `{}`, team {}.", out, topic.topic.domain.text(),
                     topic.domain->team.empty() ? "unknown" : topic.domain->team);
}

json::Value message_pointers(mesh::Topic const& topic) {
  auto const at = "channels/" + topic.name + "/messages/";
  json::Array pointers{pointer(at + "event")};
  if (has_tombstones(topic)) pointers.push_back(pointer(at + "tombstone"));
  return json::array(std::move(pointers));
}

}  // namespace

json::Value channel_of(EventTopic const& topic) {
  auto const& each = topic.topic;
  json::Object channel{{"address", json::text(each.name)}, {"title", json::text(title_of(topic))}};
  add(channel, "description",
      paragraphs({topic.object.description, origin_text(topic), contract_text(topic)}));
  channel.emplace_back("messages", messages_of(topic));
  channel.emplace_back("tags", tags_of(each.product));
  channel.emplace_back("bindings", channel_binding(each));
  channel.emplace_back("x-hansa", facts_of(topic));
  return json::object(std::move(channel));
}

std::string send_name(mesh::Topic const& topic) { return "send-" + topic.name; }

std::string receive_name(mesh::Subscription const& port) {
  return fmt::format("receive-{}-{}", port.product.text(), port.port);
}

json::Value send_operation(EventTopic const& topic) {
  auto const& each = topic.topic;
  return json::object({{"action", json::text("send")},
                       {"channel", pointer("channels/" + each.name)},
                       {"title", json::text(title_of(topic))},
                       {"description", json::text(origin_text(topic))},
                       {"tags", tags_of(each.product)},
                       {"messages", message_pointers(each)}});
}

json::Value receive_operation(mesh::Subscription const& port, mesh::Topic const& topic) {
  auto const& reaction = port.reaction;
  auto const group =
      json::object({{"type", json::text("string")}, {"const", json::text(port.group)}});
  auto const text = [](auto const& name) { return name.text(); };
  json::Object facts{{"product", json::text(port.product.text())},
                     {"port", json::text(port.port)},
                     {"reaction", json::text(mesh::to_text(reaction.kind))}};
  add(facts, "file", reaction.file);
  facts.emplace_back("needs", texts(reaction.needs, text));
  facts.emplace_back("writes", texts(reaction.writes, text));
  if (port.on_error == mesh::Subscription::OnError::dead_letter) {
    add(facts, "deadLetters", port.dead_letters);
  }
  return json::object({{"action", json::text("receive")},
                       {"channel", pointer("channels/" + topic.name)},
                       {"title", json::text(port.port)},
                       {"description", json::text(reaction_text(port))},
                       {"tags", tags_of(port.product)},
                       {"bindings", kafka({{"groupId", group}})},
                       {"messages", message_pointers(topic)},
                       {"x-hansa", json::object(std::move(facts))}});
}

}  // namespace hansa::render
