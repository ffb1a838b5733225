#include "render/domain_events.h"

#include <algorithm>
#include <cassert>

#include "mesh/dead_letters.h"
#include "render/event_schemas.h"

namespace hansa::render {

namespace {

std::vector<mesh::Subscription const*> readers_of(mesh::Mesh const& mesh, std::string_view topic) {
  std::vector<mesh::Subscription const*> readers;
  for (auto const& subscription : mesh.subscriptions) {
    if (subscription.topic == topic) readers.push_back(&subscription);
  }
  return readers;
}

EventTopic joined(mesh::Mesh const& mesh, mesh::Topic const& topic) {
  EventTopic out{.topic = topic,
                 .object = mesh.object_of(topic),
                 .domain = mesh.find_domain(topic.domain.text()),
                 .contract = mesh.find_contract(topic.contract.text()),
                 .readers = readers_of(mesh, topic.name)};
  assert(out.domain != nullptr && out.contract != nullptr);
  return out;
}

// Its example is an event of the topic the port reads.
EventTopic dead_letters_of(mesh::Mesh const& mesh, mesh::Domain const& domain,
                           mesh::Subscription const& port) {
  auto letters = mesh::dead_letters_of(port);
  if (auto const* topic = mesh.find_topic(port.topic)) {
    auto const example = example_event(mesh.object_of(*topic), *topic, RecordKind::event);
    auto const give = [&](std::string_view column, json::Value value) {
      auto const found = std::ranges::find(letters.object.columns, ColumnName(std::string(column)),
                                           &mesh::Column::name);
      if (found != letters.object.columns.end()) found->examples = {std::move(value)};
    };
    give("reason", json::text("division by zero"));
    give("sqlstate", json::text("22012"));
    give("topic", json::text(topic->name));
    give("partition", json::integer(0));
    give("offset", json::integer(17));
    give("key", json::text(example.key.value_or("")));
    give("op", json::text("create"));
    for (auto const& [name, value] : example.headers) {
      if (name == "ce_id") give("id", value);
      if (name == "traceparent") give("trace", value);
    }
    give("event", example.value);
  }
  return {.topic = std::move(letters.topic),
          .object = std::move(letters.object),
          .domain = &domain,
          .dead_letters = &port,
          .readers = readers_of(mesh, port.dead_letters)};
}

bool is_new(std::vector<EventTopic> const& topics, std::string_view name) {
  return std::ranges::none_of(topics,
                              [name](EventTopic const& each) { return each.topic.name == name; });
}

}  // namespace

bool has_tombstones(mesh::Topic const& topic) {
  using Source = mesh::Topic::Source;
  return topic.source == Source::changes ||
         (topic.source == Source::clients && topic.cleanup != mesh::Cleanup::remove);
}

DomainEvents domain_events(mesh::Mesh const& mesh, mesh::Domain const& domain) {
  DomainEvents out;
  for (auto const& topic : mesh.topics) {
    if (topic.domain == domain.name) out.published.push_back(joined(mesh, topic));
  }
  for (auto const& port : mesh.subscriptions) {
    if (port.domain != domain.name) continue;
    out.ports.push_back(&port);
    if (port.on_error == mesh::Subscription::OnError::dead_letter) {
      out.dead_letters.push_back(dead_letters_of(mesh, domain, port));
    }
    auto const* topic = mesh.find_topic(port.topic);
    if (topic == nullptr || topic->domain == domain.name) continue;
    if (is_new(out.foreign, topic->name)) out.foreign.push_back(joined(mesh, *topic));
  }
  return out;
}

bool has_events(mesh::Mesh const& mesh, mesh::Domain const& domain) {
  auto const own = [&](auto const& each) { return each.domain == domain.name; };
  return std::ranges::any_of(mesh.topics, own) || std::ranges::any_of(mesh.subscriptions, own);
}

}  // namespace hansa::render
