// Products and their ports, joined to the contracts they publish or read.
#pragma once

#include <map>
#include <set>
#include <string>

#include "base/diagnostics.h"
#include "mesh/mesh.h"
#include "mesh/sources.h"

namespace hansa::mesh {

// Every contract of the mesh by id.
struct ContractIndex {
  std::map<std::string, Contract const*> contracts;
  // Ids the files of contracts imply, readable or not: naming one that is missing above is no
  // further mistake.
  std::set<std::string> implied;
};

// `source.product` must be there. `rest_owners` says which product serves a contract, and grows.
[[nodiscard]] Product resolve_product(ProductSource const& source, std::string const& domain,
                                      ContractIndex const& index,
                                      std::map<std::string, std::string>& rest_owners,
                                      Diagnostics& diagnostics);

}  // namespace hansa::mesh
