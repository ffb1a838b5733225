#include "log/sequencer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <span>

#include "log/decimal_text.h"
#include "mesh/log_names.h"

namespace hansa::log {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;
using std::chrono::microseconds;
using std::chrono::milliseconds;

// Pending rows come and go, so what PostgreSQL believes of their number is always wrong: they are
// read by their key, whatever it believes, and by one plan; compiling those few would cost more
// than running them. A statement of ours that waits for a lock waits for an apply, which is short.
constexpr std::string_view settings = R"(
set enable_seqscan = off; set enable_bitmapscan = off; set jit = off;
set plan_cache_mode = force_generic_plan; set lock_timeout = '10s';
set statement_timeout = '60s'; set idle_in_transaction_session_timeout = '60s')";

constexpr std::string_view try_lease = "select pg_try_advisory_lock($1::int, $2::int)";

constexpr std::string_view find_pending =
    "select relname from pg_class where relnamespace = 'hansa'::regnamespace and relkind = 'r' "
    "and relname like 'pending\\_%'";

// Two advisory locks of two integers are told from one of a bigint by objsubid. A prepared
// transaction has no pid. Who is in no transaction (its number is 0) has nothing to append, and
// holds the lock for another reason.
constexpr std::string_view holders_sql =
    "select objid, virtualtransaction, pid from pg_locks where locktype = 'advisory' and granted "
    "and objsubid = 2 and classid = $1::oid and virtualtransaction not like '%/0' and database = "
    "(select oid from pg_database where "
    "datname = current_database())";

constexpr milliseconds lease_pause{100}, failure_pause{250};
constexpr microseconds idle_pause_min{1000}, idle_pause_max{20'000};
// Who waits for a transaction looks again after a part of the time it has waited: never much too
// late, and not often for one that stays open; nor often while writers are busy, whom each look
// holds up.
constexpr microseconds drain_pause_min{200}, drain_pause_max{5000};
constexpr int drain_part = 4, drain_part_of_rest = 5;

}  // namespace

struct Sequencer::Domain {
  using Topics = std::vector<SequencedTopic const*>;
  Domain(postgres::Session& session, DomainName const& name, Topics topics_of, MeshName const& mesh)
      : topics(std::move(topics_of)),
        log(session, name, topics),
        lock(std::to_string(static_cast<std::uint32_t>(mesh::log_lock_number(mesh, name)))) {}

  Topics topics;
  DomainLog log;
  std::string lock;  // as pg_locks prints it
  DrainProgress progress;
  bool behind = false;
  std::vector<Holder> holders;  // at the last look, and who they are
  std::map<Holder, std::string> names;
  std::optional<SteadyTime> waiting_since;
  SteadyTime alarm_at;
  Duration waited{};                        // of the drain that settled last
  std::optional<SteadyTime> stopped_until;  // then it is tried again
};

Sequencer::Sequencer(SequencerOptions options)
    : options_(std::move(options)), ahead_(options_.target) {
  if (!options_.fail_point) options_.fail_point = [](std::string_view) {};
}
Sequencer::~Sequencer() = default;

void Sequencer::observe(LogEvent const& event) const {
  if (options_.observer != nullptr) options_.observer->observe(event);
}

void Sequencer::lose(std::string_view reason) noexcept {
  ahead_.drop();
  domains_.clear();
  session_.reset();
  if (!reason.empty()) observe(SequencerFailed{.reason = reason});
  if (std::exchange(leading_, false)) observe(LeaseChanged{.held = false});
}

bool Sequencer::take_lease() {
  if (!session_) {
    session_.emplace(postgres::Session::open(options_.target));
    session_->script(settings);
  }
  options_.fail_point("lease");
  auto const taken = session_->execute(
      try_lease, {std::to_string(mesh::log_lock_class), std::to_string(mesh::log_lease_number)});
  return taken.value(0, 0) == "t";
}

void Sequencer::prepare() {
  options_.fail_point("prepare");
  domains_.clear();
  auto const tables = session_->execute(find_pending);
  std::set<std::string, std::less<>> present;
  for (std::size_t i = 0; i < tables.size(); ++i) present.emplace(tables.value(i, 0));

  std::map<DomainName, Domain::Topics> topics;
  for (auto const& topic : options_.topics)
    if (topic.topic.source != mesh::Topic::Source::clients)
      topics[topic.topic.domain].push_back(&topic);
  sequences_sql_.clear();
  for (auto const& [name, of_domain] : topics) {
    if (!present.contains(mesh::pending_table(name))) continue;
    domains_.push_back(std::make_unique<Domain>(*session_, name, of_domain, options_.mesh));
    sequences_sql_ += fmt::format("{}select {}, last_value, is_called from hansa.{}",
                                  sequences_sql_.empty() ? "" : " union all ", domains_.size() - 1,
                                  postgres::quote_name(mesh::pending_sequence(name)));
  }
}

void Sequencer::connect() {
  if (leading_) return;
  if (!take_lease()) return;
  prepare();
  leading_ = true;
  observe(LeaseChanged{.held = true});
}

// Marks the domains that have something to drain. Who may still append what was drawn is read
// behind the sequences, in the same round trip.
bool Sequencer::look() {
  if (domains_.empty()) return false;
  options_.fail_point("look");
  std::array<postgres::Statement, 2> const statements{
      {{.sql = sequences_sql_},
       {.sql = holders_sql, .params = {std::to_string(mesh::log_lock_class)}}}};
  auto const answers = session_->execute_all(statements);
  auto const& rows = answers.front();
  auto const now = std::chrono::steady_clock::now();
  bool any = false;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto& domain = *domains_.at(to_number<std::size_t>(rows.value(i, 0)));
    domain.behind = domain.progress.behind(
        {.last_value = to_number<Sid>(rows.value(i, 1)), .is_called = rows.value(i, 2) == "t"});
    if (domain.stopped_until && *domain.stopped_until > now) domain.behind = false;
    any = any || domain.behind;
  }
  if (any) take_holders(answers.back());
  return any;
}

void Sequencer::take_holders(postgres::Rows const& rows) {
  for (auto& domain : domains_) {
    domain->holders.clear();
    domain->names.clear();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows.value(i, 0) != domain->lock) continue;
      domain->holders.emplace_back(rows.value(i, 1));
      domain->names[domain->holders.back()] = rows.is_null(i, 2)
                                                  ? "a prepared transaction"
                                                  : "backend " + std::string(rows.value(i, 2));
    }
  }
}

// Begins or goes on with the wait for those who may still append what was drawn. True once it is
// over.
bool Sequencer::settle(Domain& domain) {
  auto& progress = domain.progress;
  auto const now = std::chrono::steady_clock::now();
  if (progress.draining()) {
    progress.drain().update(domain.holders);
  } else {
    progress.begin(std::move(domain.holders));
    domain.waiting_since = now;
    domain.alarm_at = now + options_.stall_alarm;
    domain.waited = {};
  }
  if (domain.waiting_since) domain.waited = now - *domain.waiting_since;
  if (progress.drain().settled()) {
    domain.waiting_since.reset();
    return true;
  }
  if (now >= domain.alarm_at) {
    // Not those who began to append since: nobody waits for them.
    std::string names;
    for (Holder const& holder : progress.drain().waiting_for())
      names.append(names.empty() ? "" : ", ").append(domain.names[holder]);
    observe(
        Stalled{.domain = domain.log.domain().text(), .waited = domain.waited, .holders = names});
    domain.alarm_at = now + options_.stall_alarm;
  }
  return false;
}

void Sequencer::stop(Domain& domain, Error const& error) {
  domain.stopped_until = std::chrono::steady_clock::now() + options_.stop_retry;
  observe(Stopped{.domain = domain.log.domain().text(), .error = &error});
}

void Sequencer::sequence(Domain& domain, Progress& progress) {
  if (std::exchange(domain.stopped_until, std::nullopt)) {
    ahead_.drop();
    domain.log = DomainLog(*session_, DomainName(domain.log.domain()), domain.topics);
  }
  auto const begun = std::chrono::steady_clock::now();
  auto const safe = *domain.progress.drain().safe();
  auto const batch = domain.log.sequence(*session_, ahead_, domain.progress.floor(), safe,
                                         options_.limits, options_.fail_point);
  if (!batch) return stop(domain, batch.error());
  bool const full = batch->events > 0 && batch->last < safe;
  domain.progress.drained(full ? batch->last : safe);
  if (batch->events == 0) return;
  progress.events += batch->events;
  progress.more = progress.more || full;
  observe(Sequenced{.domain = domain.log.domain().text(),
                    .events = batch->events,
                    .records = batch->records,
                    .segments = batch->segments,
                    .bytes = batch->bytes,
                    .waited = std::exchange(domain.waited, {}),
                    .elapsed = std::chrono::steady_clock::now() - begun,
                    .oldest = batch->oldest});
}

void Sequencer::work(Progress& progress) {
  connect();
  progress.leading = leading_;
  if (!leading_ || !look()) return;
  for (auto& domain : domains_) {
    if (!domain->behind) continue;
    if (settle(*domain)) {
      sequence(*domain, progress);
    } else {
      progress.waited =
          progress.waiting ? std::min(progress.waited, domain->waited) : domain->waited;
      progress.waiting = true;
    }
  }
}

Sequencer::Progress Sequencer::run_once() {
  Progress progress;
  try {
    work(progress);
  } catch (std::exception const& error) {
    lose(error.what());
    throw;
  }
  return progress;
}

Sequencer::Progress Sequencer::try_once() noexcept {
  try {
    return run_once();
  } catch (std::exception const&) {
    return {};  // run_once() said why
  }
}

void Sequencer::poke() noexcept {
  if (poked_.exchange(true)) return;
  std::lock_guard const lock(mutex_);
  wake_.notify_one();
}

void Sequencer::sleep(std::stop_token const& stop, microseconds pause) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, stop, pause, [] { return false; });
}

void Sequencer::sleep_until_poked(std::stop_token const& stop, microseconds pause) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, stop, pause, [this] { return poked_.load(); });
}

void Sequencer::run(std::stop_token stop) {
  auto idle = idle_pause_min;
  microseconds rest{};
  while (!stop.stop_requested()) {
    poked_ = false;
    auto const progress = try_once();
    if (!progress.leading) {
      sleep(stop, session_ ? lease_pause : failure_pause);
    } else if (progress.more) {
      continue;
    } else if (progress.waiting) {
      auto const pause = std::chrono::duration_cast<microseconds>(progress.waited) / drain_part;
      auto const least = std::clamp(rest / drain_part_of_rest, drain_pause_min, drain_pause_max);
      sleep(stop, std::clamp(pause, least, drain_pause_max));
    } else if (progress.events > 0) {
      auto const events = static_cast<std::int64_t>(progress.events);
      rest = std::min(events * options_.pause_per_event, options_.pause_max);
      sleep(stop, rest);
      idle = idle_pause_min;
    } else {
      ahead_.drop();
      rest = {};
      sleep_until_poked(stop, idle);
      idle = poked_ ? idle_pause_min : std::min(idle * 2, idle_pause_max);
    }
  }
  lose({});
}

}  // namespace hansa::log
