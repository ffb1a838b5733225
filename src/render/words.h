// Words and small pieces that documents are made of. Pure.
#pragma once

#include <string>
#include <string_view>

#include "json/value.h"

namespace hansa::render {

// Adds a text where there is one to add.
void add(json::Object& members, std::string_view name, std::string_view value);

// "order_line" to "OrderLine": the name of an object's schema. Two objects never share one, nor
// does one take `Problem` or the `XCreate`, `XPatch`, `XSelection`, `XFilter` of another.
[[nodiscard]] std::string schema_name(std::string_view object);

// {"$ref": "#/components/<section>/<name>"}
[[nodiscard]] json::Value reference(std::string_view section, std::string_view name);

}  // namespace hansa::render
