// The rule by which pending events become safe to sequence: which of them may still appear, and for
// whom to wait. Values; pure; confined to one thread. Nothing fails.
//
// Numbers (sids) are drawn before commit and become visible in the order of commits, so a reader
// that goes by "greater than the last" loses what commits late. Writers therefore take the log's
// lock shared, draw the sid only then, insert, and hold the lock until their transaction has ended
// and can be seen. A drain
//   1. reads the sequence,
//   2. reads who holds the lock, after that and never before,
//   3. waits until none of those holds it any more (others may come, nobody is kept waiting).
// Whoever drew a sid up to the one of step 1 held the lock then. If it was gone at step 2, or is
// gone at step 3, its transaction is visible or dead. So every sid up to there is decided.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hansa::log {

using Sid = std::int64_t;  // from 1 up; 0: before all

// A sequence as PostgreSQL keeps it: `last_value` is 1 both before and after the first draw.
struct SequenceState {
  Sid last_value = 1;
  bool is_called = false;
};

// The greatest sid drawn so far; 0 if none.
[[nodiscard]] Sid drawn_up_to(SequenceState sequence);

// A transaction that holds the lock: pg_locks.virtualtransaction. It stays the same through PREPARE
// TRANSACTION; a restart of the server gives prepared ones another and ends our session too.
using Holder = std::string;

// One round of waiting, from step 2 on.
class Drain {
 public:
  // `holders` are those of step 2: read after `target` was.
  Drain(Sid target, std::vector<Holder> holders);

  // Who holds the lock now. A holder that let go is not waited for again, even if it comes back:
  // what it draws then lies beyond the target.
  void update(std::vector<Holder> const& holders);

  [[nodiscard]] bool settled() const { return waiting_for_.empty(); }
  // Every sid up to here is visible or will never be; nullopt until settled.
  [[nodiscard]] std::optional<Sid> safe() const;
  [[nodiscard]] std::vector<Holder> const& waiting_for() const { return waiting_for_; }

 private:
  Sid target_;
  std::vector<Holder> waiting_for_;
};

// How far one log was drained by one session, and what to do next.
class DrainProgress {
 public:
  // The sequence as it is now. True if there is something to drain: the caller then reads the
  // holders and calls begin(), unless a drain is running.
  [[nodiscard]] bool behind(SequenceState sequence);
  void begin(std::vector<Holder> holders) { drain_.emplace(seen_, std::move(holders)); }

  [[nodiscard]] bool draining() const { return drain_.has_value(); }
  [[nodiscard]] Drain& drain() { return *drain_; }

  // All up to `sid` were taken out of the log, or there were none. Ends the drain once it is the
  // target that was reached.
  void drained(Sid sid);
  [[nodiscard]] Sid floor() const { return floor_; }  // nothing up to here is of interest any more

 private:
  Sid seen_ = 0;
  Sid floor_ = 0;
  std::optional<Drain> drain_;
};

}  // namespace hansa::log
