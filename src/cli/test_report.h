// What `hansa test` says, for people and for machines. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "events/reaction_tests.h"
#include "json/value.h"

namespace hansa::cli {

struct TestedReaction {
  std::string port;  // "products/order_placed"
  std::string name;  // of the test
  events::TestResult result;
  double seconds = 0;
};

// A port that has no file of tests.
struct UntestedPort {
  std::string port;
  std::string file;  // that it would have
};

struct TestReport {
  std::vector<TestedReaction> tests;
  std::vector<UntestedPort> untested;
  double seconds = 0;

  [[nodiscard]] std::size_t failed() const;
};

// One line, and below it what is wrong; a relation's first `rows_shown` rows of each side.
inline constexpr std::size_t rows_shown = 10;
[[nodiscard]] std::string to_text(TestedReaction const& test, Colour colour);
[[nodiscard]] std::string to_text(UntestedPort const& port, Colour colour);
// The last line.
[[nodiscard]] std::string summary(TestReport const& report);

// {"version", "passed", "failed", "seconds", "tests": [{"port", "name", "file", "line", "outcome",
// "code", "reason", "split", "splits", "differences": [{"relation", "missing", "unexpected"}],
// "seconds"}], "untested": [{"port", "file"}]}. Rows are JSON objects; `code` and what else a
// passed test lacks is null.
[[nodiscard]] json::Value to_json(TestReport const& report);

}  // namespace hansa::cli
