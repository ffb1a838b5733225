// Where the time comes from. Pure code takes a time point; the edges hold a Clock, and tests a
// fixed one.
#pragma once

#include <chrono>
#include <string>

namespace hansa {

using Time = std::chrono::sys_time<std::chrono::microseconds>;

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Time now() const = 0;
};

// The system's clock, in UTC. Lives as long as the program.
[[nodiscard]] Clock const& system_clock();

// RFC 3339 in UTC with microseconds: "2026-01-01T10:00:00.000000Z".
[[nodiscard]] std::string to_text(Time time);

}  // namespace hansa
