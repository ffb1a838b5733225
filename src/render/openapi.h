// OpenAPI 3.1 of one domain and major: a pure function of the mesh.
#pragma once

#include <string>
#include <string_view>

#include "mesh/mesh.h"

namespace hansa::render {

struct OpenApiOptions {
  std::string_view server_url;  // "http://localhost:8000"; empty: relative
  bool writable = true;         // false: reading operations only
};

// The document as indented JSON. Complete: separate create, read and patch schemas, parameters for
// every filter the server takes, paging, every error as problem+json, examples from the contract.
[[nodiscard]] std::string openapi(mesh::Mesh const& mesh, mesh::Domain const& domain, Major major,
                                  OpenApiOptions const& options);

}  // namespace hansa::render
