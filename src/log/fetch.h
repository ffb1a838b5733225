// Reading the log: the one path for ports, the gateway and people. Blocking; a session's thread.
// The bytes of a batch are checked before they leave here. Throws what postgres::Session throws.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/session.h"

namespace hansa::log {

struct FetchPosition {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;  // of the first record wanted
};

// What is there of a partition: offsets from `start` up to, not including, `end`.
struct Watermarks {
  std::int64_t start = 0;
  std::int64_t end = 0;  // Kafka's high watermark; nothing is ever open, so its last stable offset
};

struct Fetched {
  enum class Outcome : std::uint8_t {
    ok,
    unknown,       // no such topic or partition
    out_of_range,  // below start or above end
    corrupt,       // what is stored at the offset is no batch: its checksum or its form
  };
  Outcome outcome = Outcome::ok;
  Watermarks watermarks;
  // Whole record batches, one behind the other (wire::read_batch). The first holds the offset
  // wanted or, where compaction left a hole, the next there is; it may begin before it. Empty at
  // the end.
  std::string batches;
};

struct FetchLimits {
  std::size_t bytes_max = 1U << 20U;         // of one partition, but at least one batch
  std::size_t total_bytes_max = 50U << 20U;  // of all; partitions beyond it give nothing
  std::int32_t batches_max = 1'000;          // of one partition
};

// One answer a position, in order. Positions at their end cost nothing but their share of one
// statement, so that a reader of many partitions may ask often.
[[nodiscard]] std::vector<Fetched> fetch(postgres::Session& session,
                                         std::span<FetchPosition const> positions,
                                         FetchLimits const& limits = {});

// The same for one position within bounds that the caller has read just now, in one round trip.
// `topic_id`: hansa.topic.id. Nothing where the topic, or all that was there, is gone since.
[[nodiscard]] Fetched fetch_within(postgres::Session& session, std::int32_t topic_id,
                                   FetchPosition const& position, Watermarks const& bounds,
                                   FetchLimits const& limits = {});

// nullopt: no such topic or partition.
[[nodiscard]] std::optional<Watermarks> watermarks(postgres::Session& session,
                                                   std::string const& topic,
                                                   std::int32_t partition);

struct TimedOffset {
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = 0;
};
// The first record that is not older than `timestamp_ms` (since 1970), as Kafka's ListOffsets finds
// it; nullopt if there is none. Of a batch that cannot be looked into (more than 64 MiB when it is
// decompressed), its first offset. Reads the heads of segments from the start: the older, the
// sooner.
[[nodiscard]] std::optional<TimedOffset> offset_at(postgres::Session& session,
                                                   std::string const& topic, std::int32_t partition,
                                                   std::int64_t timestamp_ms);

}  // namespace hansa::log
