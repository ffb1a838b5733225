// One contract file to one resolved contract: identity, objects, columns and keys. References,
// indexes and ports need the whole mesh and come after.
#pragma once

#include <map>
#include <string>

#include "base/diagnostics.h"
#include "mesh/mesh.h"
#include "mesh/references.h"
#include "mesh/sources.h"

namespace hansa::mesh {

struct ContractContext {
  MeshSources const& sources;
  std::map<std::string, std::string> const& classifications;
  ReferenceTargets& targets;  // only told of columns without a type
  Diagnostics& diagnostics;
};

// `source.contract` must be there. Objects and columns keep the order of the source, one for one.
[[nodiscard]] Contract resolve_contract(ContractSource const& source, DomainSource const& domain,
                                        ProductSource const& product,
                                        ContractContext const& context);

}  // namespace hansa::mesh
