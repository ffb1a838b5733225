// Parameters and headers of the operations on a table. Pure.
//
// Whatever a schema here allows, the server takes: patterns are narrower than the filter grammar
// where JSON Schema cannot say what is allowed, and the descriptions name the rest.
#pragma once

#include <string>

#include "json/value.h"
#include "mesh/mesh.h"

namespace hansa::render {

// select, order, limit, offset, and the members of filter_schema().
[[nodiscard]] json::Array list_parameters(mesh::Object const& object);
// The schema `XFilter`: a member for every column, `and` and `or`. They are one parameter of the
// document, exploded, because a filter's value is no value of its column: told apart as parameters,
// `id` would be taken for an id by tools that pass one answer's fields on to the next request.
[[nodiscard]] json::Value filter_schema(mesh::Object const& object);
// select, for everything but a list.
[[nodiscard]] json::Value select_parameter(mesh::Object const& object);
// {key} in the path: one value, or a composite key's values with commas between.
[[nodiscard]] json::Value key_parameter(mesh::Object const& object);

// An ECMA-262 expression without anchors for a value in a filter. `in_list`: inside parentheses.
enum class Place : std::uint8_t { alone, in_list };
[[nodiscard]] std::string value_pattern(types::Type const& type, Place place);
// "eq, neq, gt, ..." for the column's type, as alternatives of an expression; empty: none compare.
[[nodiscard]] std::string comparison_words(types::Kind kind);

}  // namespace hansa::render
