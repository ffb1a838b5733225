// The nodes of PostgreSQL 15's parse tree that the walker knows, and what each of their fields
// holds. A node or a field outside this table is unknown syntax. Constant data.
#pragma once

#include <span>
#include <string_view>

namespace hansa::sql {

struct Field {
  enum class Holds : unsigned char {
    scalar,   // a flag, a number, a name or a list of names
    nodes,    // a node as {"Kind": {...}}, or a list of them
    direct,   // the fields of a node of the one kind `kind`
    refused,  // a part of syntax that is refused as a whole, so nobody looks inside
    place,    // the byte where the node stands; absent means 0, -1 unknown
  };
  std::string_view name;
  Holds holds = Holds::scalar;
  std::string_view kind = {};
};

struct Shape {
  std::string_view kind;
  std::span<Field const> fields;

  [[nodiscard]] Field const* find(std::string_view name) const;
};

// nullptr for a node this room does not know.
[[nodiscard]] Shape const* find_shape(std::string_view kind);

}  // namespace hansa::sql
