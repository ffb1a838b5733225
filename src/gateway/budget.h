// Bytes that all connections together may hold: whoever wants more than is left waits. Given back
// from any thread; all else is confined to the thread of the io_context.
#pragma once

#include <boost/asio/post.hpp>
#include <cstddef>
#include <memory>
#include <mutex>

#include "async/gate.h"

namespace hansa::gateway {

class Budget {
 public:
  Budget(async::asio::io_context& context, std::size_t bytes)
      : state_(std::make_shared<State>(context, bytes)) {}

  // Given back when the last copy of it goes.
  using Share = std::shared_ptr<void const>;

  // Suspends until there is as much; requires bytes <= what there is at all.
  async::Task<Share> take(std::size_t bytes) {
    auto const state = state_;
    auto const enough = [&state, bytes] { return state->free() >= bytes; };
    co_await state->gate.wait(enough);
    co_return state->take(bytes);
  }
  [[nodiscard]] std::size_t free() const { return state_->free(); }

 private:
  struct State : std::enable_shared_from_this<State> {
    State(async::asio::io_context& of_context, std::size_t bytes)
        : context(of_context), left(bytes) {}

    [[nodiscard]] std::size_t free() {
      std::lock_guard const lock(mutex);
      return left;
    }
    [[nodiscard]] Share take(std::size_t bytes) {
      {
        std::lock_guard const lock(mutex);
        left -= bytes;
      }
      return {this, [self = shared_from_this(), bytes](State*) { self->give(bytes); }};
    }
    void give(std::size_t bytes) {
      {
        std::lock_guard const lock(mutex);
        left += bytes;
      }
      async::asio::post(context, [self = shared_from_this()] { self->gate.notify(); });
    }

    async::asio::io_context& context;
    std::mutex mutex;  // of the next one
    std::size_t left;
    async::Gate gate;
  };
  std::shared_ptr<State> state_;
};

}  // namespace hansa::gateway
