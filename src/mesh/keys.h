// The keys of an object: what tells the rows of a table apart, and what the events of a topic are
// ordered by. Columns of a key are required, whatever the contract says of them.
#pragma once

#include <vector>

#include "base/diagnostics.h"
#include "mesh/mesh.h"
#include "spec/contract.h"

namespace hansa::mesh {

// Fills object.primary_key. Errors: missing_key (places of several columns), unsupported_type;
// missing_primary_key of a table; a topic may have none.
void resolve_primary_key(spec::SchemaObject const& source, Object& object,
                         Diagnostics& diagnostics);

// The columns marked `partitioned`, in the order of partitionKeyPosition; without any the primary
// key. Empty if there is neither. Errors: as above.
[[nodiscard]] std::vector<ColumnName> resolve_event_key(spec::SchemaObject const& source,
                                                        Object& object, Diagnostics& diagnostics);

}  // namespace hansa::mesh
