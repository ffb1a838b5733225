#include "app/event_service.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "events/ports.h"
#include "events/topics.h"
#include "log/compactor.h"
#include "log/retention.h"
#include "log/sequencer.h"

namespace hansa::app {
namespace {

// Advisory locks of two integers: who keeps the log of a database small.
constexpr std::int32_t upkeep_class = 0x68736870;  // "hshp"
constexpr auto upkeep_pause = std::chrono::seconds(60);

// A database that domains served here live in.
struct Database {
  std::string name;  // its first domain's
  postgres::Target target;
  std::vector<DomainName> domains;  // all that live there, served here or not
};

std::map<std::string, Database> databases_of(cli::ServeRequest const& request) {
  std::map<std::string, Database> out;
  for (auto const& [domain, target] : request.targets) {
    auto& database = out[target.conninfo];
    if (!database.name.empty()) continue;
    database.name = domain.text();
    database.target = target;
    for (auto const& [other, where] : request.databases)
      if (where.conninfo == target.conninfo) database.domains.push_back(other);
  }
  return out;
}

postgres::Target named(postgres::Target target, std::string application) {
  target.application = std::move(application);
  return target;
}

// One share of the work on what is old, as often as there is any.
void keep_small(postgres::Target const& target, log::Compactor& compactor,
                std::stop_token const& stop) {
  auto session = postgres::Session::open(target);
  auto const lead =
      session.execute("select pg_try_advisory_lock($1::int, 0)", {std::to_string(upkeep_class)});
  if (lead.value(0, 0) != "t") return;
  while (!stop.stop_requested() && log::remove_expired(session, system_clock().now()).more) {
  }
  while (!stop.stop_requested() && !compactor.step(session, system_clock().now()).idle) {
  }
}

void upkeep(std::stop_token const& stop, postgres::Target const& target, Observer& observer) {
  log::Compactor compactor;
  std::mutex mutex;
  std::condition_variable_any wake;
  auto const pause = [&] {
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop, upkeep_pause, [] { return false; });
  };
  // Not at once: whoever starts has better things to do, and the first pass reads all there is.
  for (pause(); !stop.stop_requested(); pause()) {
    try {
      keep_small(target, compactor, stop);
    } catch (std::exception const& error) {
      observer.observe(Notice{LogLevel::warning, "upkeep of the log failed", error.what()});
    }
  }
}

}  // namespace

// Shared with the threads.
struct EventService::State : std::enable_shared_from_this<State> {
  // Reports what one database's sequencer does, and wakes the ports when there is something.
  struct Sequencing final : log::LogObserver {
    Sequencing(State& of_state, Database database, MeshName const& mesh,
               std::vector<log::SequencedTopic> topics)
        : state(of_state),
          place(std::move(database)),
          sequencer({.target = named(place.target, "hansa sequencer"),
                     .mesh = mesh,
                     .topics = std::move(topics),
                     .observer = this}) {}
    void observe(log::LogEvent const& event) noexcept override;

    State& state;
    Database place;
    log::Sequencer sequencer;
  };

  State(cli::ServeRequest const& request, Observer& of_observer,
        std::shared_ptr<void const> of_ground)
      : mesh(request.mesh),
        one_database(std::ranges::all_of(request.databases,
                                         [&](auto const& each) {
                                           return each.second.conninfo ==
                                                  request.databases.begin()->second.conninfo;
                                         })),
        observer(of_observer),
        ground(std::move(of_ground)) {
    for (auto& [conninfo, database] : databases_of(request)) {
      auto topics = events::sequenced_topics(*mesh, database.domains);
      if (topics.empty()) continue;
      sequencers.push_back(
          std::make_unique<Sequencing>(*this, std::move(database), mesh->name, std::move(topics)));
    }
    for (DomainName const& domain : request.domains) {
      auto const subscribes = [&](auto const& each) { return each.domain == domain; };
      if (!std::ranges::any_of(mesh->subscriptions, subscribes)) continue;
      auto databases = request.databases;
      for (auto& [name, target] : databases) target.application = "hansa ports " + domain.text();
      ports.push_back(
          std::make_unique<events::Ports>(events::PortsOptions{.mesh = mesh.get(),
                                                               .domain = domain,
                                                               .targets = std::move(databases),
                                                               .observer = &observer}));
    }
  }

  template <class Work>
  void run(Work work) {
    std::lock_guard const lock(mutex);
    std::thread([self = shared_from_this(), work = std::move(work)] {
      work(self->stop.get_token());
      std::lock_guard const end(self->mutex);
      --self->running;
      self->ended.notify_all();
    }).detach();
    ++running;
  }

  void poke_ports() noexcept {
    for (auto const& each : ports) each->poke();
  }

  std::shared_ptr<mesh::Mesh const> mesh;
  bool one_database;  // of the whole mesh: who sequences it knows of every event
  Observer& observer;
  std::shared_ptr<void const> ground;
  std::stop_source stop;
  std::mutex mutex;  // of the next two
  std::condition_variable ended;
  std::size_t running = 0;
  std::vector<std::unique_ptr<Sequencing>> sequencers;
  std::vector<std::unique_ptr<events::Ports>> ports;
};

void EventService::State::Sequencing::observe(log::LogEvent const& event) noexcept {
  auto& to = state.observer;
  if (auto const* const lease = std::get_if<log::LeaseChanged>(&event)) {
    bool const told = lease->held && state.one_database;
    for (auto const& each : state.ports) each->set_told(told);
    to.observe(SequencerLease{.database = place.name, .held = lease->held});
  } else if (auto const* const done = std::get_if<log::Sequenced>(&event)) {
    state.poke_ports();
    to.observe(EventsSequenced{
        .domain = done->domain,
        .events = done->events,
        .bytes = done->bytes,
        .elapsed = done->elapsed,
        .age = std::max<Duration>(system_clock().now() - done->oldest, Duration{})});
  } else if (auto const* const stalled = std::get_if<log::Stalled>(&event)) {
    to.observe(LogStalled{
        .domain = stalled->domain, .waited = stalled->waited, .holders = stalled->holders});
  } else if (auto const* const stopped = std::get_if<log::Stopped>(&event)) {
    to.observe(LogStopped{.domain = stopped->domain,
                          .error_name = info(stopped->error->code).name,
                          .reason = stopped->error->detail});
  } else if (auto const* const failed = std::get_if<log::SequencerFailed>(&event)) {
    if (!state.stop.stop_requested())
      to.observe(Notice{LogLevel::warning, "the sequencer begins anew", failed->reason});
  }
}

EventService::EventService(cli::ServeRequest const& request, Observer& observer,
                           std::shared_ptr<void const> ground)
    : state_(std::make_shared<State>(request, observer, std::move(ground))) {}

void EventService::start() {
  auto& state = *state_;
  for (auto& each : state.sequencers) {
    state.run([&log = each->sequencer](std::stop_token const& stop) { log.run(stop); });
    state.run([&place = each->place, &observer = state.observer](std::stop_token const& stop) {
      upkeep(stop, named(place.target, "hansa upkeep"), observer);
    });
  }
  for (auto& each : state.ports)
    state.run([&of_domain = *each](std::stop_token const& stop) { of_domain.run(stop); });
}

// On a thread of its own: telling PostgreSQL to cancel a statement waits for PostgreSQL.
void EventService::stop() noexcept {
  if (state_->stop.stop_requested()) return;
  try {
    std::thread([state = state_] { state->stop.request_stop(); }).detach();
  } catch (std::exception const&) {
    state_->stop.request_stop();
  }
}

void EventService::wait(std::chrono::milliseconds limit) {
  std::unique_lock lock(state_->mutex);
  state_->ended.wait_for(lock, limit, [this] { return state_->running == 0; });
}

void EventService::wrote(DomainName const& domain) noexcept {
  for (auto& each : state_->sequencers)
    if (std::ranges::find(each->place.domains, domain) != each->place.domains.end())
      each->sequencer.poke();
}

}  // namespace hansa::app
