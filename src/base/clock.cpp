#include "base/clock.h"

#include <fmt/chrono.h>

namespace hansa {
namespace {

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
  }
};

}  // namespace

Clock const& system_clock() {
  static SystemClock const clock;
  return clock;
}

std::string to_text(Time time) {
  auto const seconds = std::chrono::floor<std::chrono::seconds>(time);
  auto const since = fmt::gmtime(std::chrono::system_clock::to_time_t(seconds));
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}Z", since, (time - seconds).count());
}

}  // namespace hansa
