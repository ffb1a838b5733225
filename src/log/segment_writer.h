// Records to rows of hansa.segment: batches cut by size, offsets dense, the whole as one COPY.
// Values; pure; confined to one thread; nothing fails.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "wire/record_batch.h"

namespace hansa::log {

inline constexpr std::size_t segment_bytes_max = 256U << 10U;  // but a record that is larger alone
inline constexpr std::int32_t segment_records_max = 5'000;

// What the rows are copied with: `segment_copy` FROM STDIN in PostgreSQL's binary format.
inline constexpr std::string_view segment_copy =
    "copy hansa.segment (topic, partition, base_offset, next_offset, max_time_ms, records, batch) "
    "from stdin (format binary)";

// One partition while it is written to.
struct PartitionEnd {
  std::int32_t topic = 0;  // hansa.topic.id
  std::int32_t partition = 0;
  std::int64_t committed = 0;  // next_offset as the database has it
  std::int64_t next = 0;       // of the next batch
  wire::BatchWriter batch = {};

  [[nodiscard]] bool changed() const { return next != committed || batch.count() > 0; }
};

class SegmentWriter {
 public:
  SegmentWriter() { clear(); }

  // The record at the partition's next offset. Cuts the batch before it where it would grow too
  // large.
  void append(PartitionEnd& end, wire::Record const& record);
  // Ends the batch of a partition, if there is one; `end.next` is then behind its last record.
  void cut(PartitionEnd& end);
  // A batch that was made elsewhere. `next_offset`: behind the last offset it stands for.
  void add(std::int32_t topic, std::int32_t partition, std::int64_t next_offset,
           std::string_view batch);

  // The data of the COPY; the next append() or add() begins another one after clear().
  [[nodiscard]] std::string_view finish();
  void clear();

  [[nodiscard]] std::uint64_t segments() const { return segments_; }
  [[nodiscard]] std::uint64_t records() const { return records_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }  // of the batches

 private:
  std::string copy_;
  std::uint64_t segments_ = 0, records_ = 0, bytes_ = 0;
};

}  // namespace hansa::log
