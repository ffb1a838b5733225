// Topics as rows, from the mesh.
#include <fmt/format.h>

#include <algorithm>

#include "mesh/dead_letters.h"
#include "plan/capture.h"
#include "plan/ddl.h"
#include "plan/stored.h"

namespace hansa::plan {

std::string to_text(Topic const& topic) {
  return fmt::format(
      "{}, cleanup {}, {}, events up to {} bytes", counted(topic.partitions, "partition"),
      topic.cleanup,
      topic.retention_ms ? fmt::format("retention {} ms", *topic.retention_ms) : "kept for ever",
      topic.message_bytes_max);
}

namespace {

Topic row_of(mesh::Topic const& topic, std::string where) {
  Topic row{.name = topic.name,
            .domain = topic.domain,
            .stream = topic.object.text(),
            .partitions = topic.partitions,
            .cleanup = std::string(mesh::to_text(topic.cleanup)),
            .message_bytes_max = topic.message_bytes_max,
            .where = std::move(where)};
  if (topic.retention) row.retention_ms = topic.retention->count();
  return row;
}

}  // namespace

std::vector<Topic> topics_of(mesh::Mesh const& mesh, DomainName const& domain) {
  std::vector<Topic> out;
  for (mesh::Topic const& topic : mesh.topics) {
    if (topic.domain != domain) continue;
    out.push_back(row_of(topic, place_of(topic.where)));
    out.back().of_clients = topic.source == mesh::Topic::Source::clients;
  }
  for (mesh::Subscription const& subscription : mesh.subscriptions) {
    bool const kept = subscription.on_error == mesh::Subscription::OnError::dead_letter;
    if (subscription.domain != domain || !kept || subscription.dead_letters.empty()) continue;
    if (has_part(out, subscription.dead_letters)) continue;
    out.push_back(row_of(mesh::dead_letters_of(subscription).topic,
                         "dead letters of a port " + place_of(subscription.where)));
  }
  return out;
}

}  // namespace hansa::plan
