// The log: one JSON object a line, for machines; written whole or not at all. Thread safe.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/observe.h"

namespace hansa::app {

struct LogOptions {
  int fd = 2;
  bool requests = false;  // every request, not only failed and slow ones
  Duration slow_request = std::chrono::seconds(1);
};

// Writes notices, database events, requests that failed in us (5xx) or were slow. Values of rows do
// not reach it: events carry names and numbers, and of PostgreSQL's errors the message, not the
// detail. A pipe whose reader stalls never blocks a request: lines are dropped, and counted in the
// first that fits again.
class JsonLog final : public Observer {
 public:
  JsonLog(LogOptions options, Clock const& clock) : options_(options), clock_(clock) {}
  void observe(Event const& event) noexcept override;

 private:
  void write_of_events(Event const& event) noexcept;
  void write(LogLevel level, std::string_view message, std::string fields) noexcept;
  void put(std::string_view line) noexcept;
  LogOptions options_;
  Clock const& clock_;
  std::mutex mutex_;  // no two threads find the same room in a pipe
  std::uint64_t lost_ = 0;
};

}  // namespace hansa::app
