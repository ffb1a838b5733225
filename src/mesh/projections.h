// Foreign keys into tables that a projection fills: the row pointed to is announced by a topic, and
// may yet be on its way. Pure.
#pragma once

#include "mesh/mesh.h"

namespace hansa::mesh {

// The topic whose events fill the table that `column`, of this mesh, has a foreign key to; of
// several, the first by product and port. nullptr: it has none, or no projection fills that table.
[[nodiscard]] Topic const* announcing_topic(Mesh const& mesh, Column const& column);

}  // namespace hansa::mesh
