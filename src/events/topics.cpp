#include "events/topics.h"

#include <algorithm>

#include "mesh/dead_letters.h"

namespace hansa::events {

std::string dead_letter_stream(mesh::Subscription const& subscription) {
  return subscription.port + "_dead";
}

log::SequencedTopic dead_letter_topic(mesh::Subscription const& subscription) {
  auto letters = mesh::dead_letters_of(subscription);
  auto schema = log::record_schema(letters.object, letters.topic);
  return {.topic = std::move(letters.topic), .schema = std::move(schema)};
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
