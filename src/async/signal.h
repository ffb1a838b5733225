// "Something changed": wakes every coroutine that waits for a condition, which each then checks
// again.
#pragma once

#include <boost/asio/as_tuple.hpp>

#include "async/task.h"

namespace hansa::async {

class Signal {
 public:
  explicit Signal(asio::io_context& context) : timer_(context) {}

  void notify() { timer_.cancel(); }

  // Suspends until `condition()` holds or `deadline` passes; what it is then. One deadline for all
  // who wait at once: the latest given.
  template <class Condition>
  Task<bool> wait(Condition condition, Timer::time_point deadline) {
    while (!condition() && Timer::clock_type::now() < deadline) {
      timer_.expires_at(deadline);
      co_await timer_.async_wait(asio::as_tuple(use_task));
    }
    co_return condition();
  }

 private:
  Timer timer_;
};

}  // namespace hansa::async
