// The environments of mesh.yaml: defaults, and checks of what a string alone can get wrong.
#pragma once

#include <map>
#include <set>
#include <string>

#include "base/diagnostics.h"
#include "mesh/mesh.h"
#include "spec/mesh_file.h"

namespace hansa::mesh {

// "development" is always among them. `domains` are those overrides may name.
[[nodiscard]] std::map<std::string, Environment> resolve_environments(
    spec::MeshFile const& file, std::set<std::string> const& domains, Diagnostics& diagnostics);

}  // namespace hansa::mesh
