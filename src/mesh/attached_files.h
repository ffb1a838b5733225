// Files that belong to a product without being declared in it: seed rows, emissions, reactions.
// Their names say whom they serve; one that serves nobody would be left out in silence, so it is an
// error.
#pragma once

#include <span>

#include "base/diagnostics.h"
#include "mesh/mesh.h"
#include "mesh/sources.h"

namespace hansa::mesh {

struct AttachedFiles {
  spec::Folder const& folder;
  ProductSource const& product;
  std::span<Contract const> contracts;  // of the product's domain
  std::span<Topic const> topics;        // of the mesh
};

// Error: unexpected_file.
void check_attached_files(AttachedFiles const& attached, Diagnostics& diagnostics);

}  // namespace hansa::mesh
