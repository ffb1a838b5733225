// One test of a reaction on a database: what is given is put in, and the reaction is run under one
// split of its events after the other, each undone before the next.
//
// Blocking; confined to one thread. All of it is one transaction that is rolled back, so that every
// run sees the same now(). The world failing is a Failure.
#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "events/batch.h"
#include "events/domain_state.h"
#include "events/relation.h"
#include "events/splits.h"

namespace hansa::events {

struct TrialOptions {
  std::chrono::milliseconds timeout{10'000};       // of one run; a reaction that takes longer fails
  std::atomic<bool> const* interrupted = nullptr;  // asked between batches: Failure interrupted
};

// What a run left behind.
struct Observed {
  std::string stopped;            // why the port stands still; then the rest means nothing
  std::vector<Relation> tables;   // as DomainState has them
  std::vector<Relation> emitted;  // likewise
  std::vector<Relation> changed;  // likewise
  // "dead letters": the topic's fields and mesh::dead_columns. The error's text is incidental.
  Relation dead;
};

// Rows that a relation of Observed should have.
struct Expected {
  std::string relation;
  std::vector<PartialRow> rows;
};

class Trial {
 public:
  // `session`: a database that `mesh` is applied to and nobody else uses, as the role that applied.
  // All outlive the trial.
  Trial(mesh::Mesh const& mesh, mesh::Subscription const& subscription,
        mesh::ReactionTest const& test, postgres::Session& session, TrialOptions options = {});
  ~Trial();
  Trial(Trial const&) = delete;
  Trial& operator=(Trial const&) = delete;

  struct Refusal {
    SourceRange where;
    std::string reason;
  };
  // Puts in what is given. Once, first. A refused row ends the trial.
  [[nodiscard]] std::optional<Refusal> prepare();
  [[nodiscard]] Observed run(Split const& split);
  // What the test says of every run, dead letters included.
  [[nodiscard]] std::vector<Expected> const& expected() const { return expected_; }

 private:
  struct Dead {
    std::size_t event;
    std::string sqlstate, reason;
  };
  struct Run {
    std::chrono::steady_clock::time_point deadline;
    std::vector<Dead> dead = {};
    std::string stopped = {};
  };

  [[nodiscard]] std::optional<Refusal> insert_given();
  void prepare_events();
  void prepare_expected();
  [[nodiscard]] PartialRow partial_event(mesh::TestRow const& row, mesh::Topic const& topic,
                                         std::vector<std::string> const& columns);
  void apply(Run& run, std::size_t first, std::size_t count);
  void recover(Run& run, postgres::SqlError const& error, std::size_t first, std::size_t count);
  void bury(Run& run, std::size_t event, std::string_view sqlstate, std::string_view reason);
  [[nodiscard]] std::string too_slow() const;
  [[nodiscard]] Observed observe(Run const& run);
  [[nodiscard]] Relation dead_letters(Run const& run) const;

  mesh::Mesh const& mesh_;
  mesh::Subscription const& subscription_;
  mesh::Topic const& topic_;
  mesh::ReactionTest const& test_;
  postgres::Session& session_;
  TrialOptions options_;
  DomainState state_;
  std::string call_;
  std::vector<std::string> keys_;   // of the test's events
  std::vector<Incoming> events_;    // views into the test and keys_
  std::vector<PartialRow> fields_;  // of the test's events
  std::vector<Expected> expected_;
};

}  // namespace hansa::events
