// Whether a topic takes what a client sent for one of its partitions: one sound record batch within
// the topic's bounds. Pure; open to all threads; bounded in memory whatever the bytes say.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "base/clock.h"
#include "wire/error.h"
#include "wire/record_batch.h"

namespace hansa::gateway {

// Why a batch was refused, as Kafka's answer tells it.
struct Refused {
  wire::KafkaError error = wire::KafkaError::invalid_record;
  std::string message;
  std::int32_t record = -1;  // in the batch, from 0; -1: all of it
};

// nullopt: the topic takes this record. Else why not, as a sentence.
using RecordRule = std::function<std::optional<std::string>(wire::Record const&)>;

struct BatchRules {
  std::size_t bytes_max = 1'048'588;                // of the batch as sent: max.message.bytes
  std::size_t decompressed_bytes_max = 64U << 20U;  // of its records
  bool keys_required = false;                       // compacted topics
  bool append_time = false;                         // message.timestamp.type=LogAppendTime
  std::int64_t ahead_ms_max = 3'600'000;            // message.timestamp.after.max.ms
  RecordRule record;                                // empty: any record
};

// The header of the one batch in `bytes`. Where a producer left its greatest time wrong, or where
// the topic has times of its own, header and checksum are mended in place. `produce_version`: zstd
// came with 7.
[[nodiscard]] std::expected<wire::BatchHeader, Refused> check_batch(std::span<char> bytes,
                                                                    BatchRules const& rules,
                                                                    std::int16_t produce_version,
                                                                    Time now);

}  // namespace hansa::gateway
