// The Open Data Contract Standard v3 (Bitol) as a table: what a *.odcs.yaml file may say.
#pragma once

#include "spec/shape.h"

namespace hansa::spec {

extern Shape const odcs_shape;
extern Shape const odcs_property_shape;

// Whether a quality rule is one PostgreSQL enforces: invalidValues with validValues, mustBe 0 and
// severity error. Every other rule is for measuring.
[[nodiscard]] bool is_value_check(Node const& quality_rule);

}  // namespace hansa::spec
