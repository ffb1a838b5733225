// Who waits for records of which topics, and is woken when there are some. Confined to the thread
// of its io_context.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <set>
#include <utility>

#include "async/signal.h"

namespace hansa::gateway {

// A topic's database, and its id there.
using TopicKey = std::pair<std::size_t, std::int32_t>;

class Watch {
 public:
  explicit Watch(async::asio::io_context& context) : context_(context) {}

  // One who waits, from its construction to its end: make it before looking for records, so that
  // none is missed between looking and waiting.
  class Waiter {
   public:
    Waiter(Watch& watch, std::set<TopicKey> keys)
        : watch_(watch),
          keys_(std::move(keys)),
          signal_(watch.context_),
          place_(watch.waiters_.insert(watch.waiters_.end(), this)) {}
    ~Waiter() { watch_.waiters_.erase(place_); }
    Waiter(Waiter const&) = delete;
    Waiter& operator=(Waiter const&) = delete;

    // Suspends until something changed since the last call, or since construction; false when
    // `deadline` came first.
    async::Task<bool> changed(async::Timer::time_point deadline) {
      bool const woken = co_await signal_.wait([this] { return woken_; }, deadline);
      woken_ = false;
      co_return woken;
    }

   private:
    friend class Watch;
    void wake() {
      woken_ = true;
      signal_.notify();
    }

    Watch& watch_;
    std::set<TopicKey> keys_;
    async::Signal signal_;
    bool woken_ = false;
    std::list<Waiter*>::iterator place_;
  };

  void notify(TopicKey const& key) {
    for (Waiter* each : waiters_)
      if (each->keys_.contains(key)) each->wake();
  }
  void notify_all() {
    for (Waiter* each : waiters_) each->wake();
  }
  // Whether somebody waits for a topic of this database.
  [[nodiscard]] bool waits_for(std::size_t database) const {
    for (Waiter const* each : waiters_) {
      auto const first = each->keys_.lower_bound({database, 0});
      if (first != each->keys_.end() && first->first == database) return true;
    }
    return false;
  }

 private:
  async::asio::io_context& context_;
  std::list<Waiter*> waiters_;
};

}  // namespace hansa::gateway
