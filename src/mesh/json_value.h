// A YAML value as the JSON value it stands for under YAML's core schema.
#pragma once

#include "json/value.h"
#include "spec/node.h"

namespace hansa::mesh {

// Numbers keep their digits; infinities and not-a-number, which JSON lacks, become text.
[[nodiscard]] json::Value to_json(spec::Node const& node);

}  // namespace hansa::mesh
