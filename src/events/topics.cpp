#include "events/topics.h"

#include <algorithm>

namespace hansa::events {
namespace {

constexpr std::uint32_t dead_letter_bytes_max = 2U << 20U;

avro::Field field(std::string name, types::Kind kind, bool nullable = false) {
  return {.name = std::move(name), .type = {.kind = kind}, .nullable = nullable};
}

}  // namespace

std::string dead_letter_stream(mesh::Subscription const& subscription) {
  return subscription.port + "_dead";
}

log::SequencedTopic dead_letter_topic(mesh::Subscription const& subscription) {
  mesh::Topic topic;
  topic.name = subscription.dead_letters;
  topic.domain = subscription.domain;
  topic.product = subscription.product;
  topic.object = ObjectName(dead_letter_stream(subscription));
  topic.source = mesh::Topic::Source::emission;
  topic.format = mesh::EventFormat::json;
  topic.message_bytes_max = dead_letter_bytes_max;
  topic.event_source = "/" + subscription.domain.text() + "/" + subscription.product.text();
  topic.event_type = subscription.domain.text() + "." + topic.object.text() + ".v1";
  topic.where = subscription.where;
  using enum types::Kind;
  avro::RecordSchema schema{
      .name = "DeadLetter",
      .fields = {field("reason", text), field("sqlstate", text), field("topic", text),
                 field("partition", int32), field("offset", int64), field("key", text),
                 field("time", timestamptz), field("op", text, true), field("id", text, true),
                 field("trace", text, true), field("event", json, true)}};
  return {.topic = std::move(topic), .schema = std::move(schema)};
}

std::vector<log::SequencedTopic> sequenced_topics(mesh::Mesh const& mesh,
                                                  std::span<DomainName const> domains) {
  auto const wanted = [domains](DomainName const& domain) {
    return std::ranges::find(domains, domain) != domains.end();
  };
  std::vector<log::SequencedTopic> out;
  for (mesh::Topic const& topic : mesh.topics)
    if (wanted(topic.domain) && topic.source != mesh::Topic::Source::clients)
      out.push_back({topic, log::record_schema(mesh.object_of(topic), topic)});
  for (mesh::Subscription const& subscription : mesh.subscriptions)
    if (wanted(subscription.domain) &&
        subscription.on_error == mesh::Subscription::OnError::dead_letter)
      out.push_back(dead_letter_topic(subscription));
  return out;
}

mesh::Subscription const* find_port(mesh::Mesh const& mesh, std::string_view address) {
  auto const found = std::ranges::find_if(mesh.subscriptions, [&](auto const& subscription) {
    return port_address(subscription) == address;
  });
  return found == mesh.subscriptions.end() ? nullptr : &*found;
}

std::string port_address(mesh::Subscription const& subscription) {
  return subscription.domain.text() + "/" + subscription.port;
}

}  // namespace hansa::events
