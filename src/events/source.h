// Where a subscription reads from: the consumer port. The log of a database is one implementation,
// Kafka another; both pass one contract test (source_contract.h).
//
// Blocking; confined to one thread. The world failing is a Failure (database_unreachable, ...).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hansa::events {

struct Header {
  std::string key;
  std::string value;
};

// One record as it stands in the topic.
struct Record {
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = 0;  // since 1970
  std::string key;
  std::optional<std::string> value;  // nullopt: a tombstone
  std::vector<Header> headers;
};

struct Bounds {
  std::int64_t start = 0;  // the oldest offset that can be read
  std::int64_t next = 0;   // the offset the next record will get: the high watermark
};

class Source {
 public:
  virtual ~Source() = default;
  // What offsets are offsets of: another cluster's mean nothing here. Stored beside them.
  [[nodiscard]] virtual std::string cluster() = 0;
  // How many partitions the topic has; 0: there is no such topic (yet).
  [[nodiscard]] virtual std::int32_t partitions(std::string const& topic) = 0;
  [[nodiscard]] virtual Bounds bounds(std::string const& topic, std::int32_t partition) = 0;
  // Records from `offset` on, in order, without gaps but for what compaction took; at most
  // `records_max`, and no more than fit `bytes_max` once there is one. Empty: none yet. An offset
  // before the start reads from the start.
  [[nodiscard]] virtual std::vector<Record> read(std::string const& topic, std::int32_t partition,
                                                 std::int64_t offset, std::size_t records_max,
                                                 std::size_t bytes_max) = 0;
  // Record values as one JSON object's text each, whatever format they have. Error text for those
  // that are not what their topic promises.
  struct Decoded {
    std::string json;   // empty for a tombstone
    std::string error;  // empty if it decoded
  };
  [[nodiscard]] virtual Decoded decode(std::string const& topic, Record const& record) = 0;
};

}  // namespace hansa::events
