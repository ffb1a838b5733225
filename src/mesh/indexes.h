// The indexes of an object: of its key, its unique columns, its references, and the declared ones.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "mesh/mesh.h"
#include "spec/contract.h"

namespace hansa::mesh {

// Fills object.indexes, the primary key first, and marks the columns that may order. `taken` holds
// the names of the domain's tables and indexes, which share one namespace in PostgreSQL, and grows.
void resolve_indexes(spec::SchemaObject const& source, std::string const& file, Object& object,
                     std::set<std::string>& taken, Diagnostics& diagnostics);

}  // namespace hansa::mesh
