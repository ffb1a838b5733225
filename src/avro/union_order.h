// In which order the union of a nullable field has its branches. Pure.
#pragma once

#include <cstdint>

#include "avro/avro.h"

namespace hansa::avro {

enum class Branch : std::uint8_t { null, value };

[[nodiscard]] inline bool has_own_default(Field const& field) {
  return field.default_value && !field.default_value->is_null();
}

// The index of a branch: the default's comes first.
[[nodiscard]] inline std::int64_t branch(Field const& field, Branch wanted) {
  return (wanted == Branch::value) == has_own_default(field) ? 0 : 1;
}

}  // namespace hansa::avro
