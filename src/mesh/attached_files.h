// Files that belong to a product without being declared in it: seed rows, emissions, reactions.
// Their names say whom they serve; one that serves nobody would be left out in silence, so it is an
// error.
#pragma once

#include <span>

#include "base/diagnostics.h"
#include "mesh/mesh.h"
#include "mesh/sources.h"

namespace hansa::mesh {

// `contracts` are those of the product's domain. Errors: unexpected_file. Warnings:
// not_supported_yet for emissions and reactions, which do not run yet.
void check_attached_files(spec::Folder const& folder, ProductSource const& product,
                          std::span<Contract const> contracts, Diagnostics& diagnostics);

}  // namespace hansa::mesh
