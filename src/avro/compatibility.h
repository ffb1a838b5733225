// Whether data of one schema can be read with another: the rules of the Avro specification, section
// Schema Resolution, as reasons. Pure; open to all threads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "avro/schema.h"

namespace hansa::avro {

struct Incompatibility {
  enum class Kind : std::uint8_t {
    name_mismatch,
    type_mismatch,
    reader_field_missing_default_value,
    missing_union_branch,
    missing_enum_symbols,
    fixed_size_mismatch,
    too_complex,  // over a million comparisons: not found to be compatible
  };
  Kind kind = Kind::type_mismatch;
  std::string path;     // JSON Pointer into the reader's schema; of a writer's branch, its index
  std::string message;  // one sentence
};

// "READER_FIELD_MISSING_DEFAULT_VALUE": the words of Java's SchemaCompatibility and of registries.
[[nodiscard]] std::string_view to_text(Incompatibility::Kind kind);

// Why `reader` cannot read everything that `writer` may have written; empty if it can. Names match
// by their last part or by an alias of the reader's. At most a hundred reasons.
[[nodiscard]] std::vector<Incompatibility> can_read(Schema const& reader, Schema const& writer);

}  // namespace hansa::avro
