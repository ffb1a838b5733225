// The value of a record as the columns of its contract: what a topic that clients write takes as
// JSON. Immutable after construction; open to all threads.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "json/value.h"
#include "mesh/mesh.h"
#include "types/reader.h"

namespace hansa::gateway {

class RecordColumns {
 public:
  // Borrows `object`.
  RecordColumns(mesh::Object const& object, mesh::Topic const& topic);

  // One entry a field of the topic, in order: PostgreSQL's text input, nullopt for null. Members
  // that are no field are passed over. Error: why the value is none of this topic, as a sentence.
  using Values = std::vector<std::optional<std::string>>;
  [[nodiscard]] std::expected<Values, std::string> read(json::Value const& value) const;

 private:
  struct Column {
    mesh::Column const* column;
    types::Reader reader;
  };
  std::vector<Column> columns_;
};

}  // namespace hansa::gateway
