// Where a subscription reads from: the consumer port. The log of a database is one implementation,
// Kafka another; both pass one contract test (source_contract.h).
//
// Blocking; confined to one thread. The world failing is a Failure (database_unreachable, ...), and
// the source is then of no further use.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace hansa::events {

// One record as it stands in the topic. Views into what the source holds.
struct Record {
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = 0;  // since 1970
  std::string_view key;
  std::optional<std::string_view> value;  // nullopt: a tombstone
  // Of its headers, those that this program knows; empty where they are absent.
  std::string_view id;         // ce_id
  std::string_view source;     // ce_source
  std::string_view type;       // ce_type
  std::string_view operation;  // hansa_op: "create", "update", "delete"
  std::string_view trace;      // traceparent
  std::string_view actor;      // hansa_actor
};

struct Bounds {
  std::int64_t start = 0;  // the oldest offset that can be read
  std::int64_t next = 0;   // the offset the next record will get: the high watermark
};

class Source {
 public:
  virtual ~Source() = default;

  // Learns how far the topics are; partitions() and bounds() answer from what was learnt last. What
  // was seen committed before the call is in it.
  virtual void refresh(std::span<std::string const> topics) = 0;
  // How many partitions the topic has; 0: there is no such topic.
  [[nodiscard]] virtual std::int32_t partitions(std::string const& topic) const = 0;
  // Zeros for a partition that is not there.
  [[nodiscard]] virtual Bounds bounds(std::string const& topic, std::int32_t partition) const = 0;

  // What the topic's offsets are offsets of, as of the last refresh(): another cluster's mean
  // nothing here, nor do those of a topic of that name that was made anew. Stored beside them.
  // Empty for a topic that is not there.
  [[nodiscard]] virtual std::string identity(std::string const& topic) = 0;

  // Records from `offset` on, in order, without gaps but for what compaction and retention took; at
  // most `records_max`, and no more than fit `bytes_max` of keys and values but for the first.
  // Empty: none yet. An offset before the start reads from the start. They live until the next
  // read(). Throws Failure: unknown_topic, offset_out_of_range for
  // an offset beyond the end, corrupt_segment.
  [[nodiscard]] virtual std::span<Record const> read(std::string const& topic,
                                                     std::int32_t partition, std::int64_t offset,
                                                     std::size_t records_max,
                                                     std::size_t bytes_max) = 0;

  // Appends the value of a record that is no tombstone as the text of one JSON object, whatever
  // format it has. Error: unreadable_event, if it is not what its topic promises; `out` is then as
  // it was before.
  [[nodiscard]] virtual Result<void> decode(Record const& record, std::string& out) = 0;
};

}  // namespace hansa::events
