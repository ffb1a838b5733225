// Ways to cut a reaction's events into batches. A reaction that is right does the same whichever
// way its events arrive (DESIGN section 6). Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace hansa::events {

struct Split {
  std::string name;                // "one at a time", "3 at once", "2 then 1"
  std::vector<std::size_t> sizes;  // of the batches, in order; none is 0
};

// In two, a test's events are cut at this many places at most, spread evenly.
inline constexpr std::size_t cuts_max = 8;

// One at a time first; then all at once and in two, as far as batches of `batch_max` (1 or more)
// allow, and no way twice. Requires an event.
[[nodiscard]] std::vector<Split> splits_of(std::size_t events, std::size_t batch_max);

}  // namespace hansa::events
