// How long a request waited for PostgreSQL, for Server-Timing.
#pragma once

#include <chrono>

namespace hansa::product {

class Stopwatch {
 public:
  Stopwatch() : started_(std::chrono::steady_clock::now()) {}
  [[nodiscard]] std::chrono::nanoseconds elapsed() const {
    return std::chrono::steady_clock::now() - started_;
  }

 private:
  std::chrono::steady_clock::time_point started_;
};

}  // namespace hansa::product
