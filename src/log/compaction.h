// Which records of a compacted topic are still needed: the newest of each key, and deletions for a
// while. Values; pure; confined to one thread; nothing fails.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "log/segment_writer.h"
#include "wire/record_batch.h"

namespace hansa::log {

// The newest offset of each key in a stretch of the log.
class LatestOffsets {
 public:
  // Notes the records of a batch that is not compressed. Offsets only rise.
  void add(wire::BatchView const& batch);
  // The memory it takes, roughly.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  // Whether a later record of the key was noted.
  [[nodiscard]] bool superseded(std::string_view key, std::int64_t offset) const;
  void clear();

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const {
      return std::hash<std::string_view>{}(key);
    }
  };
  std::unordered_map<std::string, std::int64_t, Hash, std::equal_to<>> offsets_;
  std::size_t bytes_ = 0;
};

// Deletions older than `before_ms` go too, once nothing they delete can be left before them.
struct TombstoneRule {
  bool removable = false;
  std::int64_t before_ms = 0;
};

// Writes what is left of consecutive batches of one partition, many small ones as one large.
// Offsets stay as they are, with holes.
class Rewriter {
 public:
  Rewriter(std::int32_t topic, std::int32_t partition, SegmentWriter& writer)
      : topic_(topic), partition_(partition), writer_(&writer) {}

  // Requires Codec::none.
  void add(wire::BatchView const& batch, LatestOffsets const& latest, TombstoneRule tombstones);
  // Ends the last batch.
  void finish();
  [[nodiscard]] std::uint64_t removed() const { return removed_; }  // records left out

 private:
  void keep(std::int64_t offset, wire::Record const& record);

  std::int32_t topic_, partition_;
  SegmentWriter* writer_;
  wire::BatchWriter batch_;
  std::int64_t base_ = 0, last_ = 0;
  std::uint64_t removed_ = 0;
};

}  // namespace hansa::log
