#include "sql/tree.h"

#include <algorithm>
#include <array>

namespace hansa::sql {

json::Value const* Node::find(std::string_view field) const {
  if (fields == nullptr) return nullptr;
  auto const found = std::ranges::find(*fields, field, &std::pair<std::string, json::Value>::first);
  return found == fields->end() ? nullptr : &found->second;
}

std::string_view Node::text(std::string_view field) const {
  auto const* value = find(field);
  if (value == nullptr) return {};
  if (auto const* text = value->as_string()) return *text;
  auto const* flag = value->as_bool();
  return flag != nullptr && *flag ? "true" : "";
}

std::string_view Node::digits(std::string_view field) const {
  auto const* value = find(field);
  auto const* number = value != nullptr ? value->as_number() : nullptr;
  return number != nullptr ? std::string_view(number->digits) : std::string_view();
}

std::vector<std::string> Node::names(std::string_view field) const {
  std::vector<std::string> names;
  for (auto const& node : children(field))
    names.emplace_back(node.kind == "A_Star" ? "*" : node.text("sval"));
  return names;
}

Node Node::child(std::string_view field, std::string_view direct_kind) const {
  auto const* value = find(field);
  if (value == nullptr) return {};
  return direct_kind.empty() ? unwrap(*value) : Node{direct_kind, value->as_object()};
}

std::vector<Node> Node::children(std::string_view field) const {
  std::vector<Node> nodes;
  auto const* value = find(field);
  if (value == nullptr) return nodes;
  auto const* list = value->as_array();
  if (list == nullptr) {
    if (auto const node = unwrap(*value)) nodes.push_back(node);
    return nodes;
  }
  for (auto const& entry : *list)
    if (auto const node = unwrap(entry)) nodes.push_back(node);
  return nodes;
}

Node unwrap(json::Value const& value) {
  auto const* object = value.as_object();
  if (object == nullptr || object->size() != 1) return {};
  auto const& [kind, fields] = object->front();
  return {kind, fields.as_object()};
}

Literal literal_of(Node const& node) {
  if (node.kind != "A_Const") return std::nullopt;
  constexpr std::array kinds = {"sval", "fval", "ival"};
  for (std::string_view const kind : kinds) {
    auto const value = node.child(kind, kind);
    if (!value) continue;
    auto const* inner = value.find(kind);
    if (inner == nullptr) return kind == "ival" ? "0" : "";
    if (auto const* number = inner->as_number()) return number->digits;
    return std::string(value.text(kind));
  }
  return std::nullopt;
}

}  // namespace hansa::sql
