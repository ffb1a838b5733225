// Topics and their settings: CreateTopics (19), DeleteTopics (20), CreatePartitions (37),
// DeleteRecords (21), DescribeConfigs (32), AlterConfigs (33), IncrementalAlterConfigs (44).
// Values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/api.h"
#include "wire/error.h"
#include "wire/protocol_io.h"

namespace hansa::wire {

struct CreateTopicsRequest {
  static constexpr ApiKey key = ApiKey::create_topics;
  struct Assignment {
    std::int32_t partition = 0;
    std::vector<std::int32_t> brokers;
  };
  struct Config {
    std::string name;
    std::optional<std::string> value;
  };
  struct Topic {
    std::string name;
    std::int32_t partitions = -1;  // -1: the broker's default
    std::int16_t replication_factor = -1;
    std::vector<Assignment> assignments;
    std::vector<Config> configs;
  };
  std::vector<Topic> topics;
  std::int32_t timeout_ms = 60'000;
  bool validate_only = false;
};

struct CreateTopicsResponse {
  static constexpr ApiKey key = ApiKey::create_topics;
  struct Config {
    std::string name;
    std::optional<std::string> value;
    bool read_only = false;
    std::int8_t source = -1;
    bool sensitive = false;
  };
  struct Topic {
    std::string name;
    Uuid id{};
    KafkaError error = KafkaError::none;
    std::optional<std::string> error_message;
    std::int32_t partitions = -1;
    std::int16_t replication_factor = -1;
    std::optional<std::vector<Config>> configs;
  };
  std::int32_t throttle_ms = 0;
  std::vector<Topic> topics;
};

struct DeleteTopicsRequest {
  static constexpr ApiKey key = ApiKey::delete_topics;
  std::vector<std::string> topics;
  std::int32_t timeout_ms = 0;
};

// Of DeleteTopics and CreatePartitions: an error for each topic.
struct TopicError {
  std::string name;
  KafkaError error = KafkaError::none;
  std::optional<std::string> message;
};

struct DeleteTopicsResponse {
  static constexpr ApiKey key = ApiKey::delete_topics;
  std::int32_t throttle_ms = 0;
  std::vector<TopicError> topics;
};

struct CreatePartitionsRequest {
  static constexpr ApiKey key = ApiKey::create_partitions;
  struct Assignment {
    std::vector<std::int32_t> brokers;
  };
  struct Topic {
    std::string name;
    std::int32_t count = 0;
    std::optional<std::vector<Assignment>> assignments;
  };
  std::vector<Topic> topics;
  std::int32_t timeout_ms = 0;
  bool validate_only = false;
};

struct CreatePartitionsResponse {
  static constexpr ApiKey key = ApiKey::create_partitions;
  std::int32_t throttle_ms = 0;
  std::vector<TopicError> topics;
};

struct DeleteRecordsRequest {
  static constexpr ApiKey key = ApiKey::delete_records;
  struct Partition {
    std::int32_t index = 0;
    std::int64_t offset = 0;  // records before it go; -1: all there are
  };
  struct Topic {
    std::string name;
    std::vector<Partition> partitions;
  };
  std::vector<Topic> topics;
  std::int32_t timeout_ms = 0;
};

struct DeleteRecordsResponse {
  static constexpr ApiKey key = ApiKey::delete_records;
  struct Partition {
    std::int32_t index = 0;
    std::int64_t low_watermark = -1;
    KafkaError error = KafkaError::none;
  };
  struct Topic {
    std::string name;
    std::vector<Partition> partitions;
  };
  std::int32_t throttle_ms = 0;
  std::vector<Topic> topics;
};

enum class ConfigResource : std::int8_t { unknown = 0, topic = 2, broker = 4, broker_logger = 8 };

struct DescribeConfigsRequest {
  static constexpr ApiKey key = ApiKey::describe_configs;
  struct Resource {
    std::int8_t type = 0;
    std::string name;
    std::optional<std::vector<std::string>> names;  // nullopt: all
  };
  std::vector<Resource> resources;
  bool synonyms = false, documentation = false;
};

struct DescribeConfigsResponse {
  static constexpr ApiKey key = ApiKey::describe_configs;
  struct Synonym {
    std::string name;
    std::optional<std::string> value;
    std::int8_t source = 0;
  };
  struct Config {
    std::string name;
    std::optional<std::string> value;
    bool read_only = false;
    std::int8_t source = -1;
    bool sensitive = false;
    std::vector<Synonym> synonyms;
    std::int8_t type = 0;
    std::optional<std::string> documentation;
  };
  struct Resource {
    KafkaError error = KafkaError::none;
    std::optional<std::string> error_message;
    std::int8_t type = 0;
    std::string name;
    std::vector<Config> configs;
  };
  std::int32_t throttle_ms = 0;
  std::vector<Resource> resources;
};

struct AlterConfigsRequest {
  static constexpr ApiKey key = ApiKey::alter_configs;
  struct Config {
    std::string name;
    std::optional<std::string> value;
  };
  struct Resource {
    std::int8_t type = 0;
    std::string name;
    std::vector<Config> configs;  // all there are from now on
  };
  std::vector<Resource> resources;
  bool validate_only = false;
};

struct ResourceError {
  KafkaError error = KafkaError::none;
  std::optional<std::string> message;
  std::int8_t type = 0;
  std::string name;
};

struct AlterConfigsResponse {
  static constexpr ApiKey key = ApiKey::alter_configs;
  std::int32_t throttle_ms = 0;
  std::vector<ResourceError> resources;
};

struct IncrementalAlterConfigsRequest {
  static constexpr ApiKey key = ApiKey::incremental_alter_configs;
  static constexpr std::int8_t set = 0, remove = 1, append = 2, subtract = 3;
  struct Config {
    std::string name;
    std::int8_t operation = set;
    std::optional<std::string> value;
  };
  struct Resource {
    std::int8_t type = 0;
    std::string name;
    std::vector<Config> configs;
  };
  std::vector<Resource> resources;
  bool validate_only = false;
};

struct IncrementalAlterConfigsResponse {
  static constexpr ApiKey key = ApiKey::incremental_alter_configs;
  std::int32_t throttle_ms = 0;
  std::vector<ResourceError> resources;
};

}  // namespace hansa::wire
