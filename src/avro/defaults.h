// Whether the defaults of a schema are values of their types. Pure.
#pragma once

#include "avro/schema.h"

namespace hansa::avro {

// Errors: invalid_value naming the field; too_complex over a million comparisons, which only unions
// of records within each other come to.
[[nodiscard]] Result<void> check_defaults(Schema const& schema);

}  // namespace hansa::avro
