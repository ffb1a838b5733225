#include "mesh/json_value.h"

#include <string>
#include <utility>

namespace hansa::mesh {

namespace {

// YAML also writes +1, 007, .5 and 1. where JSON does not.
std::string json_digits(std::string_view text) {
  std::string out;
  if (text.starts_with('-')) out = "-";
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  while (text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9') {
    text.remove_prefix(1);
  }
  if (text.starts_with('.')) out += '0';
  std::size_t const dot = text.find('.');
  if (dot == std::string_view::npos) return out.append(text);
  std::size_t end = text.find_first_of("eE", dot);
  if (end == std::string_view::npos) end = text.size();
  out.append(text.substr(0, end == dot + 1 ? dot : end));
  return out.append(text.substr(end));
}

json::Value scalar_to_json(spec::Node const& node) {
  switch (spec::scalar_kind(node)) {
    case spec::ScalarKind::boolean:
      return json::boolean(*spec::as_boolean(node));
    case spec::ScalarKind::integer: {
      bool const other_base = node.text.starts_with("0x") || node.text.starts_with("0o");
      if (!other_base) return json::number(json_digits(node.text));
      auto const value = spec::as_integer(node);
      return value ? json::integer(*value) : json::text(node.text);
    }
    case spec::ScalarKind::number: {
      bool const finite = node.text.find_first_of("nN") == std::string::npos;
      return finite ? json::number(json_digits(node.text)) : json::text(node.text);
    }
    case spec::ScalarKind::text:
      break;
  }
  return json::text(node.text);
}

}  // namespace

json::Value to_json(spec::Node const& node) {
  switch (node.kind) {
    case spec::Node::Kind::null:
      return {};
    case spec::Node::Kind::scalar:
      return scalar_to_json(node);
    case spec::Node::Kind::sequence: {
      json::Array items;
      for (spec::Node const& item : node.items) items.push_back(to_json(item));
      return json::array(std::move(items));
    }
    case spec::Node::Kind::map:
      break;
  }
  json::Object members;
  for (spec::Member const& member : node.members) {
    members.emplace_back(member.key, to_json(member.value));
  }
  return json::object(std::move(members));
}

}  // namespace hansa::mesh
