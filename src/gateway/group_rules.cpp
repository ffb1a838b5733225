#include "gateway/group_rules.h"

#include <algorithm>

#include "json/value.h"

namespace hansa::gateway {
namespace {

bool supports(GroupMember const& member, std::string_view protocol) {
  return std::ranges::any_of(member.protocols,
                             [protocol](auto const& each) { return each.name == protocol; });
}

}  // namespace

using std::chrono::milliseconds;
using wire::KafkaError;

using std::chrono::milliseconds;
using wire::KafkaError;

bool is_group_name(std::string_view name) {
  std::string quoted;
  json::write_string(name, quoted);
  return !name.empty() && name.find('\0') == std::string_view::npos && json::parse(quoted);
}

wire::JoinGroupResponse join_error(KafkaError error, std::string member) {
  wire::JoinGroupResponse response;
  response.error = error;
  response.protocol_name = "";
  response.member = std::move(member);
  return response;
}

wire::SyncGroupResponse sync_error(KafkaError error) {
  wire::SyncGroupResponse response;
  response.error = error;
  return response;
}

bool supported_by_all(Group const& group, std::string_view protocol, std::string_view but) {
  return std::ranges::all_of(group.members, [&](auto const& each) {
    return each.first == but || supports(each.second, protocol);
  });
}

std::string metadata_of(GroupMember const& member, std::string_view protocol) {
  for (auto const& each : member.protocols)
    if (each.name == protocol) return each.metadata;
  return {};
}

bool same_protocols(GroupMember const& member, wire::JoinGroupRequest const& request) {
  return std::ranges::equal(member.protocols, request.protocols, [](auto const& a, auto const& b) {
    return a.name == b.name && a.metadata == b.metadata;
  });
}

// Of what all support, what most members like best; of equals the first by name.
std::string elect(Group const& group) {
  std::map<std::string, int> votes;
  for (auto const& [id, member] : group.members)
    for (auto const& each : member.protocols)
      if (supported_by_all(group, each.name, {})) {
        ++votes[each.name];
        break;
      }
  auto const best = std::ranges::max_element(votes, {}, [](auto const& v) { return v.second; });
  return best == votes.end() ? std::string{} : best->first;
}

milliseconds longest_rebalance(Group const& group) {
  milliseconds longest{0};
  for (auto const& [id, member] : group.members)
    longest = std::max(longest, member.rebalance_timeout);
  return longest;
}

// Whose static membership `instance` is, if it is not `member`'s.
bool is_fenced(Group const& group, std::optional<std::string> const& instance,
               std::string const& member) {
  if (!instance) return false;
  auto const found = group.instances.find(*instance);
  return found != group.instances.end() && found->second != member;
}

KafkaError check_member(Group const& group, std::string const& member,
                        std::optional<std::string> const& instance) {
  if (instance && !group.instances.contains(*instance)) return KafkaError::unknown_member_id;
  if (is_fenced(group, instance, member)) return KafkaError::fenced_instance_id;
  return group.members.contains(member) ? KafkaError::none : KafkaError::unknown_member_id;
}

}  // namespace hansa::gateway
