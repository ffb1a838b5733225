// One value that is not null as Avro binary, from PostgreSQL's text output. Pure.
#pragma once

#include <string>
#include <string_view>

#include "avro/decimal_bytes.h"
#include "types/type.h"

namespace hansa::avro {

// Appends to `out`; what was appended when it refuses is the caller's to remove. Moments may also
// be in ISO 8601 with `T`, booleans `true` and `false`, as row_to_json prints them.
[[nodiscard]] Reason encode_value(types::Type const& type, std::string_view text, std::string& out);

// nullptr if `text` is one JSON value and nothing else, at most 32 levels deep and in UTF-8.
[[nodiscard]] Reason check_document(std::string_view text);

}  // namespace hansa::avro
