// All sources to one mesh: names resolved, owners unique, ports joined. Pure.
#pragma once

#include <optional>

#include "base/diagnostics.h"
#include "mesh/mesh.h"
#include "mesh/sources.h"

namespace hansa::mesh {

// nullopt when `diagnostics` holds errors in the end.
[[nodiscard]] std::optional<Mesh> resolve(MeshSources const& sources, Diagnostics& diagnostics);

}  // namespace hansa::mesh
