// Our own two files as tables: mesh.yaml and domain.yaml.
#pragma once

#include "spec/shape.h"

namespace hansa::spec {

extern Shape const mesh_shape;
extern Shape const domain_shape;

}  // namespace hansa::spec
