// Under which names contracts are stored. Pure.
#pragma once

#include <string>

#include "base/diagnostics.h"
#include "mesh/mesh.h"

namespace hansa::plan {

// The name of a column in the private table, and of the table.
[[nodiscard]] std::string physical(mesh::Column const& column);
[[nodiscard]] std::string physical(mesh::Object const& object);

// "declared in file:line", for people.
[[nodiscard]] std::string place_of(SourceRange const& where);

// The table called `name` of the newest major, which is the one that is stored; nullptr: none.
[[nodiscard]] mesh::Object const* stored_table(mesh::Domain const& domain, ObjectName const& name);

}  // namespace hansa::plan
