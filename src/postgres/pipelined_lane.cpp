#include "postgres/pipelined_lane.h"

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include "postgres/connecting.h"

namespace hansa::postgres {
namespace {

namespace asio = async::asio;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds tick_interval{100};
constexpr milliseconds pause_min{50};
constexpr milliseconds pause_max{1000};

// How long a sent request may stay unanswered: its own statement_timeout, that of one slow
// neighbour before it, and something for the way. A connection that answers nothing for so long is
// given up.
milliseconds answer_limit(DatabaseOptions const& options) {
  return 2 * options.pipelined_timeout + milliseconds(500);
}

template <class Error>
std::exception_ptr pointer(Error error) {
  return std::make_exception_ptr(std::move(error));
}

}  // namespace

PipelinedLane::PipelinedLane(asio::io_context& context, Target target,
                             DatabaseOptions const& options, Observer& observer,
                             std::shared_ptr<async::Signal> changed)
    : context_(context),
      target_(std::move(target)),
      options_(options),
      observer_(observer),
      changed_(std::move(changed)),
      alarm_(context),
      down_since_(Clock::now()) {
  for (std::size_t n = 0; n < std::max<std::size_t>(options.pipelined_connections, 1); ++n)
    links_.push_back(std::make_unique<Link>());
}

// Where the loop ended before the connections closed in it.
PipelinedLane::~PipelinedLane() {
  if (up_ > 0)
    observer_.observe(DatabaseConnectionsChanged{options_.domain, DatabaseLane::pipelined,
                                                 -static_cast<std::int64_t>(up_)});
}

void PipelinedLane::start() {
  for (auto const& link : links_) {
    ++running_;
    asio::co_spawn(context_, run(shared_from_this(), *link),
                   asio::bind_cancellation_slot(link->cancel.slot(), asio::detached));
  }
}

async::Task<void> PipelinedLane::run(std::shared_ptr<PipelinedLane> self, Link& link) {
  async::Timer pause(self->context_);
  auto delay = pause_min;
  while (!self->stopping_) {
    try {
      auto const since = Clock::now();
      if (co_await self->open(link)) {
        co_await self->serve(link);
        if (Clock::now() - since > pause_max) delay = pause_min;
      }
      self->close(link);
      pause.expires_after(delay);
      co_await pause.async_wait(async::use_task);
      delay = std::min(2 * delay, pause_max);
    } catch (std::exception const&) {
      // stop() cancelled what this waited for; or memory ran out, and the connection starts again.
      self->close(link);
    }
  }
  --self->running_;
  self->changed_->notify();
}

async::Task<bool> PipelinedLane::open(Link& link) {
  try {
    auto connection = co_await connect(
        context_, target_, Timeouts{options_.pipelined_timeout, options_.pipelined_lock_timeout},
        options_.connect_timeout);
    link.pipeline.emplace(std::move(connection), ++link.epoch, options_.prepared_max, pool_);
    link.readiness.emplace(context_, link.pipeline->socket());
  } catch (Failure const& failure) {
    lost(failure);
    co_return false;
  }
  ++up_;
  observer_.observe(DatabaseConnectionsChanged{options_.domain, DatabaseLane::pipelined, 1});
  if (std::exchange(announced_lost_, false)) observer_.observe(DatabaseRestored{options_.domain});
  last_failure_.reset();
  pump();
  co_return true;
}

async::Task<void> PipelinedLane::serve(Link& link) {
  while (!link.pipeline->lost() && !stopping_) {
    auto const [error] = co_await link.readiness->wait(async::Readiness::Direction::read);
    if (error) continue;  // a send failed, or stop(): the condition or the next wait ends the loop
    link.pipeline->receive();
    while (Request* const request = link.pipeline->next_answered()) finish(link, request);
    pump();
  }
}

void PipelinedLane::close(Link& link) {
  if (!link.pipeline) return;
  auto const failure = link.pipeline->failure();
  auto queue = std::exchange(link.pipeline->in_flight(), {});
  link.readiness.reset();
  link.pipeline.reset();
  link.waits_to_write = false;
  --up_;
  observer_.observe(DatabaseConnectionsChanged{options_.domain, DatabaseLane::pipelined, -1});
  while (!queue.empty()) {
    Request* const request = queue.pop_front();
    if (!request->caller.empty()) request->caller.post_fail(pointer(failure));
    pool_.release(request);
  }
  if (up_ == 0) down_since_ = Clock::now();
  if (!stopping_) lost(failure);
}

void PipelinedLane::lost(Failure const& failure) {
  last_failure_ = failure;
  if (up_ > 0 || std::exchange(announced_lost_, true)) return;
  observer_.observe(DatabaseLost{options_.domain, failure.error().detail});
}

Failure PipelinedLane::unreachable() const {
  if (last_failure_) return *last_failure_;
  return {Code::database_unreachable, "PostgreSQL has not answered yet"};
}

std::exception_ptr PipelinedLane::refusal(Params const& params) const {
  try {
    if (refusing_ || stopping_) throw Failure(Code::shutting_down, "the database is being closed");
    if (up_ == 0 && Clock::now() - down_since_ > options_.connect_timeout) throw unreachable();
    if (waiting_.size() >= options_.pipelined_queue_max)
      throw up_ > 0 ? Failure(Code::connections_exhausted,
                              std::to_string(waiting_.size()) + " requests wait for PostgreSQL")
                    : unreachable();
    require_bindable(params);
    return nullptr;
  } catch (...) {
    return std::current_exception();
  }
}

void PipelinedLane::submit(std::string_view sql, Params params, Unit unit, Caller::Handler caller) {
  if (auto const error = refusal(params)) return Caller::post_fail(std::move(caller), error);
  Request* const request = pool_.acquire();
  request->sql = sql;
  request->params = std::move(params);
  request->unit = unit;
  request->due = Clock::now() + options_.connect_timeout;
  request->caller.hold(std::move(caller),
                       [lane = weak_from_this(), request, serial = request->serial] {
                         // What was sent stays in its place in the pipeline; only nobody waits for
                         // it any more.
                         if (auto const self = lane.lock(); self && request->serial == serial)
                           if (!request->caller.empty()) request->caller.cancelled();
                       });
  Link* const link = waiting_.empty() ? pick() : nullptr;
  if (link)
    dispatch(*link, request);
  else
    waiting_.push_back(request);
  arm();
}

PipelinedLane::Link* PipelinedLane::pick() {
  Link* best = nullptr;
  std::size_t least = options_.pipelined_depth_max;
  for (auto const& link : links_) {
    if (!link->pipeline || link->pipeline->lost() || link->pipeline->blocked()) continue;
    auto const in_flight = link->pipeline->in_flight().size();
    if (in_flight >= least) continue;
    least = in_flight;
    best = link.get();
  }
  return best;
}

void PipelinedLane::dispatch(Link& link, Request* request) {
  auto const now = Clock::now();
  request->due = now + answer_limit(options_);
  if (link.pipeline->in_flight().empty()) link.progressed = now;
  link.pipeline->send(request);
  if (link.pipeline->open_unit() >= options_.read_unit_max) link.pipeline->end_unit();
  if (link.pipeline->open_unit() > 0) end_unit_soon(link);
  see_to_sent(link);
}

// The connections that are readable in one turn of the loop bring their requests before this runs.
void PipelinedLane::end_unit_soon(Link& link) {
  if (std::exchange(link.ends_unit_soon, true)) return;
  asio::post(context_, [self = shared_from_this(), &link] {
    link.ends_unit_soon = false;
    if (!link.pipeline) return;
    link.pipeline->end_unit();
    self->see_to_sent(link);
  });
}

void PipelinedLane::see_to_sent(Link& link) {
  if (link.pipeline->lost())
    link.readiness->cancel();  // wakes serve(), which sees it
  else if (link.pipeline->blocked() && !link.waits_to_write)
    wait_to_write(link);
}

void PipelinedLane::wait_to_write(Link& link) {
  link.waits_to_write = true;
  link.readiness->wait(
      async::Readiness::Direction::write,
      [self = shared_from_this(), &link, epoch = link.epoch](boost::system::error_code error) {
        if (error || link.epoch != epoch || !link.pipeline) return;
        link.waits_to_write = false;
        link.pipeline->flush();
        if (link.pipeline->lost()) return link.readiness->cancel();
        if (link.pipeline->blocked()) return self->wait_to_write(link);
        self->pump();
      });
}

void PipelinedLane::pump() {
  while (!waiting_.empty()) {
    Link* const link = pick();
    if (!link) return;
    Request* const request = waiting_.pop_front();
    if (request->caller.empty())
      pool_.release(request);
    else
      dispatch(*link, request);
  }
}

// A statement that was not executed, as it was not prepared any more or behind another's error, has
// a second try, alone.
bool PipelinedLane::sent_again(Link& link, Request* request) {
  bool const stale = !request->retried && is_stale(request->answer.get());
  if (stale || (request->skipped && request->prepares)) link.pipeline->forget(*request);
  if ((!stale && !request->skipped) || request->caller.empty()) return false;
  request->retried = request->retried || stale;
  request->unit = Unit::own;
  request->ends_unit = false;
  request->skipped = false;
  request->due = link.progressed + options_.connect_timeout;
  request->answer.reset();
  waiting_.push_front(request);
  return true;
}

void PipelinedLane::finish(Link& link, Request* request) {
  link.progressed = Clock::now();
  if (sent_again(link, request)) return;
  auto caller = std::move(request->caller);
  auto answer = std::move(request->answer);
  pool_.release(request);
  if (refusing_ && idle()) changed_->notify();
  if (caller.empty()) return;
  if (PQresultStatus(answer.get()) == PGRES_FATAL_ERROR)
    caller.fail(pointer(SqlError::from(answer.get())));
  else
    caller.resume(Rows(answer.release()));
}

bool PipelinedLane::idle() const {
  return waiting_.empty() && std::ranges::all_of(links_, [](auto const& link) {
           return !link->pipeline || link->pipeline->in_flight().empty();
         });
}

void PipelinedLane::arm() {
  if (std::exchange(armed_, true)) return;
  alarm_.arm(tick_interval, [this] { tick(); });
}

void PipelinedLane::tick() {
  armed_ = false;
  auto const now = Clock::now();
  while (!waiting_.empty() && (waiting_.front()->due <= now || waiting_.front()->caller.empty())) {
    Request* const request = waiting_.pop_front();
    if (!request->caller.empty())
      request->caller.post_fail(
          up_ > 0 ? pointer(Failure(Code::connections_exhausted, "waited too long for PostgreSQL"))
                  : pointer(unreachable()));
    pool_.release(request);
  }
  for (auto const& link : links_)
    if (link->pipeline) expire_in_flight(*link, now);
  if (!idle()) arm();
}

void PipelinedLane::expire_in_flight(Link& link, Time now) {
  auto const& queue = link.pipeline->in_flight();
  for (Request* request = queue.front(); request; request = request->next)
    if (request->due <= now && !request->caller.empty())
      request->caller.post_fail(
          pointer(Failure(Code::statement_timeout, "PostgreSQL did not answer in time")));
  if (queue.empty() || now - link.progressed <= answer_limit(options_)) return;
  link.pipeline->give_up();
  link.readiness->cancel();
}

void PipelinedLane::stop() {
  if (std::exchange(stopping_, true)) return;
  auto const closed = pointer(Failure(Code::database_unreachable, "the database was closed"));
  while (!waiting_.empty()) {
    Request* const request = waiting_.pop_front();
    if (!request->caller.empty()) request->caller.post_fail(closed);
    pool_.release(request);
  }
  alarm_.disarm();
  for (auto const& link : links_) {
    for (auto* request = link->pipeline ? link->pipeline->in_flight().front() : nullptr; request;
         request = request->next)
      if (!request->caller.empty()) request->caller.post_fail(closed);
    link->cancel.emit(asio::cancellation_type::terminal);
  }
}

}  // namespace hansa::postgres
