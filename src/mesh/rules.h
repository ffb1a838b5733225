// What values of a property must satisfy, from logicalTypeOptions, validValues and enum.
#pragma once

#include <string>

#include "base/diagnostics.h"
#include "spec/contract.h"
#include "types/type.h"

namespace hansa::mesh {

// Bounds and listed values are checked against `type`; what does not fit is invalid_value at its
// place.
[[nodiscard]] types::Rules resolve_rules(spec::Property const& property, types::Type const& type,
                                         std::string const& file, Diagnostics& diagnostics);

}  // namespace hansa::mesh
