#include "events/ports.h"

#include <algorithm>

#include "log/decimal_text.h"
#include "log/log.h"
#include "mesh/log_names.h"

namespace hansa::events {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::int32_t presence_class = 0x68737070;  // "hspp": who takes part in a domain's ports
constexpr milliseconds lags_pause{1000}, failure_pause_min{100}, failure_pause_max{2000};

// Compiling a statement that only looks costly takes longer than running it for one event.
constexpr std::string_view settings =
    "set jit = off; set lock_timeout = '10s'; set idle_in_transaction_session_timeout = '60s'";
constexpr std::string_view appear =
    "select pg_advisory_lock_shared($1::int, pg_catalog.hashtext($2))";
// A number of the second half is printed as PostgreSQL keeps it, without a sign.
constexpr std::string_view count_present =
    "select count(distinct pid) from pg_locks where locktype = 'advisory' and granted "
    "and objsubid = 2 and classid = $1::oid and objid = "
    "(pg_catalog.hashtext($2)::bigint & 4294967295)::oid and database = "
    "(select oid from pg_database where datname = current_database())";

Duration since(steady_clock::time_point begun) { return steady_clock::now() - begun; }

}  // namespace

struct Ports::Port {
  mesh::Subscription const* subscription;
  std::optional<Reactor> reactor = {};  // while we have the lease
  steady_clock::time_point retry_at{};  // of one that halted
  milliseconds retry_pause{};
};

struct Ports::Reader {
  std::optional<postgres::Session> own;  // the domain's own session serves its own database
  std::optional<LogSource> source;
  std::vector<std::string> topics;  // of the ports that read here
};

Ports::Ports(PortsOptions options)
    : options_(std::move(options)),
      log_lock_(mesh::log_lock_number(options_.mesh->name, options_.domain)) {
  for (mesh::Subscription const& subscription : options_.mesh->subscriptions)
    if (subscription.domain == options_.domain)
      ports_.push_back(std::make_unique<Port>(Port{.subscription = &subscription}));
}

Ports::~Ports() = default;

Ports::Reader& Ports::reader_of(mesh::Subscription const& subscription) {
  auto const* const topic = options_.mesh->find_topic(subscription.topic);
  auto const& own = options_.targets.at(options_.domain);
  auto const& target = options_.targets.at(topic->domain);
  auto& reader = readers_[target.conninfo];
  if (!reader) {
    reader = std::make_unique<Reader>();
    if (target.conninfo != own.conninfo) reader->own.emplace(postgres::Session::open(target));
    reader->source.emplace(reader->own ? *reader->own : *session_);
  }
  if (std::ranges::find(reader->topics, subscription.topic) == reader->topics.end())
    reader->topics.push_back(subscription.topic);
  return *reader;
}

void Ports::connect() {
  if (session_) return;
  auto session = std::make_unique<postgres::Session>(
      postgres::Session::open(options_.targets.at(options_.domain)));
  {
    std::lock_guard const lock(mutex_);
    session_ = std::move(session);
  }
  session_->script(settings);
  session_->execute(appear, {std::to_string(presence_class), options_.domain.text()});
  leases_at_ = {};
}

void Ports::lose(std::string_view reason) noexcept {
  for (auto& port : ports_) leave(*port);
  readers_.clear();
  {
    std::lock_guard const lock(mutex_);
    session_.reset();
  }
  if (!reason.empty())
    options_.observer->observe(Notice{LogLevel::warning, "input ports begin anew", reason});
}

std::size_t Ports::fair_part() {
  auto const rows =
      session_->execute(count_present, {std::to_string(presence_class), options_.domain.text()});
  auto const present = std::max<std::size_t>(1, log::to_number<std::size_t>(rows.value(0, 0)));
  return (ports_.size() + present - 1) / present;
}

void Ports::take(Port& port) {
  auto& reader = reader_of(*port.subscription);
  Reactor reactor(*port.subscription, *reader.source, *session_, log_lock_, options_.reactor);
  if (!reactor.take()) return;
  port.reactor.emplace(std::move(reactor));
  port.retry_pause = options_.retry_min;
}

// What is said of a port from now on is another process's to say.
void Ports::leave(Port& port) noexcept {
  if (!port.reactor) return;
  port.reactor.reset();
  auto const& of = *port.subscription;
  options_.observer->observe(
      PortLag{.domain = of.domain.text(), .port = of.port, .topic = of.topic});
}

void Ports::share_leases() {
  auto const now = steady_clock::now();
  if (now < leases_at_) return;
  leases_at_ = now + options_.lease_pause;
  auto const part = fair_part();
  auto held = static_cast<std::size_t>(
      std::ranges::count_if(ports_, [](auto const& port) { return port->reactor.has_value(); }));
  for (auto& port : ports_) {
    if (held < part && !port->reactor) {
      take(*port);
      held += port->reactor ? 1 : 0;
    } else if (held > part && port->reactor) {
      port->reactor->give_up();
      leave(*port);
      --held;
    }
  }
}

void Ports::report(Port const& port, Round const& round, Duration elapsed) const {
  auto const& of = *port.subscription;
  if (round.applied + round.dead + round.skipped > 0) {
    Duration age{};
    if (round.newest_ms > 0)
      age = std::chrono::system_clock::now().time_since_epoch() - milliseconds(round.newest_ms);
    options_.observer->observe(PortAdvanced{.domain = of.domain.text(),
                                            .port = of.port,
                                            .topic = of.topic,
                                            .applied = round.applied,
                                            .dead = round.dead,
                                            .skipped = round.skipped,
                                            .elapsed = elapsed,
                                            .age = std::max(age, Duration{})});
  }
  if (round.halt)
    options_.observer->observe(PortHalted{.domain = of.domain.text(),
                                          .port = of.port,
                                          .topic = of.topic,
                                          .partition = round.halt->partition,
                                          .offset = round.halt->offset,
                                          .sqlstate = round.halt->sqlstate,
                                          .reason = round.halt->reason});
}

// Whether it did something.
bool Ports::run_port(Port& port) {
  auto const begun = steady_clock::now();
  if (port.reactor->halted()) {
    if (begun < port.retry_at) return false;
    port.reactor->resume();
  }
  auto const round = port.reactor->run_once();
  report(port, round, since(begun));
  bool const moved = round.applied + round.dead > 0;
  if (moved) port.retry_pause = options_.retry_min;
  if (round.halt) {
    port.retry_at = steady_clock::now() + port.retry_pause;
    port.retry_pause = std::min(2 * port.retry_pause, options_.retry_max);
  }
  return moved;
}

bool Ports::work() {
  connect();
  share_leases();
  for (auto& [conninfo, reader] : readers_) reader->source->refresh(reader->topics);
  bool any = false;
  for (auto& port : ports_) {
    if (!port->reactor) continue;
    try {
      any = run_port(*port) || any;
    } catch (Failure const& failure) {
      if (failure.error().code != Code::port_in_use) throw;
      port->reactor->give_up();
      leave(*port);
    }
  }
  report_lags();
  return any;
}

void Ports::report_lags() {
  auto const now = steady_clock::now();
  if (now < lags_at_) return;
  lags_at_ = now + lags_pause;
  for (auto const& port : ports_) {
    if (!port->reactor) continue;
    auto const& of = *port->subscription;
    options_.observer->observe(PortLag{.domain = of.domain.text(),
                                       .port = of.port,
                                       .topic = of.topic,
                                       .events = static_cast<std::uint64_t>(port->reactor->lag()),
                                       .halted = port->reactor->halted()});
  }
}

void Ports::poke() noexcept {
  if (poked_.exchange(true)) return;
  std::lock_guard const lock(mutex_);
  wake_.notify_one();
}

void Ports::sleep(std::stop_token const& stop, milliseconds pause) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, stop, pause, [this] { return poked_.load(); });
}

void Ports::run(std::stop_token stop) {
  options_.reactor.stop = stop;
  // A reaction may take its time; the end does not wait for it, and nothing of it is done.
  std::stop_callback const cancel(stop, [this] {
    std::lock_guard const lock(mutex_);
    if (session_) session_->cancel();
  });
  auto idle = milliseconds(1);
  auto failure_pause = failure_pause_min;
  while (!stop.stop_requested() && !ports_.empty()) {
    try {
      poked_ = false;
      bool const any = work();
      failure_pause = failure_pause_min;
      if (any) {
        idle = milliseconds(1);
        continue;
      }
      sleep(stop, idle);
      idle = poked_ ? milliseconds(1)
                    : std::min(2 * idle, told_ ? options_.idle_told_max : options_.idle_max);
    } catch (std::exception const& error) {
      lose(stop.stop_requested() ? "" : error.what());
      sleep(stop, failure_pause);
      failure_pause = std::min(2 * failure_pause, failure_pause_max);
    }
  }
  lose({});
}

}  // namespace hansa::events
