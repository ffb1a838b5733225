// JSON Schema of a column's values, and its literal default: the one form of both that REST and
// events share. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "json/value.h"
#include "mesh/mesh.h"

namespace hansa::render {

// read: a value as answers and events hold it. write: as a client sends it, with its default.
enum class Use : std::uint8_t { read, write };
[[nodiscard]] json::Value column_schema(mesh::Column const& column, Use use);

// The default as a JSON value of the column's type; nullopt where there is none or PostgreSQL
// computes it.
[[nodiscard]] std::optional<json::Value> literal_default(mesh::Column const& column);

}  // namespace hansa::render
