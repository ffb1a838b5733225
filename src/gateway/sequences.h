// The sequence numbers of idempotent producers (KIP-98, KIP-360): which batch is new, which was
// sent again, which one is missing. Values; pure; nothing fails.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "wire/record_batch.h"

namespace hansa::gateway {

// A batch that was stored.
struct StoredBatch {
  std::int32_t first = 0, last = 0;  // sequence numbers
  std::int64_t base_offset = 0;
  bool operator==(StoredBatch const&) const = default;
};

// What is known of one producer in one partition.
struct ProducerState {
  static constexpr std::size_t recent_max = 5;  // as many batches as a producer may have under way

  std::int16_t epoch = -1;
  std::deque<StoredBatch> recent;  // the newest last; never empty once there is an epoch
  bool operator==(ProducerState const&) const = default;
};

struct SequenceVerdict {
  enum class Kind : std::uint8_t {
    append,
    duplicate,     // stored before, at base_offset
    out_of_order,  // batches between the last one stored and this are missing
    fenced,        // a newer producer of that id was seen
  };
  Kind kind = Kind::append;
  std::int64_t base_offset = -1;
};

// The sequence number of a batch's last record; numbers go on with 0 behind 2^31 - 1.
[[nodiscard]] std::int32_t last_sequence(wire::BatchHeader const& header);

// Requires header.producer_id >= 0. `known`: nullopt for a producer never seen here, whose first
// batch may have any number: what was known of it may have expired (KIP-360).
[[nodiscard]] SequenceVerdict judge(std::optional<ProducerState> const& known,
                                    wire::BatchHeader const& header);

// After an append at `base_offset`.
void note(std::optional<ProducerState>& known, wire::BatchHeader const& header,
          std::int64_t base_offset);

// "0:9:100;10:19:110": first and last sequence and offset of `recent`.
[[nodiscard]] std::string to_text(ProducerState const& state);
// nullopt for anything that to_text does not write.
[[nodiscard]] std::optional<ProducerState> parse_producer(std::int16_t epoch,
                                                          std::string_view text);

}  // namespace hansa::gateway
