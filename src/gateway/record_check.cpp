#include "gateway/record_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "wire/big_endian.h"
#include "wire/compression.h"
#include "wire/crc32c.h"

namespace hansa::gateway {
namespace {

using wire::BatchHeader;
using wire::Codec;
using wire::KafkaError;

// Places in a batch (wire/record_batch.h); the checksum covers what is behind it.
constexpr std::size_t magic_at = 16, crc_at = 17, attributes_at = 21, max_timestamp_at = 35;
constexpr std::uint16_t log_append_time = 8;
constexpr std::int16_t zstd_since = 7;

std::unexpected<Refused> refused(KafkaError error, std::string message, std::int32_t record = -1) {
  return std::unexpected(Refused{error, std::move(message), record});
}

std::int64_t milliseconds(Time time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}

// What can be told before anything is computed over the bytes.
std::expected<wire::BatchView, Refused> one_batch(std::string_view bytes, BatchRules const& rules) {
  if (bytes.size() > rules.bytes_max)
    return refused(
        KafkaError::message_too_large,
        fmt::format("a batch of {} bytes; this topic takes {}", bytes.size(), rules.bytes_max));
  if (bytes.size() > magic_at && bytes[magic_at] != 2) {
    bool const older = bytes[magic_at] == 0 || bytes[magic_at] == 1;
    return refused(older ? KafkaError::invalid_record : KafkaError::corrupt_message,
                   "records must be in the message format version 2");
  }
  if (bytes.size() < wire::batch_header_bytes)
    return refused(KafkaError::invalid_record, "no record batch");
  auto const stored = wire::load_big_endian<std::uint32_t>(bytes.data() + crc_at);
  auto const size = wire::batch_size(bytes);
  if (!size || *size > bytes.size())
    return refused(KafkaError::invalid_record, "a batch longer than what was sent");
  if (*size < bytes.size())
    return refused(KafkaError::invalid_record, "more than one record batch for a partition");
  if (stored != wire::crc32c(bytes.substr(attributes_at)))
    return refused(KafkaError::corrupt_message, "the checksum of the batch is wrong");
  auto const batch = wire::read_batch(bytes);
  if (!batch) return refused(KafkaError::invalid_record, batch.error().detail);
  if (batch->control() || batch->transactional())
    return refused(KafkaError::invalid_record, "transactions are not served here");
  if (batch->header.record_count == 0 || !batch->dense())
    return refused(KafkaError::invalid_record, "count and offsets of the records disagree");
  if (batch->header.producer_id >= 0 &&
      (batch->header.producer_epoch < 0 || batch->header.base_sequence < 0))
    return refused(KafkaError::invalid_record, "a producer id without epoch and sequence");
  return *batch;
}

struct Times {
  std::int64_t greatest = std::numeric_limits<std::int64_t>::min();
};

std::expected<Times, Refused> check_records(wire::RecordCursor cursor, BatchRules const& rules,
                                            std::int64_t now_ms) {
  Times times;
  std::int32_t place = 0;
  while (auto const* record = cursor.next()) {
    if (rules.keys_required && !record->key)
      return refused(KafkaError::invalid_record, "a compacted topic takes no record without a key",
                     place);
    if (!rules.append_time && record->timestamp_ms > now_ms + rules.ahead_ms_max)
      return refused(KafkaError::invalid_timestamp,
                     fmt::format("time {} is too far ahead of {}", record->timestamp_ms, now_ms),
                     place);
    if (rules.record)
      if (auto reason = rules.record(*record))
        return refused(KafkaError::invalid_record, *std::move(reason), place);
    times.greatest = std::max(times.greatest, record->timestamp_ms);
    ++place;
  }
  return times;
}

void mend(std::span<char> bytes, BatchHeader& header, std::int64_t max_timestamp_ms,
          std::uint16_t attributes) {
  if (header.max_timestamp_ms == max_timestamp_ms && header.attributes == attributes) return;
  header.max_timestamp_ms = max_timestamp_ms;
  header.attributes = attributes;
  wire::store_big_endian(attributes, bytes.data() + attributes_at);
  wire::store_big_endian(max_timestamp_ms, bytes.data() + max_timestamp_at);
  auto const covered = std::string_view(bytes.data(), bytes.size()).substr(attributes_at);
  wire::store_big_endian(wire::crc32c(covered), bytes.data() + crc_at);
}

}  // namespace

std::expected<BatchHeader, Refused> check_batch(std::span<char> bytes, BatchRules const& rules,
                                                std::int16_t produce_version, Time now) {
  auto const batch = one_batch({bytes.data(), bytes.size()}, rules);
  if (!batch) return std::unexpected(batch.error());
  auto header = batch->header;
  if (batch->codec() == Codec::zstd && produce_version < zstd_since)
    return refused(KafkaError::unsupported_compression_type,
                   "zstd needs version 7 of Produce or later");
  auto const now_ms = milliseconds(now);
  std::expected<Times, Refused> times;
  if (batch->codec() == Codec::none) {
    times = check_records(batch->cursor(), rules, now_ms);
  } else {
    auto const records =
        wire::decompress(batch->codec(), batch->records, rules.decompressed_bytes_max);
    if (!records) return refused(KafkaError::invalid_record, records.error().detail);
    if (auto const sound = wire::check_records(header, *records); !sound)
      return refused(KafkaError::invalid_record, sound.error().detail);
    times = check_records({header, *records}, rules, now_ms);
  }
  if (!times) return std::unexpected(times.error());
  if (rules.append_time)
    mend(bytes, header, now_ms, header.attributes | log_append_time);
  else
    mend(bytes, header, times->greatest, header.attributes & ~log_append_time);
  return header;
}

}  // namespace hansa::gateway
