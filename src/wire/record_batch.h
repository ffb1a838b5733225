// Kafka's record batch, version 2 (KIP-98; the message format section of Kafka's documentation):
// written uncompressed, read from anybody. No I/O; objects are confined to one thread, functions
// are open to all. What is malformed is a Result error (invalid_body), never a read beyond the end,
// and no count that a stranger declares is trusted with memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hansa::wire {

struct RecordHeader {
  std::string_view key;  // UTF-8 by convention; not checked
  std::optional<std::string_view> value;
  bool operator==(RecordHeader const&) const = default;
};

// Views into somebody's bytes. While reading, `headers` live until the next record is read.
struct Record {
  std::int64_t timestamp_ms = 0;  // since 1970
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;  // nullopt: a tombstone
  std::span<RecordHeader const> headers;
};

// What stands before the records; 61 bytes.
struct BatchHeader {
  std::int64_t base_offset = 0;
  std::int32_t leader_epoch = 0;
  std::uint16_t attributes = 0;
  std::int32_t last_offset_delta = 0;
  std::int64_t base_timestamp_ms = 0;
  std::int64_t max_timestamp_ms = 0;
  std::int64_t producer_id = -1;  // -1: not idempotent
  std::int16_t producer_epoch = -1;
  std::int32_t base_sequence = -1;
  std::int32_t record_count = 0;
};
inline constexpr std::size_t batch_header_bytes = 61;

enum class Codec : std::uint8_t { none = 0, gzip = 1, snappy = 2, lz4 = 3, zstd = 4 };

// Collects records and makes one batch of them. Keeps its memory from batch to batch.
class BatchWriter {
 public:
  BatchWriter();

  // The next record, one offset behind the one before. The strings are copied. Requires that
  // bytes() stays below 2^31 - 1: callers cut batches far earlier, by record_bytes().
  void append(Record const& record) { append_at(next_offset_delta_, record); }
  // The same, at an offset of the caller's: compaction leaves holes. Requires a delta above all
  // deltas before it, and not below 0.
  void append_at(std::int32_t offset_delta, Record const& record);

  [[nodiscard]] std::size_t bytes() const { return bytes_.size(); }  // header included
  [[nodiscard]] std::int32_t count() const { return header_.record_count; }

  // The batch, with producer fields -1 and leader epoch 0. It stays valid until the next call to
  // this object; the next append begins another batch. Requires count() > 0.
  [[nodiscard]] std::string_view finish(std::int64_t base_offset);

  // Drops what was collected.
  void clear();

 private:
  std::string bytes_;
  BatchHeader header_;
  std::int32_t next_offset_delta_ = 0;
  bool finished_ = false;
};

// How many bytes `record` takes in a batch at most; at most 14 bytes too many.
[[nodiscard]] std::size_t record_bytes(Record const& record);

// Steps through the records of a batch that read_batch took; nothing here fails.
class RecordCursor {
 public:
  RecordCursor(BatchHeader const& header, std::string_view records);

  // The next record, valid until the next call; nullptr behind the last one.
  [[nodiscard]] Record const* next();
  [[nodiscard]] std::int64_t offset() const { return offset_; }  // of the record next() gave

 private:
  BatchHeader header_;
  std::string_view rest_;
  std::int32_t left_;
  std::int64_t offset_ = 0;
  Record record_;
  std::vector<RecordHeader> headers_;
};

// A batch that was checked. Views the bytes it was read from.
struct BatchView {
  BatchHeader header;
  std::string_view bytes;    // the whole batch
  std::string_view records;  // behind the header; compressed if codec() says so

  [[nodiscard]] Codec codec() const { return static_cast<Codec>(header.attributes & 7U); }
  [[nodiscard]] bool log_append_time() const { return (header.attributes & 8U) != 0; }
  [[nodiscard]] bool transactional() const { return (header.attributes & 16U) != 0; }
  [[nodiscard]] bool control() const { return (header.attributes & 32U) != 0; }
  // Whether every offset of the range has its record, as far as the header says: what a broker
  // requires of a producer.
  [[nodiscard]] bool dense() const { return header.record_count - 1 == header.last_offset_delta; }
  // Requires codec() == Codec::none.
  [[nodiscard]] RecordCursor cursor() const { return {header, records}; }
};

// How many bytes the batch at the front of `bytes` says it takes, header included; they need not be
// there. Requires nothing: fewer than 12 bytes and a length no batch can have are errors.
[[nodiscard]] Result<std::size_t> batch_size(std::string_view bytes);

// The batch at the front of `bytes`; more may follow it (compare BatchView::bytes.size()). Checks
// magic, length, CRC, codec and counts, and, when it is not compressed, every record: sizes within
// bounds, offset deltas ascending and within the batch's, nothing left over.
[[nodiscard]] Result<BatchView> read_batch(std::string_view bytes);

// Checks `records`, e.g. decompressed ones, against the header of their batch as read_batch does; a
// RecordCursor may then walk them.
[[nodiscard]] Result<void> check_records(BatchHeader const& header, std::string_view records);

// Moves a batch to another offset in place; its CRC does not cover the offset. Requires at least
// batch_header_bytes.
void set_base_offset(std::span<char> batch, std::int64_t base_offset);

}  // namespace hansa::wire
