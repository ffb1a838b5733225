// How members come into a group, and come back.
#include <algorithm>

#include "gateway/group.h"
#include "gateway/group_rules.h"

namespace hansa::gateway {

using std::chrono::milliseconds;
using wire::KafkaError;

KafkaError Groups::check_join(Join const& request) const {
  if (!is_group_name(request.group)) return KafkaError::invalid_group_id;
  milliseconds const session(request.session_timeout_ms);
  if (session < limits_.session_min || session > limits_.session_max)
    return KafkaError::invalid_session_timeout;
  std::size_t bytes = 0;
  for (auto const& each : request.protocols) bytes += each.name.size() + each.metadata.size();
  if (bytes > limits_.member_bytes_max) return KafkaError::invalid_request;
  if (request.protocol_type.empty() || request.protocols.empty())
    return KafkaError::inconsistent_group_protocol;
  return KafkaError::none;
}

std::optional<wire::JoinGroupResponse> Groups::join(Join const& request, Asking const& asking,
                                                    Moment now) {
  if (auto const error = check_join(request); error != KafkaError::none)
    return join_error(error, request.member);
  auto found = groups_.find(request.group);
  if (found == groups_.end()) {
    if (!request.member.empty()) return join_error(KafkaError::unknown_member_id, request.member);
    if (groups_.size() >= limits_.groups_max)
      return join_error(KafkaError::coordinator_not_available);
    found = groups_.try_emplace(request.group).first;
    found->second.name = request.group;
  }
  auto& group = found->second;
  bool const newcomer = !group.members.contains(request.member);
  if (newcomer && group.members.size() + group.pending.size() >= limits_.members_max &&
      !group.pending.contains(request.member))
    return join_error(KafkaError::group_max_size_reached, request.member);
  bool const agrees =
      group.members.empty() || (group.protocol_type == request.protocol_type &&
                                std::ranges::any_of(request.protocols, [&](auto const& each) {
                                  return supported_by_all(group, each.name, request.member);
                                }));
  if (!agrees) return join_error(KafkaError::inconsistent_group_protocol, request.member);
  return request.member.empty() ? join_new(group, request, asking, now)
                                : join_again(group, request, asking, now);
}

Groups::JoinAnswer Groups::join_new(Group& group, Join const& request, Asking const& asking,
                                    Moment now) {
  constexpr std::int16_t id_required_since = 4;  // KIP-394
  if (request.instance && group.instances.contains(*request.instance))
    return replace_static(group, request, asking, now);
  auto id = (request.instance ? *request.instance : asking.client_id) + "-" + draw_();
  if (!request.instance && asking.version >= id_required_since) {
    group.pending[id] = now + milliseconds(request.session_timeout_ms);
    return join_error(KafkaError::member_id_required, std::move(id));
  }
  add_member(group, std::move(id), request, asking, now);
  return std::nullopt;
}

Groups::JoinAnswer Groups::join_again(Group& group, Join const& request, Asking const& asking,
                                      Moment now) {
  if (group.pending.erase(request.member) > 0) {
    if (is_fenced(group, request.instance, request.member))
      return join_error(KafkaError::fenced_instance_id, request.member);
    add_member(group, request.member, request, asking, now);
    return std::nullopt;
  }
  if (auto const error = check_member(group, request.member, request.instance);
      error != KafkaError::none)
    return join_error(error, request.member);
  auto& member = group.members.at(request.member);
  bool const unchanged = same_protocols(member, request);
  bool const asks_for_rebalance = group.state == GroupState::stable && group.leader == member.id;
  if (unchanged && !asks_for_rebalance &&
      (group.state == GroupState::completing || group.state == GroupState::stable)) {
    member.expires = now + member.session_timeout;
    member.join_version = asking.version;
    return joined(group, member);
  }
  update_member(group, member, request, asking, now);
  if (group.state != GroupState::preparing) prepare(group, now);
  try_complete(group, now);
  return std::nullopt;
}

// A static member came back: it takes the place of the one before, who is fenced.
Groups::JoinAnswer Groups::replace_static(Group& group, Join const& request, Asking const& asking,
                                          Moment now) {
  constexpr std::int16_t skips_assignment_since = 9;  // KIP-814
  auto const old_id = group.instances.at(*request.instance);
  auto const id = *request.instance + "-" + draw_();
  auto node = group.members.extract(old_id);
  auto& old = node.mapped();
  if (old.joining) answer(*old.joining, join_error(KafkaError::fenced_instance_id, old_id));
  if (old.syncing) answer(*old.syncing, sync_error(KafkaError::fenced_instance_id));
  old.joining = old.syncing = std::nullopt;
  bool const led = group.leader == old_id;
  auto const protocol = group.protocol.value_or("");
  bool const same = metadata_of(old, protocol) == [&] {
    for (auto const& each : request.protocols)
      if (each.name == protocol) return each.metadata;
    return std::string("\0changed", 8);
  }();
  old.id = id;
  node.key() = id;
  group.members.insert(std::move(node));
  group.instances[*request.instance] = id;
  std::ranges::replace(group.joined, old_id, id);
  if (led) group.leader = id;
  auto& member = group.members.at(id);
  auto const assignment = member.assignment;
  update_member(group, member, request, asking, now);
  member.assignment = assignment;
  if (group.state == GroupState::stable && same && elect(group) == protocol) {
    member.joining.reset();
    auto response = joined(group, member);
    if (led && asking.version >= skips_assignment_since) {
      response.skip_assignment = true;
    } else if (led) {
      response.leader = old_id;  // it must not assign anew, only ask for what it has
      response.members.clear();
    }
    return response;
  }
  if (group.state != GroupState::preparing) prepare(group, now);
  try_complete(group, now);
  return std::nullopt;
}

void Groups::add_member(Group& group, std::string id, Join const& request, Asking const& asking,
                        Moment now) {
  if (group.members.empty()) group.protocol_type = request.protocol_type;
  auto& member = group.members[id];
  member.id = id;
  member.instance = request.instance;
  if (request.instance) group.instances[*request.instance] = id;
  update_member(group, member, request, asking, now);
  if (group.leader.empty()) group.leader = id;
  group.grew = true;
  if (group.state != GroupState::preparing) prepare(group, now);
  try_complete(group, now);
}

void Groups::update_member(Group& group, GroupMember& member, Join const& request,
                           Asking const& asking, Moment now) {
  if (member.joining) answer(*member.joining, join_error(KafkaError::unknown_member_id, member.id));
  member.client_id = asking.client_id;
  member.client_host = asking.client_host;
  member.session_timeout = milliseconds(request.session_timeout_ms);
  member.rebalance_timeout =
      std::min(limits_.rebalance_max,
               milliseconds(request.rebalance_timeout_ms > 0 ? request.rebalance_timeout_ms
                                                             : request.session_timeout_ms));
  member.protocols = request.protocols;
  member.expires = now + member.session_timeout;
  member.joining = asking.token;
  member.join_version = asking.version;
  if (std::ranges::find(group.joined, member.id) == group.joined.end())
    group.joined.push_back(member.id);
}

}  // namespace hansa::gateway
