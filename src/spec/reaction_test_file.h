// The tests of a reaction, on/<port>.test.yaml, as plain structs. Values are kept as they stand:
// what they may be follows from contracts, which this file does not know.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "spec/reading.h"

namespace hansa::spec {

// The rows of one table, or the events of one stream. Each is a map from names to values.
struct WrittenRows {
  Text name;
  std::vector<Node> rows;
};

struct WrittenTest {
  Text name;
  std::vector<WrittenRows> given;
  std::vector<Node> events;
  SourceRange events_where;
  // What is expected; nothing is said of tables and streams that are not there.
  std::vector<WrittenRows> tables, streams;
  std::vector<Node> dead;
};

struct ReactionTestFile {
  std::string file;
  std::vector<WrittenTest> tests;
};

// Checks the document's shape and reads it; what is wrong is reported and left out.
[[nodiscard]] ReactionTestFile read_reaction_tests(Document const& document,
                                                   Diagnostics& diagnostics);

}  // namespace hansa::spec
