// Topics as rows, from the mesh.
#include <fmt/format.h>

#include <algorithm>

#include "plan/capture.h"
#include "plan/ddl.h"
#include "plan/stored.h"

namespace hansa::plan {
namespace {

// A dead letter is an event with what went wrong beside it.
constexpr std::uint32_t dead_letter_bytes_max = 2U << 20U;

}  // namespace

std::string to_text(Topic const& topic) {
  return fmt::format(
      "{}, cleanup {}, {}, events up to {} bytes", counted(topic.partitions, "partition"),
      topic.cleanup,
      topic.retention_ms ? fmt::format("retention {} ms", *topic.retention_ms) : "kept for ever",
      topic.message_bytes_max);
}

std::vector<Topic> topics_of(mesh::Mesh const& mesh, DomainName const& domain) {
  std::vector<Topic> out;
  for (mesh::Topic const& topic : mesh.topics) {
    if (topic.domain != domain) continue;
    Topic row{.name = topic.name,
              .domain = domain,
              .stream = topic.object.text(),
              .partitions = topic.partitions,
              .cleanup = std::string(mesh::to_text(topic.cleanup)),
              .message_bytes_max = topic.message_bytes_max,
              .where = place_of(topic.where)};
    if (topic.retention) row.retention_ms = topic.retention->count();
    out.push_back(std::move(row));
  }
  for (mesh::Subscription const& subscription : mesh.subscriptions) {
    bool const kept = subscription.on_error == mesh::Subscription::OnError::dead_letter;
    if (subscription.domain != domain || !kept || subscription.dead_letters.empty()) continue;
    if (has_part(out, subscription.dead_letters)) continue;
    out.push_back({.name = subscription.dead_letters,
                   .domain = domain,
                   .stream = subscription.port + "_dead",
                   .cleanup = std::string(mesh::to_text(mesh::Cleanup::remove)),
                   .message_bytes_max = dead_letter_bytes_max,
                   .where = "dead letters of a port " + place_of(subscription.where)});
  }
  return out;
}

}  // namespace hansa::plan
