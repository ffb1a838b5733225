#include "postgres/leased_lane.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "postgres/connecting.h"

namespace hansa::postgres {
namespace {

namespace asio = async::asio;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds tick_interval{100};
// Beyond the server's statement_timeout: for its cancellation and the way back.
constexpr milliseconds answer_grace{5000};

}  // namespace

// A counted place, given up unless a connection took it.
class LeasedLane::Reservation {
 public:
  explicit Reservation(LeasedLane& lane) : lane_(&lane) {}
  ~Reservation() {
    if (lane_) lane_->release_place();
  }
  Reservation(Reservation const&) = delete;
  Reservation& operator=(Reservation const&) = delete;
  void keep() { lane_ = nullptr; }

 private:
  LeasedLane* lane_;
};

LeasedLane::LeasedLane(asio::io_context& context, Target target, DatabaseOptions const& options,
                       Observer& observer, std::shared_ptr<async::Signal> changed)
    : context_(context),
      target_(std::move(target)),
      options_(options),
      observer_(observer),
      changed_(std::move(changed)),
      alarm_(context) {}

async::Task<LeasedLane::Place> LeasedLane::take() {
  auto const self = shared_from_this();
  if (refusing_) throw Failure(Code::shutting_down, "the database is being closed");
  while (waiting_.empty() && !idle_.empty()) {
    auto place = std::move(idle_.back());
    idle_.pop_back();
    if (place->alive()) co_return lend(std::move(place));
    close(std::move(place));
  }
  if (open_ < options_.leased_connections_max) {
    ++open_;
  } else {
    auto place = co_await wait_in_line();
    if (place && !stopping_) co_return lend(std::move(place));
    if (place) close(std::move(place));
    if (stopping_) throw Failure(Code::database_unreachable, "the database was closed");
  }
  Reservation reservation(*this);
  auto connection = co_await connect(
      context_, target_, Timeouts{.statement = options_.leased_timeout}, options_.connect_timeout);
  if (stopping_) throw Failure(Code::database_unreachable, "the database was closed");
  auto place = std::make_unique<LeasedConnection>(context_, std::move(connection), ++serial_,
                                                  options_.prepared_max,
                                                  options_.leased_timeout + answer_grace);
  reservation.keep();
  observer_.observe(DatabaseConnectionsChanged{options_.domain, DatabaseLane::leased, 1});
  co_return lend(std::move(place));
}

async::Task<LeasedLane::Place> LeasedLane::wait_in_line() {
  if (waiting_.size() >= options_.lease_queue_max)
    throw Failure(Code::connections_exhausted,
                  std::to_string(waiting_.size()) + " callers wait for a database connection");
  auto keep = [this](async::Suspended<Place>::Handler handler) {
    auto& waiter = waiting_.emplace_back();
    waiter.due = Clock::now() + options_.lease_wait_max;
    waiter.serial = ++serial_;
    waiter.caller.hold(std::move(handler), [lane = weak_from_this(), serial = waiter.serial] {
      if (auto const self = lane.lock()) self->cancelled(serial);
    });
    arm();
  };
  return async::suspend<Place>(keep);
}

void LeasedLane::cancelled(std::uint64_t serial) {
  auto const waiter = std::ranges::find(waiting_, serial, &Waiter::serial);
  if (waiter == waiting_.end()) return;
  waiter->caller.cancelled();
  waiting_.erase(waiter);
}

LeasedLane::Place LeasedLane::lend(Place place) {
  lent_.push_back(place.get());
  return place;
}

void LeasedLane::give_back(Place place) {
  if (!place) return;
  std::erase(lent_, place.get());
  if (stopping_ || !place->usable() || !place->in_transaction()) return settle(std::move(place));
  asio::co_spawn(context_, tidy(shared_from_this(), std::move(place)), asio::detached);
}

async::Task<void> LeasedLane::tidy(std::shared_ptr<LeasedLane> self, Place place) {
  try {
    co_await place->command("rollback");
  } catch (std::exception const&) {
    place->break_off();
  }
  self->settle(std::move(place));
}

void LeasedLane::settle(Place place) {
  if (stopping_ || !place->usable()) return close(std::move(place));
  if (waiting_.empty()) {
    place->idle_since = Clock::now();
    idle_.push_back(std::move(place));
    if (refusing_) changed_->notify();
    return arm();
  }
  auto caller = std::move(waiting_.front().caller);
  waiting_.pop_front();
  caller.post(std::move(place));
}

void LeasedLane::close(Place place) {
  place.reset();
  observer_.observe(DatabaseConnectionsChanged{options_.domain, DatabaseLane::leased, -1});
  release_place();
}

void LeasedLane::release_place() {
  if (waiting_.empty()) {
    --open_;
    if (refusing_) changed_->notify();
    return;
  }
  auto caller = std::move(waiting_.front().caller);
  waiting_.pop_front();
  caller.post(nullptr);
}

void LeasedLane::arm() {
  if (std::exchange(armed_, true)) return;
  alarm_.arm(tick_interval, [this] { tick(); });
}

void LeasedLane::tick() {
  armed_ = false;
  auto const now = Clock::now();
  while (!waiting_.empty() && waiting_.front().due <= now) {
    waiting_.front().caller.post_fail(std::make_exception_ptr(
        Failure(Code::connections_exhausted, "every database connection is in use",
                "raise the leased connections of the server, or lower what runs at once")));
    waiting_.pop_front();
  }
  // The least recently used stand first.
  while (!idle_.empty() && now - idle_.front()->idle_since > options_.leased_idle_max) {
    auto place = std::move(idle_.front());
    idle_.erase(idle_.begin());
    close(std::move(place));
  }
  if (!waiting_.empty() || !idle_.empty()) arm();
}

void LeasedLane::stop() {
  if (std::exchange(stopping_, true)) return;
  refusing_ = true;
  alarm_.disarm();
  auto waiting = std::exchange(waiting_, {});
  for (auto& waiter : waiting)
    waiter.caller.post_fail(
        std::make_exception_ptr(Failure(Code::database_unreachable, "the database was closed")));
  for (auto idle = std::exchange(idle_, {}); auto& place : idle) close(std::move(place));
  for (LeasedConnection* const lent : lent_) lent->break_off();
}

}  // namespace hansa::postgres
