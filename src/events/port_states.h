// How far input ports are, and why they stand still.
//
// Blocking; the thread of session and source. Throws what those throw.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "events/source.h"
#include "mesh/streams.h"
#include "postgres/session.h"

namespace hansa::events {

// Moments are milliseconds since 1970.
struct PartitionState {
  std::int32_t partition = 0;
  std::optional<std::int64_t> place;  // the next offset to apply; nullopt: not started
  Bounds bounds;
  std::optional<std::int64_t> moved_ms;  // when the place was changed last

  // Events that were not applied and can still be read.
  [[nodiscard]] std::int64_t lag() const;
  // Events that retention took before they were applied.
  [[nodiscard]] std::int64_t lost() const;
};

struct HaltState {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::string sqlstate;  // empty: it was not PostgreSQL that refused
  std::string reason;
  std::int64_t since_ms = 0, tried_ms = 0;
};

struct PortState {
  mesh::Subscription const* port = nullptr;
  std::vector<PartitionState> partitions;  // empty: the topic is not in its database
  std::optional<HaltState> halt;
  bool at_work = false;    // a process holds its lease
  bool other_log = false;  // places are of another log, or of a topic that was made anew
};

// `source`: where the port's topic is; `session`: the port's own database.
[[nodiscard]] PortState port_state(mesh::Subscription const& port, Source& source,
                                   postgres::Session& session);

}  // namespace hansa::events
