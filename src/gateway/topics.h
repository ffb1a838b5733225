// The topics a gateway serves, wherever they are kept: those of domains, made by apply, and those
// that Kafka clients made. Values; a Topics is immutable once read and may be shared.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "mesh/mesh.h"
#include "postgres/session.h"

namespace hansa::gateway {

struct Topic {
  std::int32_t id = 0;  // hansa.topic.id
  std::string name;
  std::string domain;        // empty: made by Kafka clients
  std::size_t database = 0;  // which of GatewayOptions::databases keeps it
  std::int32_t partitions = 1;
  std::string cleanup = "delete";            // Kafka's cleanup.policy
  std::optional<std::int64_t> retention_ms;  // nullopt: for ever
  std::int32_t message_bytes_max = 1'048'588;
  std::map<std::string, std::string> settings;  // others that clients gave
  // What the contract says; nullptr for topics without one and for dead letters.
  mesh::Topic const* declared = nullptr;

  [[nodiscard]] bool compacted() const { return cleanup.contains("compact"); }
  // Records of clients are taken; else events get there by tables alone.
  [[nodiscard]] bool written_by_clients() const {
    return domain.empty() ||
           (declared != nullptr && declared->source == mesh::Topic::Source::clients);
  }
};

using Uuid = std::array<std::uint8_t, 16>;

struct Topics {
  std::map<std::string, Topic, std::less<>> by_name;
  std::shared_ptr<mesh::Mesh const> mesh;  // keeps `declared` alive

  [[nodiscard]] Topic const* find(std::string_view name) const;
};

// Reads one database's topics into `topics`, whose mesh is set. Of two databases that have a topic
// of one name the first counts. Blocking; throws what postgres::Session throws.
void read_topics(postgres::Session& session, std::size_t database, Topics& topics);

// Drawn from the cluster and the topic's place: a topic made anew has another.
[[nodiscard]] Uuid topic_uuid(std::string_view cluster_id, Topic const& topic);

// Kafka's rule for names: [a-zA-Z0-9._-]+, at most 249, neither "." nor "..". Why not, or nullopt.
[[nodiscard]] std::optional<std::string> refused_name(std::string_view name);

}  // namespace hansa::gateway
