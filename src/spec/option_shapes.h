// What logicalTypeOptions may hold, by logicalType.
#pragma once

#include "spec/shape.h"

namespace hansa::spec {

// The shape for the options of `property`; one that knows every option when the logicalType is
// missing or unknown, which is reported elsewhere.
[[nodiscard]] Shape const& option_shape(Node const& property);

}  // namespace hansa::spec
