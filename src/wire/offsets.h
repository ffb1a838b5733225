// Offsets: ListOffsets (2), OffsetForLeaderEpoch (23), and those that groups commit: OffsetCommit
// (8), OffsetFetch (9), OffsetDelete (47). Values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/api.h"
#include "wire/error.h"

namespace hansa::wire {

struct ListOffsetsRequest {
  static constexpr ApiKey key = ApiKey::list_offsets;
  // In place of a time.
  static constexpr std::int64_t latest = -1, earliest = -2, greatest_time = -3;
  struct Partition {
    std::int32_t index = 0, current_leader_epoch = -1;
    std::int64_t timestamp_ms = 0;
  };
  struct Topic {
    std::string name;
    std::vector<Partition> partitions;
  };
  std::int32_t replica_id = -1;
  std::int8_t isolation_level = 0;
  std::vector<Topic> topics;
};

struct ListOffsetsResponse {
  static constexpr ApiKey key = ApiKey::list_offsets;
  struct Partition {
    std::int32_t index = 0;
    KafkaError error = KafkaError::none;
    std::int64_t timestamp_ms = -1, offset = -1;
    std::int32_t leader_epoch = -1;
  };
  struct Topic {
    std::string name;
    std::vector<Partition> partitions;
  };
  std::int32_t throttle_ms = 0;
  std::vector<Topic> topics;
};

struct OffsetForLeaderEpochRequest {
  static constexpr ApiKey key = ApiKey::offset_for_leader_epoch;
  struct Partition {
    std::int32_t index = 0, current_leader_epoch = -1, leader_epoch = 0;
  };
  struct Topic {
    std::string name;
    std::vector<Partition> partitions;
  };
  std::int32_t replica_id = -2;
  std::vector<Topic> topics;
};

struct OffsetForLeaderEpochResponse {
  static constexpr ApiKey key = ApiKey::offset_for_leader_epoch;
  struct Partition {
    KafkaError error = KafkaError::none;
    std::int32_t index = 0, leader_epoch = -1;
    std::int64_t end_offset = -1;
  };
  struct Topic {
    std::string name;
    std::vector<Partition> partitions;
  };
  std::int32_t throttle_ms = 0;
  std::vector<Topic> topics;
};

struct OffsetCommitRequest {
  static constexpr ApiKey key = ApiKey::offset_commit;
  struct Partition {
    std::int32_t index = 0;
    std::int64_t offset = 0;
    std::int32_t leader_epoch = -1;
    std::optional<std::string> metadata;
  };
  struct Topic {
    std::string name;
    std::vector<Partition> partitions;
  };
  std::string group;
  std::int32_t generation = -1;
  std::string member;
  std::optional<std::string> instance;
  std::vector<Topic> topics;
};

// Of OffsetCommit and OffsetDelete: an error for each partition.
struct PartitionErrors {
  struct Partition {
    std::int32_t index = 0;
    KafkaError error = KafkaError::none;
  };
  std::string name;
  std::vector<Partition> partitions;
};

struct OffsetCommitResponse {
  static constexpr ApiKey key = ApiKey::offset_commit;
  std::int32_t throttle_ms = 0;
  std::vector<PartitionErrors> topics;
};

struct OffsetFetchRequest {
  static constexpr ApiKey key = ApiKey::offset_fetch;
  struct Topic {
    std::string name;
    std::vector<std::int32_t> partitions;
  };
  struct Group {
    std::string name;
    std::optional<std::vector<Topic>> topics;  // nullopt: all that were committed
  };
  std::vector<Group> groups;  // below version 8 exactly one
  bool stable = false;
};

struct OffsetFetchResponse {
  static constexpr ApiKey key = ApiKey::offset_fetch;
  struct Partition {
    std::int32_t index = 0;
    std::int64_t offset = -1;
    std::int32_t leader_epoch = -1;
    std::optional<std::string> metadata;
    KafkaError error = KafkaError::none;
  };
  struct Topic {
    std::string name;
    std::vector<Partition> partitions;
  };
  struct Group {
    std::string name;
    std::vector<Topic> topics;
    KafkaError error = KafkaError::none;
  };
  std::int32_t throttle_ms = 0;
  std::vector<Group> groups;  // below version 8 exactly one
};

struct OffsetDeleteRequest {
  static constexpr ApiKey key = ApiKey::offset_delete;
  struct Topic {
    std::string name;
    std::vector<std::int32_t> partitions;
  };
  std::string group;
  std::vector<Topic> topics;
};

struct OffsetDeleteResponse {
  static constexpr ApiKey key = ApiKey::offset_delete;
  KafkaError error = KafkaError::none;
  std::int32_t throttle_ms = 0;
  std::vector<PartitionErrors> topics;
};

}  // namespace hansa::wire
