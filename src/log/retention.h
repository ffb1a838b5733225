// Deletion of segments that are older than their topic keeps them. Blocking; a session's thread.
// Bounded: a call does one share of the work. Throws what postgres::Session throws.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "postgres/session.h"

namespace hansa::log {

struct Removed {
  std::uint64_t segments = 0;
  std::uint64_t records = 0;
  bool more = false;  // the bound was reached: there may be more to do
};

// Removes from the start of every partition whose topic has a retention and a cleanup of `delete`:
// segments all of whose records are older, up to the first that is not. Raises the partition's
// start. At most `segments_max` a partition; each partition is one statement of its own.
[[nodiscard]] Removed remove_expired(postgres::Session& session, Time now,
                                     std::int32_t segments_max = 1'000);

}  // namespace hansa::log
