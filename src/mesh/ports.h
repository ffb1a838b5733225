// Products and their ports, joined to the contracts they publish or read.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>

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

// Which port serves or publishes a contract, in words: one of a type but for sql.
using PortOwners = std::map<std::pair<PortType, std::string>, std::string>;

// `source.product` must be there. `owners` grows by its ports.
[[nodiscard]] Product resolve_product(ProductSource const& source, std::string const& domain,
                                      ContractIndex const& index, PortOwners& owners,
                                      Diagnostics& diagnostics);

}  // namespace hansa::mesh
