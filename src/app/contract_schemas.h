// The schemas of contracts in the registry: of every topic of the mesh, under "<topic>-value", with
// the compatibility that its contract promises.
#pragma once

#include "mesh/mesh.h"
#include "postgres/session.h"

namespace hansa::app {

// Registers what is not there yet; what somebody set for a subject stays. Blocking; `session`: of
// the database that keeps the registry. Throws what postgres::Session throws.
void register_contracts(postgres::Session& session, mesh::Mesh const& mesh);

}  // namespace hansa::app
