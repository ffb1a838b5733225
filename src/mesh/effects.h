// What Hansa does with each field, from the uses the readers noted down.
#pragma once

#include <vector>

#include "mesh/load.h"
#include "mesh/sources.h"

namespace hansa::mesh {

[[nodiscard]] std::vector<FieldEffect> field_effects(MeshSources const& sources);

}  // namespace hansa::mesh
