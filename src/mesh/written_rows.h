// Rows of a test as they are written, read against the columns they may have. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "mesh/reaction_tests.h"
#include "spec/node.h"

namespace hansa::mesh {

// What a row may hold: the columns of an object as far as they are `fields`, and names of ours.
struct RowForm {
  std::string thing;      // "table `product`", for messages
  std::string_view part;  // "column" or "field"
  Object const* object = nullptr;
  std::vector<ColumnName> const* fields = nullptr;  // nullptr: every column
  std::span<std::string_view const> own = {};       // of `_offset` whole numbers, else text
  bool rules = false;  // values have to satisfy the rules of their columns

  [[nodiscard]] Column const* find(std::string_view name) const;
  [[nodiscard]] bool is_own(std::string_view name) const;
  [[nodiscard]] std::vector<std::string_view> names() const;
};

class RowReader {
 public:
  RowReader(std::string const& file, Diagnostics& diagnostics)
      : file_(file), diagnostics_(diagnostics) {}

  // The values of a map that fit; what does not, and names that `form` does not have, are errors.
  [[nodiscard]] std::vector<TestValue> values(spec::Node const& row, RowForm const& form);

  [[nodiscard]] SourceRange at(spec::Place const& place) const {
    return {file_, place.line, place.column, place.length};
  }
  // Errors are all invalid_test.
  void error(SourceRange where, std::string message, std::string hint = {});
  // One whose hint is the nearest of `words`, or all of them.
  void unknown(SourceRange where, std::string message, std::string_view word,
               std::vector<std::string_view> const& words);

 private:
  std::string const& file_;
  Diagnostics& diagnostics_;
};

// nullptr: it is not written, or does not fit.
[[nodiscard]] TestValue const* find(std::vector<TestValue> const& values, std::string_view name);

}  // namespace hansa::mesh
