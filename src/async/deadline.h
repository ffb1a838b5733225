// Time limits: an alarm that calls back, and a limit around a task.
#pragma once

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "async/task.h"

namespace hansa::async {

// One alarm at a time. The callback never runs after disarm(), a new arm() or the end of this
// object, even if the time had already passed and the call was queued; so it may capture the
// owner's `this`.
class Alarm {
 public:
  explicit Alarm(asio::io_context& context) : timer_(context) {}
  ~Alarm() { ++*generation_; }
  Alarm(Alarm const&) = delete;
  Alarm& operator=(Alarm const&) = delete;

  template <class Callback>
  void arm(Timer::duration delay, Callback callback) {
    auto const mine = ++*generation_;
    timer_.expires_after(delay);
    timer_.async_wait([generation = generation_, mine,
                       callback = std::move(callback)](boost::system::error_code error) mutable {
      if (!error && *generation == mine) callback();
    });
  }
  void disarm() {
    ++*generation_;
    timer_.cancel();
  }

 private:
  Timer timer_;
  std::shared_ptr<std::uint64_t> generation_ = std::make_shared<std::uint64_t>(0);
};

namespace detail {

template <class T>
struct Outcome {
  std::exception_ptr error;
  std::optional<T> value;
};

// `||` waits for one success; a task that throws would wait for the timer.
template <class T>
Task<Outcome<T>> outcome(Task<T> task) {
  Outcome<T> result;
  try {
    result.value.emplace(co_await std::move(task));
  } catch (...) {
    result.error = std::current_exception();
  }
  co_return result;
}

inline Task<bool> done(Task<void> task) {
  co_await std::move(task);
  co_return true;
}

}  // namespace detail

// The value of `task`, or nullopt when `limit` passes first: the task is then cancelled, and has
// ended. What the task throws is thrown.
template <class T>
  requires(!std::is_void_v<T>)
Task<std::optional<T>> with_deadline(Task<T> task, Timer::duration limit) {
  using namespace asio::experimental::awaitable_operators;
  Timer timer(co_await asio::this_coro::executor);
  timer.expires_after(limit);
  auto raced = detail::outcome(std::move(task));
  auto first = co_await (std::move(raced) || timer.async_wait(use_task));
  if (first.index() == 1) co_return std::nullopt;
  auto& outcome = std::get<0>(first);
  if (outcome.error) std::rethrow_exception(outcome.error);
  co_return std::move(outcome.value);
}

// False when `limit` passes first.
inline Task<bool> with_deadline(Task<void> task, Timer::duration limit) {
  auto const done = co_await with_deadline(detail::done(std::move(task)), limit);
  co_return done.has_value();
}

}  // namespace hansa::async
