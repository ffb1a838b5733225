#include "app/metrics.h"

#include <fmt/format.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <unordered_map>

#include "mesh/log_names.h"
#include "postgres/session.h"

namespace hansa::app {
namespace {

using Labels = prometheus::Labels;

prometheus::Histogram::BucketBoundaries const& seconds_buckets() {
  static prometheus::Histogram::BucketBoundaries const bounds{
      0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
  return bounds;
}

// The counters of one kind of request, found once per thread.
struct Counted {
  prometheus::Counter* requests;
  prometheus::Counter* rows;
  prometheus::Histogram* seconds;
};

// Names in events are views of strings that live as long as the thread serves, so their addresses
// tell routes and products apart without hashing text.
struct Key {
  void const *route, *object;
  void const* method;
  int status;
  bool operator==(Key const&) const = default;
};

struct KeyHash {
  std::size_t operator()(Key const& key) const noexcept {
    auto const mix = [](std::size_t a, std::size_t b) {
      return (a ^ (b + 0x9e3779b97f4a7c15U)) * 0xff51afd7ed558ccdU;
    };
    auto const bits = [](void const* pointer) { return reinterpret_cast<std::size_t>(pointer); };
    return mix(mix(bits(key.route), bits(key.object)),
               mix(bits(key.method), static_cast<std::size_t>(key.status)));
  }
};

double number_of(std::string_view digits) {
  double value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

double resident_bytes() {
  std::ifstream in("/proc/self/statm");
  double pages = 0;
  double resident = 0;
  in >> pages >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

template <class Builder>
auto& family(prometheus::Registry& registry, Builder builder, char const* name, char const* help) {
  return builder.Name(name).Help(help).Register(registry);
}

// A family, and its members by labels.
template <class Metric, class Builder>
struct Of {
  Of(prometheus::Registry& registry, char const* name, char const* help)
      : members(family(registry, Builder{}, name, help)) {}
  prometheus::Family<Metric>& members;
};
struct Counters : Of<prometheus::Counter, decltype(prometheus::BuildCounter())> {
  using Of::Of;
  void add(Labels const& labels, std::uint64_t count) {
    members.Add(labels).Increment(static_cast<double>(count));
  }
};
struct Gauges : Of<prometheus::Gauge, decltype(prometheus::BuildGauge())> {
  using Of::Of;
  void set(Labels const& labels, double value) { members.Add(labels).Set(value); }
};
struct Histograms : Of<prometheus::Histogram, decltype(prometheus::BuildHistogram())> {
  using Of::Of;
  void add(Labels const& labels, Duration value) {
    members.Add(labels, seconds_buckets()).Observe(std::chrono::duration<double>(value).count());
  }
};

Labels of_domain(std::string_view domain) { return {{"domain", std::string{domain}}}; }

template <class PortEvent>
Labels of_port(PortEvent const& event) {
  return {{"domain", std::string{event.domain}},
          {"port", std::string{event.port}},
          {"topic", std::string{event.topic}}};
}

}  // namespace

struct Metrics::State {
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& requests = family(
      registry, prometheus::BuildCounter(), "hansa_http_requests_total", "HTTP requests answered.");
  prometheus::Family<prometheus::Counter>& rows =
      family(registry, prometheus::BuildCounter(), "hansa_http_rows_total",
             "Rows sent or written over HTTP.");
  prometheus::Family<prometheus::Histogram>& seconds =
      family(registry, prometheus::BuildHistogram(), "hansa_http_request_seconds",
             "Time from request to answer.");
  prometheus::Family<prometheus::Gauge>& connections = family(
      registry, prometheus::BuildGauge(), "hansa_http_connections", "HTTP connections open.");
  prometheus::Family<prometheus::Gauge>& database_connections =
      family(registry, prometheus::BuildGauge(), "hansa_database_connections",
             "Connections to PostgreSQL open.");
  prometheus::Family<prometheus::Counter>& database_lost =
      family(registry, prometheus::BuildCounter(), "hansa_database_connections_lost_total",
             "Connections to PostgreSQL that fell.");
  prometheus::Family<prometheus::Gauge>& scans =
      family(registry, prometheus::BuildGauge(), "hansa_schema_scans",
             "Table and index scans in a domain's schema since PostgreSQL's statistics were reset, "
             "SQL users included.");
  prometheus::Family<prometheus::Gauge>& changes = family(
      registry, prometheus::BuildGauge(), "hansa_schema_rows_changed",
      "Rows changed in a domain's schema since PostgreSQL's statistics were reset, by operation.");
  prometheus::Family<prometheus::Gauge>& table_rows =
      family(registry, prometheus::BuildGauge(), "hansa_table_rows_estimated",
             "Rows of a table as PostgreSQL estimates them.");
  prometheus::Family<prometheus::Gauge>& resident =
      family(registry, prometheus::BuildGauge(), "process_resident_memory_bytes",
             "Resident memory of this process.");
  Counters sequenced{registry, "hansa_events_sequenced_total",
                     "Events of a domain taken into its log."};
  Counters sequenced_bytes{registry, "hansa_log_bytes_total",
                           "Bytes of segments written to a domain's log."};
  Histograms sequence_age{registry, "hansa_event_sequencing_seconds",
                          "Age of the oldest event of a batch when it could be read."};
  Counters stalls{registry, "hansa_log_stalls_total",
                  "Alarms that open transactions keep a domain's log waiting."};
  Gauges stalled{registry, "hansa_log_stalled_seconds",
                 "How long a domain's log has been waiting at its last alarm; 0 once it goes on."};
  Gauges log_stopped{registry, "hansa_log_stopped",
                     "1 while a domain's log stands still until somebody mends it."};
  Gauges lease{registry, "hansa_sequencer_lease",
               "1 in the process that sequences the events of the database of this domain."};
  Counters kafka_requests{registry, "hansa_kafka_requests_total",
                          "Requests of Kafka clients, by API and Kafka's error code."};
  Histograms kafka_seconds{registry, "hansa_kafka_request_seconds",
                           "Requests of Kafka clients, from the last byte to the answer."};
  Counters kafka_records{registry, "hansa_kafka_records_total", "Records of Kafka clients stored."};
  Counters kafka_bytes{registry, "hansa_kafka_bytes_total",
                       "Bytes of record batches of Kafka clients stored."};
  Histograms kafka_store_seconds{registry, "hansa_kafka_store_seconds",
                                 "Transactions that store records of Kafka clients."};
  Gauges kafka_connections{registry, "hansa_kafka_connections", "Kafka clients connected."};
  Gauges gateway_lease{registry, "hansa_gateway_lease",
                       "1 in the process that serves Kafka clients."};
  Counters rebalances{registry, "hansa_kafka_rebalances_total", "Rebalances of consumer groups."};
  Gauges topic_records{registry, "hansa_topic_next_offset",
                       "Sum of the next offsets of a topic's partitions: records ever written."};
  Gauges topic_kept{registry, "hansa_topic_records",
                    "Offsets a topic still holds, those that compaction took included."};
  Gauges pending_rows{registry, "hansa_pending_events",
                      "Events of ended transactions that wait for the sequencer."};
  Gauges pending_age{registry, "hansa_pending_oldest_seconds",
                     "Age of the oldest event that waits for the sequencer."};
  Counters applied{registry, "hansa_port_events_applied_total", "Events an input port applied."};
  Counters dead{registry, "hansa_port_dead_letters_total",
                "Events an input port put to its dead letters."};
  Counters skipped{registry, "hansa_port_events_skipped_total",
                   "Offsets that retention took before an input port read them."};
  Histograms port_age{registry, "hansa_port_event_age_seconds",
                      "Age of the newest event of a transaction when it was applied."};
  Histograms port_seconds{registry, "hansa_port_transaction_seconds",
                          "Time an input port took for one round of its partitions."};
  Gauges lag{registry, "hansa_port_lag_events", "Offsets an input port is behind its topic."};
  Gauges halted{registry, "hansa_port_halted",
                "1 while an input port stands still until somebody mends it."};
  prometheus::Gauge& http_connections = connections.Add({});
  prometheus::Gauge& resident_gauge = resident.Add({});
  std::mutex mutex;  // of what a mesh says; asked once a thread and route, or once a poll
  std::map<std::string, std::string> versions;  // by "domain/major/object"
  std::set<DomainName> with_events;

  void know(mesh::Mesh const& mesh) {
    std::lock_guard const lock(mutex);
    versions.clear();
    for (mesh::Served const& table : mesh.served())
      versions[key_of(table.domain->name.text(), number(table.contract->major),
                      table.object->name.text())] = table.contract->version;
    with_events.clear();
    for (mesh::Topic const& topic : mesh.topics) with_events.insert(topic.domain);
    for (mesh::Subscription const& port : mesh.subscriptions) with_events.insert(port.domain);
  }

  bool has_events(DomainName const& domain) {
    std::lock_guard const lock(mutex);
    return with_events.contains(domain);
  }

  static std::string key_of(std::string_view domain, std::uint32_t major, std::string_view object) {
    return fmt::format("{}/{}/{}", domain, major, object);
  }

  Counted find(RequestServed const& served) {
    Labels labels{{"method", std::string{served.method}}, {"route", std::string{served.route}}};
    if (!served.domain.empty()) {
      std::lock_guard const lock(mutex);
      auto const version = versions.find(key_of(served.domain, served.major, served.object));
      labels.insert({{"domain", std::string{served.domain}},
                     {"product", std::string{served.product}},
                     {"object", std::string{served.object}},
                     {"version", version == versions.end() ? std::string{} : version->second}});
    }
    auto with_status = labels;
    with_status["status"] = fmt::format("{}", served.status);
    return {&requests.Add(with_status), &rows.Add(labels), &seconds.Add(labels, seconds_buckets())};
  }

  void count_of_log(Event const& event) {
    if (auto const* const done = std::get_if<EventsSequenced>(&event)) {
      auto const labels = of_domain(done->domain);
      sequenced.add(labels, done->events);
      sequenced_bytes.add(labels, done->bytes);
      sequence_age.add(labels, done->age);
      stalled.set(labels, 0);
      log_stopped.set(labels, 0);
    } else if (auto const* const waits = std::get_if<LogStalled>(&event)) {
      stalls.add(of_domain(waits->domain), 1);
      stalled.set(of_domain(waits->domain), std::chrono::duration<double>(waits->waited).count());
    } else if (auto const* const stopped = std::get_if<LogStopped>(&event)) {
      log_stopped.set(of_domain(stopped->domain), 1);
    } else if (auto const* const leads = std::get_if<SequencerLease>(&event)) {
      lease.set(of_domain(leads->database), leads->held ? 1 : 0);
    }
  }

  void count_of_ports(Event const& event) {
    if (auto const* const advanced = std::get_if<PortAdvanced>(&event)) {
      auto const labels = of_port(*advanced);
      applied.add(labels, advanced->applied);
      dead.add(labels, advanced->dead);
      skipped.add(labels, advanced->skipped);
      port_seconds.add(labels, advanced->elapsed);
      if (advanced->applied > 0) port_age.add(labels, advanced->age);
    } else if (auto const* const behind = std::get_if<PortLag>(&event)) {
      lag.set(of_port(*behind), static_cast<double>(behind->events));
      halted.set(of_port(*behind), behind->halted ? 1 : 0);
    } else if (auto const* const stands = std::get_if<PortHalted>(&event)) {
      halted.set(of_port(*stands), 1);
    }
  }

  void count_of_gateway(Event const& event) {
    if (auto const* const served = std::get_if<KafkaRequestServed>(&event)) {
      Labels labels{{"api", std::string{served->api}}};
      kafka_seconds.add(labels, served->elapsed);
      labels["error"] = fmt::format("{}", served->error);
      kafka_requests.add(labels, 1);
    } else if (auto const* const stored = std::get_if<RecordsStored>(&event)) {
      kafka_records.add({}, stored->records);
      kafka_bytes.add({}, stored->bytes);
      kafka_store_seconds.add({}, stored->elapsed);
    } else if (auto const* const changed = std::get_if<KafkaConnectionsChanged>(&event)) {
      kafka_connections.members.Add({}).Increment(static_cast<double>(changed->delta));
    } else if (auto const* const holder = std::get_if<GatewayLease>(&event)) {
      gateway_lease.set({}, holder->held ? 1 : 0);
    } else if (auto const* const group = std::get_if<GroupChanged>(&event)) {
      rebalances.add({}, group->state == "CompletingRebalance" ? 1 : 0);
    }
  }

  void poll_events(DomainName const& domain, postgres::Session& session) {
    static constexpr std::string_view topics =
        "select t.name, sum(p.next_offset), sum(p.next_offset - p.start_offset) from hansa.topic t "
        "join hansa.topic_partition p on p.topic = t.id where t.domain = $1 group by t.name";
    auto const known = session.execute(topics, {domain.text()});
    if (known.size() == 0) return;
    for (std::size_t row = 0; row < known.size(); ++row) {
      Labels const labels{{"domain", domain.text()}, {"topic", std::string{known.value(row, 0)}}};
      topic_records.set(labels, number_of(known.value(row, 1)));
      topic_kept.set(labels, number_of(known.value(row, 2)));
    }
    auto const waiting = session.execute(fmt::format(
        "select count(*), coalesce(extract(epoch from now() - min(at)), 0) from hansa.{}",
        postgres::quote_name(mesh::pending_table(domain))));
    pending_rows.set(of_domain(domain.text()), number_of(waiting.value(0, 0)));
    pending_age.set(of_domain(domain.text()), number_of(waiting.value(0, 1)));
  }

  void count(RequestServed const& served) {
    thread_local std::unordered_map<Key, Counted, KeyHash> known;
    Key const key{served.route.data(), served.object.data(), served.method.data(), served.status};
    auto found = known.find(key);
    if (found == known.end()) found = known.emplace(key, find(served)).first;
    found->second.requests->Increment();
    if (served.rows > 0) found->second.rows->Increment(static_cast<double>(served.rows));
    found->second.seconds->Observe(std::chrono::duration<double>(served.elapsed).count());
  }
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

void Metrics::know(mesh::Mesh const& mesh) { state_->know(mesh); }

void Metrics::observe(Event const& event) noexcept {
  try {
    if (auto const* const served = std::get_if<RequestServed>(&event)) {
      state_->count(*served);
    } else if (auto const* const http = std::get_if<ConnectionsChanged>(&event)) {
      state_->http_connections.Increment(static_cast<double>(http->http_delta));
    } else if (auto const* const database = std::get_if<DatabaseConnectionsChanged>(&event)) {
      state_->database_connections
          .Add({{"domain", std::string{database->domain}},
                {"lane", database->lane == DatabaseLane::pipelined ? "pipelined" : "leased"}})
          .Increment(static_cast<double>(database->delta));
    } else if (auto const* const lost = std::get_if<DatabaseLost>(&event)) {
      state_->database_lost.Add({{"domain", std::string{lost->domain}}}).Increment();
    } else {
      state_->count_of_log(event);
      state_->count_of_ports(event);
      state_->count_of_gateway(event);
    }
  } catch (std::bad_alloc const&) {
    return;  // a lost count is better than a lost request
  }
}

std::string Metrics::text() const {
  state_->resident_gauge.Set(resident_bytes());
  return prometheus::TextSerializer{}.Serialize(state_->registry.Collect());
}

void Metrics::poll(DomainName const& domain, postgres::Target const& target) {
  static constexpr std::string_view statement =
      "select t.relname, coalesce(t.seq_scan, 0) + coalesce(t.idx_scan, 0), t.n_tup_ins, "
      "t.n_tup_upd,"
      " t.n_tup_del, greatest(c.reltuples, 0)::bigint"
      " from pg_stat_user_tables t join pg_class c on c.oid = t.relid where t.schemaname = $1";
  auto session = postgres::Session::open(target);
  auto const rows = session.execute(statement, {mesh::store_schema(domain)});
  double scans = 0;
  std::array<double, 3> changed{};
  for (std::size_t row = 0; row < rows.size(); ++row) {
    scans += number_of(rows.value(row, 1));
    for (std::size_t kind = 0; kind < changed.size(); ++kind)
      changed[kind] += number_of(rows.value(row, 2 + kind));
    state_->table_rows.Add({{"domain", domain.text()}, {"table", std::string{rows.value(row, 0)}}})
        .Set(number_of(rows.value(row, 5)));
  }
  state_->scans.Add({{"domain", domain.text()}}).Set(scans);
  static constexpr std::array kinds = {"insert", "update", "delete"};
  for (std::size_t kind = 0; kind < changed.size(); ++kind)
    state_->changes.Add({{"domain", domain.text()}, {"operation", kinds[kind]}}).Set(changed[kind]);
  if (state_->has_events(domain)) state_->poll_events(domain, session);
}

}  // namespace hansa::app
