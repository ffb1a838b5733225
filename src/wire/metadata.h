// What clients ask about the cluster: Metadata (3), DescribeCluster (60), ApiVersions (18),
// FindCoordinator (10), InitProducerId (22), SaslHandshake (17), SaslAuthenticate (36). Values.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "wire/api.h"
#include "wire/error.h"
#include "wire/protocol_io.h"

namespace hansa::wire {

// "Not asked for", of the bit sets of what a client may do.
inline constexpr std::int32_t operations_unknown = std::numeric_limits<std::int32_t>::min();

struct MetadataRequest {
  static constexpr ApiKey key = ApiKey::metadata;
  struct Topic {
    Uuid id{};                        // from version 10
    std::optional<std::string> name;  // null, from version 10, where the id names it
  };
  std::optional<std::vector<Topic>> topics;  // nullopt: all; in version 0 an empty list is all
  bool topics_made_by_use = true;            // from version 4
  bool cluster_operations = false, topic_operations = false;  // from version 8
};

struct MetadataResponse {
  static constexpr ApiKey key = ApiKey::metadata;
  struct Broker {
    std::int32_t node_id = 0;
    std::string host;
    std::int32_t port = 0;
    std::optional<std::string> rack;
  };
  struct Partition {
    KafkaError error = KafkaError::none;
    std::int32_t index = 0, leader_id = -1, leader_epoch = -1;
    std::vector<std::int32_t> replicas, in_sync, offline;
  };
  struct Topic {
    KafkaError error = KafkaError::none;
    std::optional<std::string> name;
    Uuid id{};
    bool internal = false;
    std::vector<Partition> partitions;
    std::int32_t operations = operations_unknown;
  };
  std::int32_t throttle_ms = 0;
  std::vector<Broker> brokers;
  std::optional<std::string> cluster_id;
  std::int32_t controller_id = -1;
  std::vector<Topic> topics;
  std::int32_t cluster_operations = operations_unknown;
};

struct DescribeClusterRequest {
  static constexpr ApiKey key = ApiKey::describe_cluster;
  bool cluster_operations = false;
  std::int8_t endpoint_type = 1;  // brokers; 2: controllers; from version 1
};

struct DescribeClusterResponse {
  static constexpr ApiKey key = ApiKey::describe_cluster;
  std::int32_t throttle_ms = 0;
  KafkaError error = KafkaError::none;
  std::optional<std::string> error_message;
  std::int8_t endpoint_type = 1;
  std::string cluster_id;
  std::int32_t controller_id = -1;
  std::vector<MetadataResponse::Broker> brokers;
  std::int32_t cluster_operations = operations_unknown;
};

struct ApiVersionsRequest {
  static constexpr ApiKey key = ApiKey::api_versions;
  std::string client_name, client_version;  // from version 3
};

struct ApiVersionsResponse {
  static constexpr ApiKey key = ApiKey::api_versions;
  struct Range {
    std::int16_t api_key = 0, min = 0, max = 0;
  };
  KafkaError error = KafkaError::none;
  std::vector<Range> apis;
  std::int32_t throttle_ms = 0;
};

struct FindCoordinatorRequest {
  static constexpr ApiKey key = ApiKey::find_coordinator;
  std::string name;                // of one group; below version 4
  std::int8_t key_type = 0;        // group; 1: transaction
  std::vector<std::string> names;  // from version 4
};

struct FindCoordinatorResponse {
  static constexpr ApiKey key = ApiKey::find_coordinator;
  struct Coordinator {
    std::string name;
    std::int32_t node_id = -1;
    std::string host;
    std::int32_t port = -1;
    KafkaError error = KafkaError::none;
    std::optional<std::string> error_message;
  };
  std::int32_t throttle_ms = 0;
  std::vector<Coordinator> coordinators;  // below version 4 exactly one
};

struct InitProducerIdRequest {
  static constexpr ApiKey key = ApiKey::init_producer_id;
  std::optional<std::string> transactional_id;
  std::int32_t transaction_timeout_ms = 0;
  std::int64_t producer_id = -1;     // what the client had; from version 3
  std::int16_t producer_epoch = -1;  // likewise
};

struct InitProducerIdResponse {
  static constexpr ApiKey key = ApiKey::init_producer_id;
  std::int32_t throttle_ms = 0;
  KafkaError error = KafkaError::none;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = -1;
};

struct SaslHandshakeRequest {
  static constexpr ApiKey key = ApiKey::sasl_handshake;
  std::string mechanism;
};

struct SaslHandshakeResponse {
  static constexpr ApiKey key = ApiKey::sasl_handshake;
  KafkaError error = KafkaError::none;
  std::vector<std::string> mechanisms;
};

struct SaslAuthenticateRequest {
  static constexpr ApiKey key = ApiKey::sasl_authenticate;
  std::string bytes;
};

struct SaslAuthenticateResponse {
  static constexpr ApiKey key = ApiKey::sasl_authenticate;
  KafkaError error = KafkaError::none;
  std::optional<std::string> error_message;
  std::string bytes;
  std::int64_t session_lifetime_ms = 0;
};

}  // namespace hansa::wire
