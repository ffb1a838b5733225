// Records to a broker of Kafka's protocol, ours or another: each is stored once and in its order
// (an idempotent producer, acks=all), and the caller hears where. Confined to one thread; what
// librdkafka does beside it stays behind send, poll and flush.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace hansa::kafka {

using Header = std::pair<std::string, std::string>;  // name, value

// Its strings are copied.
struct Outgoing {
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;  // nullopt: a tombstone
  std::optional<std::int32_t> partition;  // nullopt: by the key, as Java's producer does (murmur2)
  std::vector<Header> headers;
  std::uint64_t number = 0;  // the caller's; comes back with its fate
};

// What became of a record: where it is, or why it is nowhere.
struct Fate {
  std::uint64_t number = 0;
  std::int32_t partition = -1;
  std::int64_t offset = -1;
  std::optional<Error> error;  // invalid_record, record_refused, value_over_limit,
                               // unknown_topic, broker_unreachable
};

struct ProducerOptions {
  std::string brokers;  // "host:port[,host:port]"
  std::string topic;
  std::string client_id = "hansa";
  std::chrono::milliseconds timeout{30'000};  // until a record's fate is known
  std::size_t waiting_max = 10'000;           // records whose fate is not
};

class Producer {
 public:
  // Reaches a broker. `told` is called by poll and flush, once a record. Throws
  // Failure(broker_unreachable).
  Producer(ProducerOptions options, std::function<void(Fate const&)> told);
  // What has no fate yet is given up.
  ~Producer();
  Producer(Producer const&) = delete;
  Producer& operator=(Producer const&) = delete;

  // Waits while `waiting_max` records wait. Error: value_over_limit, record_refused.
  [[nodiscard]] Result<void> send(Outgoing const& record);
  // Tells the fates that are known.
  void poll();
  // Until every record has one.
  void flush();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hansa::kafka
