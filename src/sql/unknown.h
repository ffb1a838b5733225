// Fails closed: finds every node and every field of a parse tree that the table of shapes does not
// have, so that the walker may trust what it walks. Pure.
#pragma once

#include <vector>

#include "json/value.h"
#include "sql/sql.h"

namespace hansa::sql {

// Features of kind unknown below the wrapped node `statement`, which stands at `offset`.
[[nodiscard]] std::vector<Feature> find_unknown(json::Value const& statement, std::size_t offset);

}  // namespace hansa::sql
