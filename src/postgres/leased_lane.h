// The lane of connections lent to one caller at a time: opened when needed up to a bound, closed
// when idle for long, callers served in order. One thread; lives in a shared_ptr while leases do.
#pragma once

#include <list>
#include <memory>
#include <vector>

#include "async/deadline.h"
#include "async/signal.h"
#include "async/suspended.h"
#include "postgres/database.h"
#include "postgres/leased_connection.h"

namespace hansa::postgres {

class LeasedLane : public std::enable_shared_from_this<LeasedLane> {
 public:
  using Place = std::unique_ptr<LeasedConnection>;

  // `changed` is told whenever a connection comes back while refusing.
  LeasedLane(async::asio::io_context& context, Target target, DatabaseOptions const& options,
             Observer& observer, std::shared_ptr<async::Signal> changed);

  // Suspends until a connection is free or opened. Throws Failure: connections_exhausted, or why
  // none could be opened.
  [[nodiscard]] async::Task<Place> take();
  // Rolls an open transaction back first; closes a connection that is not usable. Never suspends.
  void give_back(Place place);

  void refuse_new() { refusing_ = true; }
  // Refuses those who wait, closes what is idle, breaks off what is lent.
  void stop();
  // Nothing is lent, opened or waited for.
  [[nodiscard]] bool idle() const { return open_ == idle_.size() && waiting_.empty(); }

 private:
  struct Waiter {
    async::Suspended<Place> caller;  // null: may open a connection, its place is counted
    std::chrono::steady_clock::time_point due;
    std::uint64_t serial = 0;
  };
  class Reservation;

  async::Task<Place> wait_in_line();
  async::Task<void> tidy(std::shared_ptr<LeasedLane> self, Place place);
  Place lend(Place place);
  void settle(Place place);
  void close(Place place);
  void release_place();
  void cancelled(std::uint64_t serial);
  void tick();
  void arm();

  async::asio::io_context& context_;
  Target const target_;
  DatabaseOptions const options_;
  Observer& observer_;
  std::shared_ptr<async::Signal> changed_;
  async::Alarm alarm_;
  std::list<Waiter> waiting_;
  std::vector<Place> idle_;  // the most recently used last
  std::vector<LeasedConnection*> lent_;
  std::size_t open_ = 0;  // idle, lent, being opened or tidied
  std::uint64_t serial_ = 0;
  bool armed_ = false;
  bool refusing_ = false;
  bool stopping_ = false;
};

}  // namespace hansa::postgres
