// The Avro schema of what a topic carries. Pure.
#pragma once

#include "avro/avro.h"
#include "mesh/mesh.h"

namespace hansa::render {

// A column that is not required may be null; a literal default is the field's default, so that
// fields may come and go between versions. Requires that the topic's fields are columns of
// `object`.
[[nodiscard]] avro::RecordSchema record_schema(mesh::Object const& object,
                                               mesh::Topic const& topic);

}  // namespace hansa::render
