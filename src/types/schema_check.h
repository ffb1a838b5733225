// For tests: enough of JSON Schema 2020-12 to judge the schemas this room writes.
#pragma once

#include <string>

#include "json/value.h"

namespace hansa::types {

// "" if `value` satisfies `schema`, else the keyword that refuses it. An unknown keyword fails the
// test that asks, by being named.
[[nodiscard]] std::string refusing_keyword(json::Value const& schema, json::Value const& value);

}  // namespace hansa::types
