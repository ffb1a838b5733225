// Reading of the parse tree as JSON: fields, names, literals. Absent fields read as empty, since
// libpg_query leaves out what is zero. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"
#include "sql/sql.h"

namespace hansa::sql {

// One node: its kind and its fields. Points into the tree.
struct Node {
  std::string_view kind;
  json::Object const* fields = nullptr;

  [[nodiscard]] json::Value const* find(std::string_view field) const;
  [[nodiscard]] bool has(std::string_view field) const { return find(field) != nullptr; }
  // Text of a string or of a flag ("true"), empty if absent.
  [[nodiscard]] std::string_view text(std::string_view field) const;
  // Digits of a number, empty if absent.
  [[nodiscard]] std::string_view digits(std::string_view field) const;
  // Names of a list of String nodes.
  [[nodiscard]] std::vector<std::string> names(std::string_view field) const;
  // A wrapped node, or the fields of one of `direct_kind`; without fields if absent.
  [[nodiscard]] Node child(std::string_view field, std::string_view direct_kind = {}) const;
  // The nodes of a list, or the single one.
  [[nodiscard]] std::vector<Node> children(std::string_view field) const;
  explicit operator bool() const { return fields != nullptr; }
};

// {"Kind": {...}}; without fields for anything else, and for the {} that stands for a null.
[[nodiscard]] Node unwrap(json::Value const& value);

// The text of a constant, none for anything computed and for NULL.
[[nodiscard]] Literal literal_of(Node const& node);

}  // namespace hansa::sql
