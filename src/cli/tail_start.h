// Where `hansa events tail --from` begins. Pure.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "events/tail.h"

namespace hansa::cli {

// "earliest", "latest", an offset ("42"), a time in RFC 3339 with an offset, a day ("2026-01-31",
// from its start in UTC), or how long back from `now`: "90s", "15m", "2h", "3d", "1h30m", at most
// 100 years. Error: usage.
[[nodiscard]] Result<events::TailStart> parse_start(std::string_view text, Time now);

}  // namespace hansa::cli
