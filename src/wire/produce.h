// Produce (API key 0): records of clients. Values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/api.h"
#include "wire/error.h"

namespace hansa::wire {

struct ProduceRequest {
  static constexpr ApiKey key = ApiKey::produce;
  struct Partition {
    std::int32_t index = 0;
    std::optional<std::string_view> records;  // one record batch; of the request's bytes
  };
  struct Topic {
    std::string name;
    std::vector<Partition> partitions;
  };
  std::optional<std::string> transactional_id;
  std::int16_t acks = -1;  // 0: no answer; -1: of all replicas
  std::int32_t timeout_ms = 0;
  std::vector<Topic> topics;
};

struct ProduceResponse {
  static constexpr ApiKey key = ApiKey::produce;
  struct RecordError {  // from version 8
    std::int32_t batch_index = 0;
    std::optional<std::string> message;
  };
  struct Partition {
    std::int32_t index = 0;
    KafkaError error = KafkaError::none;
    std::int64_t base_offset = -1;
    std::int64_t log_append_time_ms = -1;
    std::int64_t log_start_offset = -1;      // from version 5
    std::vector<RecordError> record_errors;  // from version 8
    std::optional<std::string> error_message;
  };
  struct Topic {
    std::string name;
    std::vector<Partition> partitions;
  };
  std::vector<Topic> topics;
  std::int32_t throttle_ms = 0;
};

}  // namespace hansa::wire
