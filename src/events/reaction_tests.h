// Runs the tests of reactions: each under every split of its events, which must not matter, and
// against what it expects. Blocking; the world failing is a Failure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "events/trial.h"

namespace hansa::events {

enum class TestOutcome : std::uint8_t { passed, failed, split_dependent };

struct TestResult {
  TestOutcome outcome = TestOutcome::passed;
  std::string reason;  // one sentence; empty when it passed
  SourceRange where;   // of the test, or of the given row that was refused
  // failed: what was expected and is missing, and what is there instead. split_dependent: the same
  // of what events one at a time do and `split` does not.
  std::vector<Difference> differences;
  std::string split;                // under which it showed; empty when it passed
  std::vector<std::string> splits;  // all that were tried, in order
};

// `session` as for a Trial. A batch reaction is given batches as large as it declares; one of one
// event at a time those that a reactor hands over at once.
[[nodiscard]] TestResult run_test(mesh::Mesh const& mesh, mesh::Subscription const& subscription,
                                  mesh::ReactionTest const& test, postgres::Session& session,
                                  TrialOptions const& options = {});

// reaction_test_failed or split_dependent. Requires that it did not pass.
[[nodiscard]] Code code_of(TestOutcome outcome);
[[nodiscard]] std::string_view to_text(
    TestOutcome outcome);  // "passed", "failed", "split-dependent"

}  // namespace hansa::events
