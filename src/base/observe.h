// What the program reports of itself: one closed event type. Logs, metrics and traces are readers
// of it (STYLE rule 11); code that does the work knows none of them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/code.h"

namespace hansa {

using Duration = std::chrono::nanoseconds;

// One HTTP request, answered or given up. Views live for the call only.
struct RequestServed {
  std::string_view method;
  std::string_view
      route;  // template, e.g. "/{domain}/v{major}/{object}/{key}": bounded cardinality
  std::string_view domain;  // empty for the platform's own routes
  std::string_view product;
  std::string_view object;
  std::uint32_t major = 0;
  int status = 0;
  std::uint64_t rows = 0;
  std::uint64_t body_bytes = 0;
  Duration elapsed{};
  std::string_view trace_id;
  std::string_view error_name;  // of the catalogue; empty for success
  std::string_view cause;       // what PostgreSQL said, where it failed the request; else empty
};

struct ConnectionsChanged {
  std::int64_t http_delta = 0;
};

enum class DatabaseLane : std::uint8_t { pipelined, leased };
struct DatabaseConnectionsChanged {
  std::string_view domain;
  DatabaseLane lane{};
  std::int64_t delta = 0;
};

struct DatabaseLost {
  std::string_view domain;
  std::string_view reason;
};

struct DatabaseRestored {
  std::string_view domain;
};

// This process became the sequencer of a database, or ceased to be.
struct SequencerLease {
  std::string_view database;
  bool held = false;
};

// Events of one domain were taken into its log and can be read.
struct EventsSequenced {
  std::string_view domain;
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;  // of the segments
  Duration elapsed{};       // from reading them to the end of the commit
  Duration age{};           // of the oldest, since it was appended
};

// Transactions that append events and stay open keep a domain's log waiting; said again and again.
struct LogStalled {
  std::string_view domain;
  Duration waited{};
  std::string_view holders;  // "backend 4242, a prepared transaction"
};

// A domain's log stands still until somebody mends it. Others go on.
struct LogStopped {
  std::string_view domain;
  std::string_view error_name;  // of the catalogue
  std::string_view reason;
};

// An input port applied events.
struct PortAdvanced {
  std::string_view domain, port, topic;
  std::uint64_t applied = 0;
  std::uint64_t dead = 0;     // went to the dead letters
  std::uint64_t skipped = 0;  // retention took them before they were read
  Duration elapsed{};
  Duration age{};  // of the newest event applied, since it was made
};

// How far an input port is behind its topic.
struct PortLag {
  std::string_view domain, port, topic;
  std::uint64_t events = 0;
  bool halted = false;
};

// An input port stands still until somebody mends it; said again when it is tried again.
struct PortHalted {
  std::string_view domain, port, topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;  // of the first event that was not applied
  std::string_view sqlstate;
  std::string_view reason;
};

// This process became the one that serves Kafka clients, or ceased to be.
struct GatewayLease {
  bool held = false;
  std::int32_t epoch = 0;  // Kafka's leader epoch while it is held
};

struct KafkaConnectionsChanged {
  std::int64_t delta = 0;
};

// A request of a Kafka client was answered.
struct KafkaRequestServed {
  std::string_view api;  // "Produce"
  std::int16_t version = 0;
  std::int16_t error = 0;  // Kafka's, the first one of the answer; 0 for success
  std::uint64_t bytes_in = 0, bytes_out = 0;
  Duration elapsed{};
};

// Records of Kafka clients were stored by one transaction.
struct RecordsStored {
  std::uint64_t requests = 0, batches = 0, records = 0, bytes = 0;
  Duration elapsed{};
};

// A consumer group rebalanced, or ended.
struct GroupChanged {
  std::string_view group;
  std::string_view state;  // Kafka's words: "Stable", "Empty"
  std::int32_t generation = 0;
  std::uint64_t members = 0;
};

enum class LogLevel : std::uint8_t { debug, info, warning, error };
// Anything an operator should read that has no event of its own.
struct Notice {
  LogLevel level = LogLevel::info;
  std::string_view message;
  std::string_view detail;
};

using Event =
    std::variant<RequestServed, ConnectionsChanged, DatabaseConnectionsChanged, DatabaseLost,
                 DatabaseRestored, SequencerLease, EventsSequenced, LogStalled, LogStopped,
                 PortAdvanced, PortLag, PortHalted, GatewayLease, KafkaConnectionsChanged,
                 KafkaRequestServed, RecordsStored, GroupChanged, Notice>;

// Called from every thread; implementations synchronise themselves and never throw or block long.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void observe(Event const& event) noexcept = 0;
};

// An observer that forgets everything; for tests and commands that need none.
[[nodiscard]] Observer& silent_observer();

}  // namespace hansa
