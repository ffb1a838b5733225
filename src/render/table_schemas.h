// JSON Schemas of a table's rows: as read, as partly read, as created, as patched. Pure.
#pragma once

#include "json/value.h"
#include "mesh/mesh.h"

namespace hansa::render {

// Adds `X`, `XSelection`, `XFilter`, and where `writable` `XCreate` and `XPatch`, for object x.
enum class Writable : std::uint8_t { no, yes };
void add_table_schemas(mesh::Served const& served, Writable writable, json::Object& schemas);

// The one schema of every error (RFC 9457).
[[nodiscard]] json::Value problem_schema();

// A row that satisfies the contract, as it is read, for `index` from 0 up.
[[nodiscard]] json::Value example_row(mesh::Object const& object, std::uint64_t index);

// Whether a writer may leave the column out.
[[nodiscard]] bool optional_on_create(mesh::Object const& object, mesh::Column const& column);

}  // namespace hansa::render
