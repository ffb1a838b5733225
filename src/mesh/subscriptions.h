// What domains do with events: input ports joined with the topics they name and with their
// reactions. Pure.
#pragma once

#include <string>

#include "base/diagnostics.h"
#include "mesh/mesh.h"
#include "mesh/ports.h"
#include "mesh/sources.h"
#include "mesh/topic_names.h"

namespace hansa::mesh {

struct SubscriptionContext {
  MeshSources const& sources;
  ContractIndex const& index;
  TopicNames& names;  // grows by the topics of dead letters
  Diagnostics& diagnostics;
};

// Fills mesh.subscriptions; needs its topics. A port with a mistake in it is left out. Errors:
// missing_reference, missing_file, event_loop, two_owners, and those of reactions. Warnings:
// event_loop, two_owners.
void resolve_subscriptions(SubscriptionContext const& context, Mesh& mesh);

}  // namespace hansa::mesh
