// Records to rows of hansa.segment: batches cut by size, offsets dense, the whole as one statement.
// Values; pure; confined to one thread; nothing fails.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "log/decimal_text.h"
#include "postgres/session.h"
#include "wire/record_batch.h"

namespace hansa::log {

inline constexpr std::size_t segment_bytes_max = 256U << 10U;  // but a record that is larger alone
inline constexpr std::int32_t segment_records_max = 5'000;

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
  // The record at the partition's next offset. Cuts the batch before it where it would grow too
  // large.
  void append(PartitionEnd& end, wire::Record const& record);
  // Ends the batch of a partition, if there is one; `end.next` is then behind its last record.
  void cut(PartitionEnd& end);
  // A batch that was made elsewhere. `next_offset`: behind the last offset it stands for.
  void add(std::int32_t topic, std::int32_t partition, std::int64_t next_offset,
           std::string_view batch);

  // The INSERT of all of them; requires that there are some. Valid until the next call of another
  // function.
  [[nodiscard]] postgres::Statement insert() const;
  void clear();

  [[nodiscard]] std::uint64_t segments() const { return segments_; }
  [[nodiscard]] std::uint64_t records() const { return records_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }  // of the batches

 private:
  ArrayText topics_, partitions_, bases_, nexts_, times_, counts_, lengths_;
  std::string batches_;  // one behind the other
  std::uint64_t segments_ = 0, records_ = 0, bytes_ = 0;
};

}  // namespace hansa::log
