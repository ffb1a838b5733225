#include "render/words.h"

namespace hansa::render {

void add(json::Object& members, std::string_view name, std::string_view value) {
  if (!value.empty()) members.emplace_back(name, json::text(value));
}

std::string schema_name(std::string_view object) {
  std::string out;
  bool capital = true;
  for (std::size_t i = 0; i < object.size(); ++i) {
    auto const next = i + 1 < object.size() ? object[i + 1] : '\0';
    if (object[i] == '_' && next >= 'a' && next <= 'z') {
      capital = true;
      continue;
    }
    auto const c = object[i];
    out.push_back(capital && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
    capital = false;
  }
  auto const taken = object == "problem" || object.ends_with("_create") ||
                     object.ends_with("_patch") || object.ends_with("_selection") ||
                     object.ends_with("_filter");
  return taken ? out + "_" : out;
}

json::Value reference(std::string_view section, std::string_view name) {
  std::string target = "#/components/";
  target.append(section).append("/").append(name);
  return json::object({{"$ref", json::text(target)}});
}

}  // namespace hansa::render
