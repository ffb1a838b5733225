#include "json/value.h"

namespace hansa::json {

Value const* Value::find(std::string_view key) const {
  auto const* members = as_object();
  if (members == nullptr) return nullptr;
  for (auto const& [name, value] : *members)
    if (name == key) return &value;
  return nullptr;
}

bool Value::operator==(Value const&) const = default;

Value text(std::string_view value) { return {std::string(value)}; }
Value integer(std::int64_t value) { return {Number{std::to_string(value)}}; }
Value number(std::string_view digits) { return {Number{std::string(digits)}}; }
Value boolean(bool value) { return {value}; }
Value object(Object members) { return {std::move(members)}; }
Value array(Array items) { return {std::move(items)}; }

}  // namespace hansa::json
