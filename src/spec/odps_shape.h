// The Open Data Product Standard v1 (Bitol) as a table: what a *.odps.yaml file may say.
#pragma once

#include "spec/shape.h"

namespace hansa::spec {

extern Shape const odps_shape;

}  // namespace hansa::spec
