#include "events/reaction_tests.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <map>
#include <set>
#include <utility>

#include "events/reactor.h"

namespace hansa::events {
namespace {

using Differences = std::vector<Difference>;
using Ignored = std::map<std::string, std::set<std::size_t>>;  // columns, by relation

// What must not depend on how events arrive. Changes of tables follow from the tables.
std::vector<Relation const*> invariant(Observed const& observed) {
  std::vector<Relation const*> out;
  for (Relation const& relation : observed.tables) out.push_back(&relation);
  for (Relation const& relation : observed.emitted) out.push_back(&relation);
  out.push_back(&observed.dead);
  return out;
}

Differences differences(Observed const& reference, Observed const& found, Ignored const& ignored) {
  Differences out;
  auto const before = invariant(reference);
  auto const after = invariant(found);
  for (std::size_t i = 0; i < before.size(); ++i) {
    auto columns = before[i]->incidental;
    if (auto const more = ignored.find(before[i]->name); more != ignored.end())
      columns.insert(more->second.begin(), more->second.end());
    if (auto difference = compare(*before[i], *after[i], columns))
      out.push_back(std::move(*difference));
  }
  return out;
}

Differences against(std::vector<Expected> const& expected, Observed const& observed) {
  auto all = invariant(observed);
  for (Relation const& relation : observed.changed) all.push_back(&relation);
  Differences out;
  for (Expected const& each : expected) {
    auto const found = std::ranges::find(all, each.relation, &Relation::name);
    assert(found != all.end());
    if (auto difference = compare(**found, each.rows)) out.push_back(std::move(*difference));
  }
  return out;
}

class Test {
 public:
  Test(Trial& trial, std::vector<Split> const& splits, TestResult& result)
      : trial_(trial), splits_(splits), result_(result) {}

  void run() {
    auto const& first = splits_.front();
    reference_ = trial_.run(first);
    if (!reference_.stopped.empty())
      return fail(TestOutcome::failed, first, reference_.stopped, {});
    auto wrong = against(trial_.expected(), reference_);
    as_expected_ = wrong.empty();
    for (std::size_t at = 1; at < splits_.size(); ++at)
      if (!agrees(splits_[at])) return;
    if (!as_expected_)
      fail(TestOutcome::failed, first, "what is there is not what is expected", std::move(wrong));
  }

 private:
  void fail(TestOutcome outcome, Split const& split, std::string reason, Differences found) {
    result_.outcome = outcome;
    result_.split = split.name;
    result_.reason = std::move(reason);
    result_.differences = std::move(found);
  }

  bool agrees(Split const& split) {
    auto const found = trial_.run(split);
    auto const reason =
        fmt::format("`{}` does something else than `{}`", split.name, splits_.front().name);
    if (!found.stopped.empty()) {
      fail(TestOutcome::split_dependent, split, reason + ": " + found.stopped, {});
      return false;
    }
    auto differing = differences(reference_, found, ignored_);
    if (!differing.empty() && !repeated_) {
      learn_what_is_unsteady();
      differing = differences(reference_, found, ignored_);
    }
    // Changes of tables are compared only where something is expected of them.
    if (differing.empty() && as_expected_) differing = against(trial_.expected(), found);
    if (differing.empty()) return true;
    fail(TestOutcome::split_dependent, split, reason, std::move(differing));
    return false;
  }

  // The clock and chance differ from run to run, whatever the split.
  void learn_what_is_unsteady() {
    repeated_ = true;
    auto const again = trial_.run(splits_.front());
    if (!again.stopped.empty()) return;
    auto const before = invariant(reference_);
    auto const after = invariant(again);
    for (std::size_t i = 0; i < before.size(); ++i)
      ignored_[before[i]->name] = unsteady_columns(*before[i], *after[i]);
  }

  Trial& trial_;
  std::vector<Split> const& splits_;
  TestResult& result_;
  Observed reference_;
  bool as_expected_ = false;  // the reference
  Ignored ignored_;
  bool repeated_ = false;
};

}  // namespace

TestResult run_test(mesh::Mesh const& mesh, mesh::Subscription const& subscription,
                    mesh::ReactionTest const& test, postgres::Session& session,
                    TrialOptions const& options) {
  auto const batch = subscription.reaction.batch;
  auto const splits =
      splits_of(test.events.size(), batch > 0 ? batch : ReactorOptions{}.events_max);
  TestResult result{.where = test.where};
  for (Split const& split : splits) result.splits.push_back(split.name);
  Trial trial(mesh, subscription, test, session, options);
  if (auto refused = trial.prepare()) {
    result.outcome = TestOutcome::failed;
    result.reason = std::move(refused->reason);
    result.where = refused->where;
    return result;
  }
  Test(trial, splits, result).run();
  return result;
}

Code code_of(TestOutcome outcome) {
  assert(outcome != TestOutcome::passed);
  return outcome == TestOutcome::failed ? Code::reaction_test_failed : Code::split_dependent;
}

std::string_view to_text(TestOutcome outcome) {
  switch (outcome) {
    case TestOutcome::passed:
      return "passed";
    case TestOutcome::failed:
      return "failed";
    case TestOutcome::split_dependent:
      break;
  }
  return "split-dependent";
}

}  // namespace hansa::events
