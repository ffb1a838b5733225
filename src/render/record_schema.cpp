#include "render/record_schema.h"

#include <cassert>

#include "render/column_schema.h"

namespace hansa::render {

avro::RecordSchema record_schema(mesh::Object const& object, mesh::Topic const& topic) {
  avro::RecordSchema schema{.name = topic.record_name,
                            .name_space = topic.record_namespace,
                            .doc = object.description,
                            .fields = {}};
  for (auto const& name : topic.fields) {
    auto const* column = object.find(name.text());
    assert(column != nullptr);
    schema.fields.push_back({.name = name.text(),
                             .type = column->type,
                             .nullable = !column->required,
                             .default_value = literal_default(*column),
                             .doc = column->description});
  }
  return schema;
}

}  // namespace hansa::render
