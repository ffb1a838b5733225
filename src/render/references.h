// References within a rendered document, for the tests of such documents.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "json/value.h"

namespace hansa::render {

// Where "#/a/b" leads; nullptr where it leads nowhere.
inline json::Value const* resolve(json::Value const& root, std::string_view reference) {
  auto const* at = &root;
  reference.remove_prefix(2);
  while (at != nullptr && !reference.empty()) {
    auto const end = reference.find('/');
    at = at->find(reference.substr(0, end));
    reference = end == std::string_view::npos ? "" : reference.substr(end + 1);
  }
  return at;
}

inline void each_reference(json::Value const& value,
                           std::function<void(std::string const&)> const& visit) {
  if (auto const* object = value.as_object()) {
    for (auto const& [name, member] : *object) {
      if (name == "$ref") visit(*member.as_string());
      each_reference(member, visit);
    }
  }
  if (auto const* array = value.as_array()) {
    for (auto const& item : *array) each_reference(item, visit);
  }
}

}  // namespace hansa::render
