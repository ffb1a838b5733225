// Events that lead back to themselves: a reaction writes a table that feeds a topic, whose events
// another reaction takes, and so on around. Pure.
#pragma once

#include <set>
#include <vector>

#include "base/diagnostics.h"
#include "mesh/mesh.h"
#include "mesh/reactions.h"

namespace hansa::mesh {

// What one subscription writes; `subscription` outlives the call.
struct Effects {
  Subscription const* subscription;
  std::set<Writing> writings;
};

// Adds event_loop at the ports: an error where a reaction feeds the topic it reads, a warning where
// the way back leads over other ports, since conditions in their SQL may end it.
void check_loops(Mesh const& mesh, std::vector<Effects> const& effects, Diagnostics& diagnostics);

}  // namespace hansa::mesh
