#include "events/members.h"

#include <algorithm>

namespace hansa::events {
namespace {

// Behind the string that begins at `at`.
std::size_t behind_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at)
    if (text[at] == '\\') ++at;
  return std::min(at + 1, text.size());
}

// Behind the value that begins at `at`: at the comma or brace that follows it.
std::size_t behind_value(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  while (at < text.size()) {
    char const c = text[at];
    if (c == '"') {
      at = behind_string(text, at);
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if (depth == 0 && (c == ',' || c == '}')) return at;
    if (c == '}' || c == ']') --depth;
    ++at;
  }
  return at;
}

}  // namespace

void append_members(std::string_view object, std::span<ColumnName const> names, std::string& out) {
  bool first = true;
  for (std::size_t at = 1; at < object.size() && object[at] == '"';) {
    auto const behind_name = behind_string(object, at);
    auto const name = object.substr(at + 1, behind_name - at - 2);
    auto const end = behind_value(object, std::min(behind_name + 1, object.size()));
    if (std::ranges::find(names, name, &ColumnName::text) != names.end()) {
      if (!first) out += ',';
      out.append(object.substr(at, end - at));
      first = false;
    }
    at = end + 1;
  }
}

}  // namespace hansa::events
