#include "app/applied_watch.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <ranges>
#include <thread>
#include <vector>

#include "delivery/delivery.h"

namespace hansa::app {
namespace {

constexpr auto pause = std::chrono::seconds(1);

// One database: the session that asks it, and what it said last.
struct Watched {
  postgres::Target target;
  std::optional<postgres::Session> session = {};
  std::optional<std::int64_t> revision = {};

  // True if the answer differs from the one before.
  bool ask() {
    try {
      if (!session) session.emplace(postgres::Session::open(target));
      auto const now = delivery::applied_revision(*session);
      auto const before = std::exchange(revision, now);
      return before && *before != now;
    } catch (Failure const&) {
      session.reset();
      return false;
    }
  }
};

}  // namespace

AppliedWatch::AppliedWatch(std::map<DomainName, postgres::Target> const& targets) {
  state_->databases = databases_of(targets);
  std::thread([state = state_] { watch(*state); }).detach();
}

AppliedWatch::Databases AppliedWatch::databases_of(
    std::map<DomainName, postgres::Target> const& targets) {
  Databases databases;
  for (auto const& [domain, target] : targets) databases.emplace(target.conninfo, target);
  return databases;
}

bool AppliedWatch::watches(std::map<DomainName, postgres::Target> const& targets) const {
  return std::ranges::equal(databases_of(targets) | std::views::keys,
                            state_->databases | std::views::keys);
}

void AppliedWatch::watch(State& state) {
  std::vector<Watched> watched;
  for (auto const& [conninfo, target] : state.databases) {
    watched.push_back({.target = target});
    watched.back().target.application = "hansa watch";
  }
  std::mutex mutex;
  std::condition_variable_any wake;
  auto const stop = state.stop.get_token();
  while (!stop.stop_requested()) {
    for (Watched& database : watched)
      if (database.ask()) state.changed = true;
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop, pause, [] { return false; });
  }
}

}  // namespace hansa::app
