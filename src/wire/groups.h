// Consumer groups, the classic protocol: JoinGroup (11), SyncGroup (14), Heartbeat (12), LeaveGroup
// (13), DescribeGroups (15), ListGroups (16), DeleteGroups (42). Values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/api.h"
#include "wire/error.h"
#include "wire/metadata.h"

namespace hansa::wire {

struct JoinGroupRequest {
  static constexpr ApiKey key = ApiKey::join_group;
  struct Protocol {
    std::string name;
    std::string metadata;  // bytes that only members understand
  };
  std::string group;
  std::int32_t session_timeout_ms = 0;
  std::int32_t rebalance_timeout_ms = -1;  // below version 1 the session's
  std::string member;
  std::optional<std::string> instance;  // from version 5
  std::string protocol_type;
  std::vector<Protocol> protocols;
  std::optional<std::string> reason;  // from version 8
};

struct JoinGroupResponse {
  static constexpr ApiKey key = ApiKey::join_group;
  struct Member {
    std::string id;
    std::optional<std::string> instance;
    std::string metadata;
  };
  std::int32_t throttle_ms = 0;
  KafkaError error = KafkaError::none;
  std::int32_t generation = -1;
  std::optional<std::string> protocol_type, protocol_name;
  std::string leader;
  bool skip_assignment = false;  // from version 9
  std::string member;
  std::vector<Member> members;  // for the leader only
};

struct SyncGroupRequest {
  static constexpr ApiKey key = ApiKey::sync_group;
  struct Assignment {
    std::string member;
    std::string assignment;
  };
  std::string group;
  std::int32_t generation = -1;
  std::string member;
  std::optional<std::string> instance;                      // from version 3
  std::optional<std::string> protocol_type, protocol_name;  // from version 5
  std::vector<Assignment> assignments;                      // of the leader
};

struct SyncGroupResponse {
  static constexpr ApiKey key = ApiKey::sync_group;
  std::int32_t throttle_ms = 0;
  KafkaError error = KafkaError::none;
  std::optional<std::string> protocol_type, protocol_name;
  std::string assignment;
};

struct HeartbeatRequest {
  static constexpr ApiKey key = ApiKey::heartbeat;
  std::string group;
  std::int32_t generation = -1;
  std::string member;
  std::optional<std::string> instance;
};

struct HeartbeatResponse {
  static constexpr ApiKey key = ApiKey::heartbeat;
  std::int32_t throttle_ms = 0;
  KafkaError error = KafkaError::none;
};

struct LeaveGroupRequest {
  static constexpr ApiKey key = ApiKey::leave_group;
  struct Member {
    std::string id;
    std::optional<std::string> instance, reason;
  };
  std::string group;
  std::vector<Member> members;  // below version 3 exactly one
};

struct LeaveGroupResponse {
  static constexpr ApiKey key = ApiKey::leave_group;
  struct Member {
    std::string id;
    std::optional<std::string> instance;
    KafkaError error = KafkaError::none;
  };
  std::int32_t throttle_ms = 0;
  KafkaError error = KafkaError::none;
  std::vector<Member> members;  // from version 3
};

struct DescribeGroupsRequest {
  static constexpr ApiKey key = ApiKey::describe_groups;
  std::vector<std::string> groups;
  bool operations = false;
};

struct DescribeGroupsResponse {
  static constexpr ApiKey key = ApiKey::describe_groups;
  struct Member {
    std::string id;
    std::optional<std::string> instance;
    std::string client_id, client_host, metadata, assignment;
  };
  struct Group {
    KafkaError error = KafkaError::none;
    std::string name, state, protocol_type, protocol;
    std::vector<Member> members;
    std::int32_t operations = operations_unknown;
  };
  std::int32_t throttle_ms = 0;
  std::vector<Group> groups;
};

struct ListGroupsRequest {
  static constexpr ApiKey key = ApiKey::list_groups;
  std::vector<std::string> states;  // empty: all; from version 4
};

struct ListGroupsResponse {
  static constexpr ApiKey key = ApiKey::list_groups;
  struct Group {
    std::string name, protocol_type, state;
  };
  std::int32_t throttle_ms = 0;
  KafkaError error = KafkaError::none;
  std::vector<Group> groups;
};

struct DeleteGroupsRequest {
  static constexpr ApiKey key = ApiKey::delete_groups;
  std::vector<std::string> groups;
};

struct DeleteGroupsResponse {
  static constexpr ApiKey key = ApiKey::delete_groups;
  struct Group {
    std::string name;
    KafkaError error = KafkaError::none;
  };
  std::int32_t throttle_ms = 0;
  std::vector<Group> groups;
};

}  // namespace hansa::wire
