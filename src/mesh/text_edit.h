// Small edits of a YAML text at places of its parsed tree: comments and layout stay as they are. An
// edit that cannot be made safely is not made.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "spec/node.h"

namespace hansa::mesh {

class TextEdits {
 public:
  explicit TextEdits(std::string_view text);

  // Writes `value` where `scalar` stands; a scalar of several lines is left alone.
  bool replace(spec::Node const& scalar, std::string_view value);

  // Adds `key: value` to `map` right after its member `after`, or at its beginning if `after` is
  // empty or missing: a line of its own in a block map, an entry in a flow map.
  bool insert(spec::Node const& map, std::string_view after, std::string_view key,
              std::string_view value);

  [[nodiscard]] bool empty() const { return edits_.empty(); }
  // The text with every edit made; edits at one place in the order they were asked for.
  [[nodiscard]] std::string apply() const;

 private:
  struct Edit {
    std::size_t at;
    std::size_t removed;
    std::string text;
  };
  // The byte at a place, or npos if the place is not in the text.
  [[nodiscard]] std::size_t offset(spec::Place const& place) const;
  // The byte after a scalar that stands on one line, or npos.
  [[nodiscard]] std::size_t scalar_end(spec::Node const& scalar) const;
  // The first byte of the line after `at`, if only blanks or a comment follow on this one; else
  // npos.
  [[nodiscard]] std::size_t next_line(std::size_t at) const;

  std::string_view text_;
  std::string_view newline_;
  std::vector<std::size_t> lines_;  // offsets of their first bytes
  std::vector<Edit> edits_;
};

}  // namespace hansa::mesh
