// A span of time in words. Pure.
#pragma once

#include <chrono>
#include <string>

namespace hansa::cli {

// "250 ms", "12 s", "5 min", "3 h", "2 d": whole units, cut.
[[nodiscard]] std::string how_long(std::chrono::milliseconds span);

}  // namespace hansa::cli
