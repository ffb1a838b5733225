// The words of the specification for the forms of a schema. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "avro/schema.h"

namespace hansa::avro {

inline constexpr std::array<std::string_view, 14> form_names = {
    "null",   "boolean", "int",  "long",  "float", "double", "bytes",
    "string", "record",  "enum", "array", "map",   "union",  "fixed"};
static_assert(form_names.size() == static_cast<std::size_t>(Form::fixed) + 1);

[[nodiscard]] constexpr std::string_view form_name(Form form) {
  return form_names[static_cast<std::size_t>(form)];
}

// "union" is no word of a schema and is not found.
[[nodiscard]] constexpr std::optional<Form> find_form(std::string_view name) {
  for (std::size_t i = 0; i < form_names.size(); ++i)
    if (form_names[i] == name && static_cast<Form>(i) != Form::choice) return static_cast<Form>(i);
  return std::nullopt;
}

[[nodiscard]] constexpr bool is_primitive(Form form) { return form < Form::record; }

// [A-Za-z_][A-Za-z0-9_]*
[[nodiscard]] constexpr bool is_name(std::string_view text) {
  if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return false;
  for (char const c : text)
    if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
      return false;
  return true;
}

}  // namespace hansa::avro
