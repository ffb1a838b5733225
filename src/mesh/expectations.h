// What a consumer relies on of a topic: on/<port>.odcs.yaml, a contract of the columns its reaction
// needs. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "mesh/mesh.h"
#include "mesh/sources.h"

namespace hansa::mesh {

// The columns the contract states; nullopt if it does not speak of one object. Each is compared
// with the topic's: there, of the same type, and required if it is relied on to be. Errors:
// missing_reference, mismatch, unsupported_type.
[[nodiscard]] std::optional<std::vector<ColumnName>> check_expectation(
    ContractSource const& expectation, Topic const& topic, Object const& object,
    std::map<std::string, std::string> const& classifications, Diagnostics& diagnostics);

}  // namespace hansa::mesh
