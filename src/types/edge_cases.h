// Types, rules and JSON values at their edges: one table that the tests of reading, of JSON Schema
// and of PostgreSQL's CHECK constraints all go through. Test data only.
#pragma once

#include <string_view>
#include <vector>

#include "types/type.h"

namespace hansa::types {

struct EdgeCase {
  std::string_view name;
  Type type;
  Rules rules = {};
  // JSON as a client sends it and as it is answered; the same when the second is empty.
  std::vector<std::pair<std::string_view, std::string_view>> taken = {};
  std::vector<std::string_view> refused = {};
};

[[nodiscard]] std::vector<EdgeCase> edge_cases();

}  // namespace hansa::types
