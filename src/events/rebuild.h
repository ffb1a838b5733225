// A projection built anew from the start of its topic, beside the live one, which goes on; at the
// end the live tables get the new contents in one transaction.
//
// Blocking; confined to one thread. Nothing has changed after an error, wherever it came.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "events/feeder.h"
#include "events/side_tables.h"
#include "mesh/mesh.h"

namespace hansa::events {

// Advisory locks of two integers: this class, and hashtext() of the port's group.
inline constexpr std::int32_t rebuild_class = 0x68737262;  // "hsrb"

struct RebuildOptions {
  // The topic's first events are gone: build from what is left of it.
  bool partial = false;
  std::function<void(std::uint64_t done, std::uint64_t total)> progress =  // offsets
      [](std::uint64_t, std::uint64_t) {};
  std::atomic<bool> const* interrupted = nullptr;  // asked between transactions
  // Called right before the last transaction; for tests.
  std::function<void()> before_exchange = [] {};
  FeederOptions feeder = {};
};

struct Rebuilt {
  std::uint64_t events = 0;    // applied, the dead ones included
  std::uint64_t replayed = 0;  // died, and were applied at the end, since their letters had been
  std::uint64_t missing = 0;   // offsets before the first that is left
  struct Dead {
    DeadEvent event;
    bool known = false;  // the live port has a dead letter of it
  };
  std::vector<Dead> dead;
  std::vector<TableChange> tables;
};

// `source` reads the port's topic on a session of its own; `session`: the port's own database as
// the applying role, used for nothing before. Throws Failure: not_a_projection; two_owners where
// another port writes the same tables; port_in_use while the port is rebuilt elsewhere; not_running
// where the port never began; unknown_topic; other_log; offset_out_of_range where the topic's
// beginning is gone; reference_violation where rows of others hold on to a row that would go;
// interrupted; those of Feeder and SideTables.
[[nodiscard]] Rebuilt rebuild(mesh::Mesh const& mesh, mesh::Subscription const& port,
                              Source& source, postgres::Session& session,
                              RebuildOptions const& options = {});

}  // namespace hansa::events
