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

enum class LogLevel : std::uint8_t { debug, info, warning, error };
// Anything an operator should read that has no event of its own.
struct Notice {
  LogLevel level = LogLevel::info;
  std::string_view message;
  std::string_view detail;
};

using Event = std::variant<RequestServed, ConnectionsChanged, DatabaseConnectionsChanged,
                           DatabaseLost, DatabaseRestored, Notice>;

// Called from every thread; implementations synchronise themselves and never throw or block long.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void observe(Event const& event) noexcept = 0;
};

// An observer that forgets everything; for tests and commands that need none.
[[nodiscard]] Observer& silent_observer();

}  // namespace hansa
