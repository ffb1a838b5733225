// The topics of a mesh and of its databases side by side, and what waits to come into them.
//
// Blocking; a session's thread. Throws what postgres::Session throws.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "events/source.h"
#include "mesh/mesh.h"
#include "postgres/session.h"

namespace hansa::events {

struct TopicState {
  enum class MadeBy : std::uint8_t { changes, emission, clients, dead_letters, unknown };

  std::string name;
  std::string domain;
  MadeBy made_by = MadeBy::unknown;
  std::string made_of;  // table of changes and emissions; address of the port of dead letters
  std::string format;   // "avro", "json"; empty: unknown
  std::string cleanup;  // as Kafka writes it
  std::optional<std::int64_t> retention_ms;  // nullopt: kept for ever
  bool declared = false;                     // by the folder
  bool applied = false;                      // is in the database
  std::vector<Bounds> partitions;            // empty unless applied
  std::uint64_t records = 0;  // that can be read; compaction leaves fewer than offsets
};

// Those that `domains` declare or that are in their database, ordered by name.
[[nodiscard]] std::vector<TopicState> topic_states(mesh::Mesh const& mesh,
                                                   std::span<DomainName const> domains,
                                                   postgres::Session& session);

// Events that were appended and not yet sequenced.
struct PendingState {
  DomainName domain;
  std::uint64_t events = 0;
  std::chrono::milliseconds oldest_age{};  // 0: there is none
};
// Of those of `domains` that have a log in the database.
[[nodiscard]] std::vector<PendingState> pending_states(std::span<DomainName const> domains,
                                                       postgres::Session& session);

}  // namespace hansa::events
