// The log: one JSON object a line, for machines; written whole or not at all. Thread safe.
#pragma once

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

// Writes notices, database events, requests that failed in us (5xx) or were slow. Values of rows
// never reach it: events carry names and numbers only.
class JsonLog final : public Observer {
 public:
  JsonLog(LogOptions options, Clock const& clock) : options_(options), clock_(clock) {}
  void observe(Event const& event) noexcept override;

 private:
  void write(LogLevel level, std::string_view message, std::string fields) noexcept;
  LogOptions options_;
  Clock const& clock_;
};

}  // namespace hansa::app
