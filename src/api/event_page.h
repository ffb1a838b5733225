// The page about a domain's events: its topics, its ports and their dead letters. Pure.
#pragma once

#include <span>

#include "api/html.h"
#include "mesh/mesh.h"

namespace hansa::api {

// `served`: domains whose pages are on this server; others are named without a link.
[[nodiscard]] Page event_page(mesh::Mesh const& mesh, mesh::Domain const& domain,
                              std::span<mesh::Domain const* const> served);

}  // namespace hansa::api
