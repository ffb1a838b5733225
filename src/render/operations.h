// The operations on one served table, as OpenAPI path items. Pure.
#pragma once

#include <string_view>

#include "json/value.h"
#include "mesh/mesh.h"
#include "render/table_schemas.h"

namespace hansa::render {

// Path item of /{domain}/v{major}/{object}.
[[nodiscard]] json::Value collection_path(mesh::Mesh const& mesh, mesh::Served const& served,
                                          Writable writable);
// Path item of /{domain}/v{major}/{object}/{key}.
[[nodiscard]] json::Value row_path(mesh::Mesh const& mesh, mesh::Served const& served,
                                   Writable writable);

// Whether anything of the table can be written at all: a derived one cannot.
[[nodiscard]] Writable writable_table(mesh::Served const& served, Writable asked);

// What 409 means to every writer.
inline constexpr std::string_view conflict_description =
    "It contradicts what is stored: a value that must be unique, a reference.";

// components.responses, .headers and .parameters that the operations refer to.
[[nodiscard]] json::Object shared_components(Writable writable);

}  // namespace hansa::render
