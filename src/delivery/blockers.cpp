#include "delivery/blockers.h"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace hansa::delivery {
namespace {

constexpr std::chrono::milliseconds pause{10};

constexpr std::string_view blockers_sql = R"(
select format('pid %s (%s, %s, in a transaction since %s): %s', a.pid, a.usename,
              nullif(a.application_name, ''), to_char(a.xact_start, 'HH24:MI:SS'),
              left(a.query, 200))
from pg_catalog.pg_stat_activity a
where a.pid = any(pg_catalog.pg_blocking_pids($1::integer)) order by a.xact_start limit 1)";

}  // namespace

struct BlockerWatch::State {
  mutable std::mutex mutex;
  std::condition_variable_any wake;
  std::string seen;
  std::jthread thread;

  void watch(std::stop_token const& stop, postgres::Target const& target, int pid) {
    try {
      auto session = postgres::Session::open(target);
      while (!stop.stop_requested()) {
        auto const rows = session.execute(blockers_sql, {std::to_string(pid)});
        std::unique_lock lock(mutex);
        if (rows.size() > 0) seen = rows.value(0, 0);
        wake.wait_for(lock, stop, pause, [] { return false; });
      }
    } catch (std::exception const&) {
      // The name of the blocker is a courtesy; the wait itself is reported without it.
      return;
    }
  }
};

BlockerWatch::BlockerWatch(postgres::Target const& target, int waiting_pid)
    : state_(std::make_unique<State>()) {
  state_->thread = std::jthread([state = state_.get(), target, waiting_pid](std::stop_token stop) {
    state->watch(stop, target, waiting_pid);
  });
}

BlockerWatch::~BlockerWatch() = default;

std::string BlockerWatch::seen() const {
  std::lock_guard const lock(state_->mutex);
  return state_->seen;
}

}  // namespace hansa::delivery
