// The topics that kafka ports publish: one for each topic object of their contracts, and one of
// change events for each table. Pure.
#pragma once

#include <vector>

#include "base/diagnostics.h"
#include "mesh/mesh.h"
#include "mesh/references.h"
#include "mesh/sources.h"
#include "mesh/topic_names.h"

namespace hansa::mesh {

struct TopicContext {
  MeshSources const& sources;
  std::vector<ContractDraft> const& drafts;  // of all contracts
  TopicNames& names;                         // grows by the topics of changes
  Diagnostics& diagnostics;
};

// Fills mesh.topics; needs its domains with contracts and products. Makes the columns of keys
// required. A topic with a mistake in it is there all the same, so that whoever subscribes to it is
// not said to be wrong as well. Errors: invalid_emission, missing_primary_key, mismatch,
// two_owners, not_supported_yet, and those of keys, options and SQL. Warning and note for
// classified columns: not_supported_yet.
void resolve_topics(TopicContext const& context, Mesh& mesh);

}  // namespace hansa::mesh
