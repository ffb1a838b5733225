// The sequencer: takes events that domains have appended, once their order is decided, and writes
// them as segments. One per database works at a time, whoever else tries: it holds an advisory lock
// on the very session that writes, so PostgreSQL itself shuts out one that only thinks it works.
//
// Blocking; confined to one thread, but for poke(). What it knows it reads anew with each session:
// it may be killed at any point. A domain whose events cannot be sequenced stops; others go on. A
// transaction that appended events and stays open delays its own domain's log, and no other.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "log/domain_log.h"

namespace hansa::log {

struct SequencerOptions {
  postgres::Target target;  // a role that owns Hansa's own schema
  MeshName mesh;
  std::vector<SequencedTopic> topics;  // of all domains in this database
  BatchLimits limits = {};
  // After a batch that was not full, so that the next has something to take: longer after many
  // events, for fewer and larger commits, and hardly at all after a few. Looks at those who are
  // waited for are that much rarer too.
  std::chrono::microseconds pause_per_event{100}, pause_max{10'000};
  std::chrono::milliseconds stall_alarm{5000};  // how often Stalled is reported
  std::chrono::milliseconds stop_retry{5000};   // when a domain that stopped is tried again
  LogObserver* observer = nullptr;              // outlives the sequencer; nullptr: nobody looks
  FailPoint fail_point = {};
};

class Sequencer {
 public:
  explicit Sequencer(SequencerOptions options);
  ~Sequencer();
  Sequencer(Sequencer const&) = delete;
  Sequencer& operator=(Sequencer const&) = delete;

  struct Progress {
    bool leading = false;      // false: another session holds the lease
    std::uint64_t events = 0;  // sequenced by this call
    bool more = false;         // a batch was full: call again at once
    bool waiting = false;      // for transactions that are appending
    Duration waited{};         // for them so far; of several domains the shortest
  };
  // One look at every domain, and at most one batch of each. Connects first, and takes the lease,
  // where need be. Throws what postgres::Session throws; the next call then connects anew.
  Progress run_once();

  // run_once() until stopped; failures are observed and tried again. Looks again after 1 to 20 ms
  // of idleness, at once when poked. A stop takes effect between statements.
  void run(std::stop_token stop);

  // Something may have been appended. Any thread; cheap, and never blocks long.
  void poke() noexcept;

 private:
  struct Domain;
  void connect();
  void prepare();
  [[nodiscard]] bool take_lease();
  [[nodiscard]] bool look();
  void take_holders(postgres::Rows const& rows);
  [[nodiscard]] bool settle(Domain& domain);
  void sequence(Domain& domain, Progress& progress);
  void stop(Domain& domain, Error const& error);
  void work(Progress& progress);
  void observe(LogEvent const& event) const;
  void lose(std::string_view reason) noexcept;
  [[nodiscard]] Progress try_once() noexcept;
  void sleep(std::stop_token const& stop, std::chrono::microseconds pause);
  void sleep_until_poked(std::stop_token const& stop, std::chrono::microseconds pause);

  SequencerOptions options_;
  std::optional<postgres::Session> session_;
  ReadAhead ahead_;
  bool leading_ = false;
  std::vector<std::unique_ptr<Domain>> domains_;  // those with a pending table
  std::string sequences_sql_;

  std::atomic<bool> poked_ = false;
  std::mutex mutex_;
  std::condition_variable_any wake_;
};

}  // namespace hansa::log
