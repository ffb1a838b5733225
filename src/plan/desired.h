// The database a mesh asks for. Pure: mesh in, catalogue out.
#pragma once

#include <vector>

#include "base/result.h"
#include "mesh/mesh.h"
#include "plan/catalog.h"

namespace hansa::plan {

struct Desired {
  Database database;
  std::vector<Error> refusals;  // not_supported_yet: an older major that the newest cannot answer
};

// Roles, schemas, tables and views of `domains`; those the mesh does not know are left out. Of an
// object with several majors the newest is the table, and every major with a rest or sql port is a
// view over it.
[[nodiscard]] Desired desired(mesh::Mesh const& mesh, std::vector<DomainName> const& domains);

}  // namespace hansa::plan
