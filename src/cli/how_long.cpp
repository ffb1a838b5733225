#include "cli/how_long.h"

#include <fmt/format.h>

namespace hansa::cli {

std::string how_long(std::chrono::milliseconds span) {
  using namespace std::chrono;
  if (span >= days(2)) return fmt::format("{} d", floor<days>(span).count());
  if (span >= hours(2)) return fmt::format("{} h", floor<hours>(span).count());
  if (span >= minutes(2)) return fmt::format("{} min", floor<minutes>(span).count());
  if (span >= seconds(1)) return fmt::format("{} s", floor<seconds>(span).count());
  return fmt::format("{} ms", span.count());
}

}  // namespace hansa::cli
