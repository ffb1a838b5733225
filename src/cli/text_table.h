// Rows of words under a heading, for people. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/diagnostics.h"

namespace hansa::cli {

class TextTable {
 public:
  enum class Align : std::uint8_t { left, right };
  struct Column {
    std::string name;
    Align align = Align::left;
  };
  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // A word a column.
  void add(std::vector<std::string> row);
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  // Columns as wide as their widest word, two blanks between; no blanks at a line's end.
  [[nodiscard]] std::string text(Colour colour) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace hansa::cli
