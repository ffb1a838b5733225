// The lines `hansa up` ends in, to paste into a terminal. Pure.
#pragma once

#include <string>

#include "cli/command.h"
#include "mesh/mesh.h"

namespace hansa::cli {

// Lists, creates, reads by SQL and opens the documentation of the first table the mesh serves.
// `conninfo` is of the private cluster; empty leaves the psql line out.
[[nodiscard]] std::string greeting(mesh::Mesh const& mesh, Addresses const& addresses,
                                   std::string const& conninfo);

}  // namespace hansa::cli
