// Keeps compacted topics small: rewrites their segments with only what is still needed, a bounded
// step a call. Blocking; confined to one thread, with a session of the caller's. Throws what
// postgres::Session throws; the next step then begins with the next partition.
//
// Passes over one partition at a time: first the keys of what is new are noted, then everything up
// to there is rewritten, from the start. The newest segment of a partition is left alone, so that
// its end never lies in a hole. What has been passed is remembered by the object only: a new
// process begins from the start, which costs reading and changes nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "log/compaction.h"
#include "postgres/session.h"

namespace hansa::log {

struct CompactionLimits {
  std::size_t keys_bytes_max = 64U << 20U;  // of the keys in memory; a pass covers so many
  std::size_t step_bytes_max = 8U << 20U;   // of segments read by a step, but at least one
  std::int32_t step_segments_max = 1'000;
  std::chrono::milliseconds tombstones_kept = std::chrono::hours(24);
  // A partition is passed over again once so much was added, as a share of what had been passed.
  double growth_min = 0.5;
};

class Compactor {
 public:
  explicit Compactor(CompactionLimits limits = {}) : limits_(limits) {}

  struct Step {
    bool idle = false;  // nothing to do now in any partition
    std::uint64_t records_removed = 0;
    std::uint64_t segments_read = 0, segments_written = 0;
  };
  [[nodiscard]] Step step(postgres::Session& session, Time now);

 private:
  using PartitionId = std::pair<std::int32_t, std::int32_t>;  // topic, partition
  struct Pass {
    PartitionId partition;
    std::int64_t note_from = 0;  // the next segment to note keys of; once `rewriting`: to rewrite
    std::int64_t limit = 0;      // segments from here on are left alone
    bool rewriting = false;
    bool opaque = false;  // a batch could not be looked into
  };

  [[nodiscard]] std::optional<Pass> choose(postgres::Session& session);
  void note(postgres::Session& session, Step& step);
  void rewrite(postgres::Session& session, Time now, Step& step);
  [[nodiscard]] postgres::Rows read(postgres::Session& session) const;
  void end_pass();

  CompactionLimits limits_;
  std::map<PartitionId, std::int64_t> passed_;  // up to which offset
  PartitionId last_{0, -1};                     // whose turn it was
  std::optional<Pass> pass_;
  LatestOffsets latest_;
  SegmentWriter writer_;
};

}  // namespace hansa::log
