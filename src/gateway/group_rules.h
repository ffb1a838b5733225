// What can be told of a group by looking at it. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/group.h"

namespace hansa::gateway {

[[nodiscard]] wire::JoinGroupResponse join_error(wire::KafkaError error, std::string member = {});
[[nodiscard]] wire::SyncGroupResponse sync_error(wire::KafkaError error);

// Not empty, and text that PostgreSQL can keep: UTF-8 without U+0000.
[[nodiscard]] bool is_group_name(std::string_view name);

// Whether every member but `but` can follow `protocol`.
[[nodiscard]] bool supported_by_all(Group const& group, std::string_view protocol,
                                    std::string_view but);
// What the member said of itself for `protocol`; empty if it cannot follow it.
[[nodiscard]] std::string metadata_of(GroupMember const& member, std::string_view protocol);
[[nodiscard]] bool same_protocols(GroupMember const& member, wire::JoinGroupRequest const& request);
// The protocol of the next generation: of what all can follow, what most would rather; of equals
// the first by name. Empty for a group without members.
[[nodiscard]] std::string elect(Group const& group);
[[nodiscard]] std::chrono::milliseconds longest_rebalance(Group const& group);

// Whether `instance` is the static membership of another than `member`.
[[nodiscard]] bool is_fenced(Group const& group, std::optional<std::string> const& instance,
                             std::string const& member);
// none, unknown_member_id or fenced_instance_id.
[[nodiscard]] wire::KafkaError check_member(Group const& group, std::string const& member,
                                            std::optional<std::string> const& instance);

}  // namespace hansa::gateway
