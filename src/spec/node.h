// A YAML document as a tree that remembers where everything was written. Made by parse_yaml() only,
// so it is bounded in depth and size, its text is UTF-8 without control characters, and no map
// holds a key twice. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"

namespace hansa::spec {

struct Member;

// Lines and columns count from 1, columns in bytes, as in SourceRange; the file is known to whoever
// holds the tree.
struct Place {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint32_t length = 0;
};

struct Node {
  enum class Kind : std::uint8_t { null, scalar, sequence, map };
  Kind kind = Kind::null;
  bool quoted = false;  // a scalar that is text whatever it looks like
  bool flow = false;    // a sequence or map written as [..] or {..}
  Place place;          // of the scalar, or of the first byte of the collection
  std::string text;     // scalars
  std::vector<Node> items;
  std::vector<Member> members;  // in the order written

  // The value under `key`, or nullptr; a null value counts as written.
  [[nodiscard]] Node const* find(std::string_view key) const;
  [[nodiscard]] bool is_scalar() const { return kind == Kind::scalar; }
  [[nodiscard]] bool is_map() const { return kind == Kind::map; }
  [[nodiscard]] bool is_sequence() const { return kind == Kind::sequence; }
  [[nodiscard]] bool is_null() const { return kind == Kind::null; }
};

struct Member {
  std::string key;
  Place place;  // of the key
  Node value;
};

// What a scalar is under YAML 1.2's core schema.
enum class ScalarKind : std::uint8_t { text, boolean, integer, number };
[[nodiscard]] ScalarKind scalar_kind(Node const& scalar);

// The value as text, boolean or integer; nullopt when it is of another kind.
[[nodiscard]] std::optional<std::string> as_text(Node const& node);
[[nodiscard]] std::optional<bool> as_boolean(Node const& node);
[[nodiscard]] std::optional<std::int64_t> as_integer(Node const& node);

struct Document {
  std::string file;  // relative to the folder
  Node root;

  [[nodiscard]] SourceRange at(Place const& place) const {
    return {file, place.line, place.column, place.length};
  }
  [[nodiscard]] SourceRange at(Node const& node) const { return at(node.place); }
};

}  // namespace hansa::spec
