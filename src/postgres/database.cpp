#include "postgres/database.h"

#include "postgres/leased_lane.h"
#include "postgres/pipelined_lane.h"

namespace hansa::postgres {

struct Database::State {
  std::shared_ptr<async::Signal> changed;
  std::shared_ptr<PipelinedLane> pipelined;
  std::shared_ptr<LeasedLane> leased;

  [[nodiscard]] bool idle() const { return pipelined->idle() && leased->idle(); }
  [[nodiscard]] bool ended() const { return pipelined->ended() && leased->idle(); }
  void stop() const {
    pipelined->stop();
    leased->stop();
  }
};

// Gives the connection back when the lease ends, whatever it was doing.
struct Lease::Held {
  Held(std::shared_ptr<LeasedLane> its_lane, LeasedLane::Place its_connection)
      : lane(std::move(its_lane)), connection(std::move(its_connection)) {}
  ~Held() { lane->give_back(std::move(connection)); }
  Held(Held const&) = delete;
  Held& operator=(Held const&) = delete;

  std::shared_ptr<LeasedLane> lane;
  LeasedLane::Place connection;
};

Lease::Lease(std::unique_ptr<Held> held) : held_(std::move(held)) {}
Lease::Lease(Lease&&) noexcept = default;
Lease& Lease::operator=(Lease&&) noexcept = default;
Lease::~Lease() = default;

async::Task<Rows> Lease::execute(std::string sql, Params params) {
  return held_->connection->execute(std::move(sql), std::move(params));
}

async::Task<void> Lease::begin(std::string_view mode) {
  std::string sql = "begin";
  if (!mode.empty()) sql.append(" ").append(mode);
  return held_->connection->command(std::move(sql));
}

async::Task<void> Lease::commit() { return held_->connection->commit(); }
async::Task<void> Lease::rollback() { return held_->connection->command("rollback"); }

Database::Database(async::asio::io_context& context, Target target, DatabaseOptions options,
                   Observer& observer)
    : state_(std::make_shared<State>()) {
  state_->changed = std::make_shared<async::Signal>(context);
  state_->pipelined =
      std::make_shared<PipelinedLane>(context, target, options, observer, state_->changed);
  state_->leased =
      std::make_shared<LeasedLane>(context, std::move(target), options, observer, state_->changed);
  state_->pipelined->start();
}

Database::~Database() { state_->stop(); }

namespace {

async::Task<Rows> submitted(std::shared_ptr<PipelinedLane> to, std::string_view sql, Params params,
                            Unit unit) {
  auto submit = [lane = std::move(to), sql, params = std::move(params),
                 unit](PipelinedLane::Caller::Handler caller) mutable {
    // Not kept while suspended: the lane owns the caller then, and must not own itself through it.
    auto const its_lane = std::move(lane);
    its_lane->submit(sql, std::move(params), unit, std::move(caller));
  };
  return async::suspend<Rows>(std::move(submit));
}

}  // namespace

async::Task<Rows> Database::execute(std::string_view sql, Params params) {
  return submitted(state_->pipelined, sql, std::move(params), Unit::own);
}

async::Task<Rows> Database::read(std::string_view sql, Params params) {
  return submitted(state_->pipelined, sql, std::move(params), Unit::shared);
}

namespace {

async::Task<Lease> take_lease(std::shared_ptr<LeasedLane> lane) {
  auto place = co_await lane->take();
  co_return Lease(std::make_unique<Lease::Held>(std::move(lane), std::move(place)));
}

}  // namespace

async::Task<Lease> Database::lease() { return take_lease(state_->leased); }

bool Database::connected() const { return state_->pipelined->connected(); }

async::Task<void> Database::close(std::chrono::milliseconds deadline) {
  auto const state = state_;
  state->pipelined->refuse_new();
  state->leased->refuse_new();
  auto idle = [state] { return state->idle(); };
  auto ended = [state] { return state->ended(); };
  auto const now = std::chrono::steady_clock::now();
  co_await state->changed->wait(idle, now + deadline);
  state->stop();
  // Cancelled loops end within a turn or two; leases end when their holders let go.
  co_await state->changed->wait(ended, std::chrono::steady_clock::now() + std::chrono::seconds(1));
}

}  // namespace hansa::postgres
