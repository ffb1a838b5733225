// Work that starts on its own: a coroutine nobody waits for, and a function of a later turn.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "async/task.h"

namespace hansa::async {

// co_await this for the executor a coroutine runs on.
inline constexpr asio::this_coro::executor_t this_executor{};

// Runs `task` to its end. It must not throw: there is nobody to tell.
inline void spawn(Executor const& executor, Task<void> task) {
  asio::co_spawn(executor, std::move(task), asio::detached);
}

// Calls `work` after what the loop has ready now.
template <class Work>
void later(Executor const& executor, Work work) {
  asio::post(executor, std::move(work));
}

}  // namespace hansa::async
