// Domains that this mesh made in a database and that its folder no longer declares.
#pragma once

#include "mesh/mesh.h"
#include "plan/plan.h"
#include "postgres/session.h"

namespace hansa::delivery {

// One note each, with the statements that remove it: nothing of it is touched. Domains the mesh
// declares elsewhere are not among them, nor are other meshes'. Requires Hansa's own schema.
void note_departed_domains(postgres::Session& session, mesh::Mesh const& mesh, plan::Plan& plan);

}  // namespace hansa::delivery
