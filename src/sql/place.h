// Where a node of the parse tree stands in the text. Pure.
#pragma once

#include <cstddef>

#include "sql/tree.h"

namespace hansa::sql {

// The node's own byte; `otherwise`, the place of what holds it, where the tree does not say.
[[nodiscard]] std::size_t place_of(Node const& node, std::size_t otherwise);

}  // namespace hansa::sql
