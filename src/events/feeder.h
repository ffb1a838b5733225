// Runs a reaction over the history of its topic, beside the live port: what the reactor would do
// with each event, but for places, dead letters and halts.
//
// Blocking; confined to one thread. Throws what session and source throw, and Failures: with the
// code of what the reaction failed with where that is not an event's fault, port_halted where the
// live port would halt or too many events fail.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "events/batch.h"
#include "events/merged.h"
#include "mesh/streams.h"
#include "postgres/session.h"

namespace hansa::events {

struct FeederOptions {
  // Run within each transaction (or savepoint), before the reaction and after it; may throw.
  std::function<void()> before = [] {};
  std::function<void()> after = [] {};
  std::size_t events_max = 250;  // in one transaction; of a batch reaction: what it declares
  std::size_t bytes_max = 4U << 20U;
  std::size_t dead_max = 10'000;              // more than so many: it is not the events' fault
  std::chrono::milliseconds timeout{30'000};  // of one transaction's reaction
};

// An event that the reaction could not take.
struct DeadEvent {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::string sqlstate, reason;
};

class Feeder {
 public:
  // `call`: SQL that runs the reaction with $1, an array of events. `positions`: where each
  // partition begins. All references outlive this.
  Feeder(mesh::Subscription const& port, Source& source, postgres::Session& session,
         std::string call, std::vector<std::int64_t> positions, FeederOptions options);

  // All events up to `ends`, not included, one a partition; oldest first. Under savepoints of the
  // caller's transaction if there is one, else in transactions of its own.
  void feed_until(std::vector<std::int64_t> const& ends);
  // One event, apart from all the others; whether the reaction took it.
  [[nodiscard]] bool feed_again(std::int32_t partition, std::int64_t offset);

  [[nodiscard]] std::vector<std::int64_t> const& positions() const { return positions_; }
  [[nodiscard]] std::vector<DeadEvent> const& dead() const { return dead_; }
  [[nodiscard]] std::uint64_t events() const { return events_; }  // the dead ones included

 private:
  struct Fed {
    OwnedRecord record;
    std::string json;  // its value; empty for a tombstone
  };
  void feed(std::span<Fed const> events);
  void recover(postgres::SqlError const& error, std::span<Fed const> events);
  void attempt(std::span<Fed const> events);
  void run(std::span<Fed const> events, std::vector<DeadEvent>& failed);
  void pass(std::span<Fed const> events);
  void bury(DeadEvent event);
  [[nodiscard]] std::string batch_of(std::span<Fed const> events) const;

  mesh::Subscription const& port_;
  Source& source_;
  postgres::Session& session_;
  std::string call_;
  std::vector<std::int64_t> positions_;
  FeederOptions options_;
  std::vector<DeadEvent> dead_;
  std::uint64_t events_ = 0;
};

}  // namespace hansa::events
