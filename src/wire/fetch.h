// Fetch (API key 1): records for clients. Values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/api.h"
#include "wire/error.h"

namespace hansa::wire {

struct FetchRequest {
  static constexpr ApiKey key = ApiKey::fetch;
  struct Partition {
    std::int32_t index = 0;
    std::int32_t current_leader_epoch = -1;  // from version 9
    std::int64_t offset = 0;
    std::int32_t last_fetched_epoch = -1;  // from version 12
    std::int64_t log_start_offset = -1;    // of a follower; from version 5
    std::int32_t bytes_max = 0;
  };
  struct Topic {
    std::string name;
    std::vector<Partition> partitions;
  };
  struct Forgotten {
    std::string name;
    std::vector<std::int32_t> partitions;
  };
  std::int32_t replica_id = -1;
  std::int32_t wait_max_ms = 0, bytes_min = 0, bytes_max = 0x7fffffff;
  std::int8_t isolation_level = 0;
  std::int32_t session_id = 0, session_epoch = -1;  // from version 7 (KIP-227)
  std::vector<Topic> topics;
  std::vector<Forgotten> forgotten;
  std::string rack_id;
};

struct FetchResponse {
  static constexpr ApiKey key = ApiKey::fetch;
  struct Aborted {
    std::int64_t producer_id = -1, first_offset = -1;
  };
  struct Partition {
    std::int32_t index = 0;
    KafkaError error = KafkaError::none;
    std::int64_t high_watermark = -1, last_stable_offset = -1, log_start_offset = -1;
    std::optional<std::vector<Aborted>> aborted;
    std::int32_t preferred_read_replica = -1;
    std::optional<std::string_view> records;  // the caller's bytes
  };
  struct Topic {
    std::string name;
    std::vector<Partition> partitions;
  };
  std::int32_t throttle_ms = 0;
  KafkaError error = KafkaError::none;
  std::int32_t session_id = 0;
  std::vector<Topic> topics;
};

}  // namespace hansa::wire
