#include "gateway/group.h"

#include <algorithm>
#include <utility>

#include "gateway/group_rules.h"

namespace hansa::gateway {
using std::chrono::milliseconds;
using wire::KafkaError;

std::string_view to_text(GroupState state) {
  switch (state) {
    case GroupState::empty:
      return "Empty";
    case GroupState::preparing:
      return "PreparingRebalance";
    case GroupState::completing:
      return "CompletingRebalance";
    case GroupState::stable:
      return "Stable";
  }
  return "Dead";
}

Groups::Groups(GroupLimits limits, std::function<std::string()> draw)
    : limits_(limits), draw_(std::move(draw)) {}

Group const* Groups::find(std::string const& group) const {
  auto const found = groups_.find(group);
  return found == groups_.end() ? nullptr : &found->second;
}

wire::JoinGroupResponse Groups::joined(Group const& group, GroupMember const& member) const {
  wire::JoinGroupResponse response;
  response.generation = group.generation;
  response.protocol_type = group.protocol_type;
  response.protocol_name = group.protocol;
  response.leader = group.leader;
  response.member = member.id;
  if (member.id == group.leader)
    for (auto const& [id, each] : group.members)
      response.members.push_back({.id = id,
                                  .instance = each.instance,
                                  .metadata = metadata_of(each, group.protocol.value_or(""))});
  return response;
}

void Groups::answer(Token token,
                    std::variant<wire::JoinGroupResponse, wire::SyncGroupResponse> response) {
  answers_.push_back({token, std::move(response)});
}

void Groups::answer_sync(Group const& group, GroupMember& member, KafkaError error) {
  if (!member.syncing) return;
  wire::SyncGroupResponse response;
  response.error = error;
  if (error == KafkaError::none) {
    response.protocol_type = group.protocol_type;
    response.protocol_name = group.protocol;
    response.assignment = member.assignment;
  }
  answer(*member.syncing, std::move(response));
  member.syncing.reset();
}

void Groups::change(Group& group, GroupState state) {
  group.state = state;
  changes_.insert(group.name);
}

// Everybody has to join again. The first rebalance of an empty group waits for more to come.
void Groups::prepare(Group& group, Moment now) {
  for (auto& [id, member] : group.members) {
    answer_sync(group, member, KafkaError::rebalance_in_progress);
    if (!member.joining) std::erase(group.joined, id);
  }
  auto const longest = longest_rebalance(group);
  group.initial_until.reset();
  if (group.state == GroupState::empty && limits_.initial_delay > milliseconds(0)) {
    group.initial_until = now + std::max(longest, limits_.initial_delay);
    group.rebalance_ends = now + limits_.initial_delay;
  } else {
    group.rebalance_ends = now + longest;
  }
  group.grew = false;
  change(group, GroupState::preparing);
}

void Groups::try_complete(Group& group, Moment now) {
  if (group.state != GroupState::preparing || group.initial_until || !group.pending.empty()) return;
  if (std::ranges::all_of(group.members,
                          [](auto const& each) { return each.second.joining.has_value(); }))
    complete(group, now);
}

// The rebalance ends with those who came; static members may come later.
void Groups::complete(Group& group, Moment now) {
  std::vector<std::string> absent;
  for (auto const& [id, member] : group.members)
    if (!member.joining && !member.instance) absent.push_back(id);
  for (auto const& id : absent) drop_member(group, id);
  group.pending.clear();
  group.initial_until.reset();
  ++group.generation;
  if (group.members.empty()) {
    group.protocol.reset();
    change(group, GroupState::empty);
    return;
  }
  group.protocol = elect(group);
  auto const leader = group.members.find(group.leader);
  bool const leads = leader != group.members.end() && leader->second.joining;
  if (!leads)
    for (auto const& id : group.joined)
      if (auto const found = group.members.find(id);
          found != group.members.end() && found->second.joining) {
        group.leader = id;
        break;
      }
  change(group, GroupState::completing);
  group.rebalance_ends = now + longest_rebalance(group);
  for (auto& [id, member] : group.members) {
    member.assignment.clear();
    if (!member.joining) continue;
    answer(*member.joining, joined(group, member));
    member.joining.reset();
    member.expires = now + member.session_timeout;
  }
  group.joined.clear();
}

std::optional<wire::SyncGroupResponse> Groups::sync(wire::SyncGroupRequest const& request,
                                                    Asking const& asking, Moment now) {
  auto const found = groups_.find(request.group);
  if (found == groups_.end()) return sync_error(KafkaError::unknown_member_id);
  auto& group = found->second;
  if (auto const error = check_member(group, request.member, request.instance);
      error != KafkaError::none)
    return sync_error(error);
  if (request.generation != group.generation) return sync_error(KafkaError::illegal_generation);
  bool const consistent =
      (!request.protocol_type || *request.protocol_type == group.protocol_type) &&
      (!request.protocol_name || request.protocol_name == group.protocol);
  if (!consistent) return sync_error(KafkaError::inconsistent_group_protocol);
  auto& member = group.members.at(request.member);
  member.expires = now + member.session_timeout;
  if (group.state == GroupState::preparing) return sync_error(KafkaError::rebalance_in_progress);
  if (group.state == GroupState::completing) {
    if (member.syncing) answer_sync(group, member, KafkaError::unknown_member_id);
    member.syncing = asking.token;
    if (group.leader != member.id) return std::nullopt;
    for (auto const& each : request.assignments)
      if (auto const to = group.members.find(each.member); to != group.members.end())
        to->second.assignment = each.assignment;
    change(group, GroupState::stable);
    for (auto& [id, each] : group.members) {
      if (each.syncing) each.expires = now + each.session_timeout;
      answer_sync(group, each, KafkaError::none);
    }
    return std::nullopt;
  }
  wire::SyncGroupResponse response;
  response.protocol_type = group.protocol_type;
  response.protocol_name = group.protocol;
  response.assignment = member.assignment;
  return response;
}

KafkaError Groups::heartbeat(wire::HeartbeatRequest const& request, Moment now) {
  auto const found = groups_.find(request.group);
  if (found == groups_.end()) return KafkaError::unknown_member_id;
  auto& group = found->second;
  if (auto const error = check_member(group, request.member, request.instance);
      error != KafkaError::none)
    return error;
  if (request.generation != group.generation) return KafkaError::illegal_generation;
  auto& member = group.members.at(request.member);
  member.expires = now + member.session_timeout;
  return group.state == GroupState::preparing ? KafkaError::rebalance_in_progress
                                              : KafkaError::none;
}

void Groups::drop_member(Group& group, std::string const& id) {
  auto const found = group.members.find(id);
  if (found == group.members.end()) return;
  auto& member = found->second;
  if (member.joining) answer(*member.joining, join_error(KafkaError::unknown_member_id, id));
  if (member.syncing) answer(*member.syncing, sync_error(KafkaError::unknown_member_id));
  if (member.instance) group.instances.erase(*member.instance);
  std::erase(group.joined, id);
  group.members.erase(found);
  if (group.leader != id) return;
  group.leader = group.members.empty() ? std::string{} : group.members.begin()->first;
}

void Groups::remove_member(Group& group, std::string const& id, Moment now) {
  drop_member(group, id);
  if (group.state == GroupState::stable || group.state == GroupState::completing)
    prepare(group, now);
  try_complete(group, now);
}

wire::LeaveGroupResponse Groups::leave(wire::LeaveGroupRequest const& request, Moment now) {
  wire::LeaveGroupResponse response;
  auto const found = groups_.find(request.group);
  for (auto const& each : request.members) {
    auto& one = response.members.emplace_back();
    one.id = each.id;
    one.instance = each.instance;
    one.error = KafkaError::unknown_member_id;
    if (found == groups_.end()) continue;
    auto& group = found->second;
    if (each.instance && each.id.empty()) {
      auto const named = group.instances.find(*each.instance);
      if (named == group.instances.end()) continue;
      one.error = KafkaError::none;
      remove_member(group, std::string(named->second), now);
    } else if (group.pending.erase(each.id) > 0) {
      one.error = KafkaError::none;
      try_complete(group, now);
    } else if (one.error = check_member(group, each.id, each.instance);
               one.error == KafkaError::none) {
      remove_member(group, each.id, now);
    }
  }
  return response;
}

KafkaError Groups::may_commit(std::string const& name, std::int32_t generation,
                              std::string const& member, std::optional<std::string> const& instance,
                              Moment now) {
  if (!is_group_name(name)) return KafkaError::invalid_group_id;
  auto const found = groups_.find(name);
  if (found == groups_.end())
    return generation < 0 ? KafkaError::none : KafkaError::unknown_member_id;
  auto& group = found->second;
  if (generation < 0 && group.state == GroupState::empty) return KafkaError::none;
  if (auto const error = check_member(group, member, instance); error != KafkaError::none)
    return error;
  if (generation != group.generation) return KafkaError::illegal_generation;
  if (group.state == GroupState::completing) return KafkaError::rebalance_in_progress;
  auto& who = group.members.at(member);
  who.expires = now + who.session_timeout;
  return KafkaError::none;
}

KafkaError Groups::remove(std::string const& name) {
  auto const found = groups_.find(name);
  if (found == groups_.end()) return KafkaError::group_id_not_found;
  if (!found->second.members.empty() || !found->second.pending.empty())
    return KafkaError::non_empty_group;
  groups_.erase(found);
  return KafkaError::none;
}

void Groups::clear(KafkaError error) {
  for (auto& [name, group] : groups_) {
    changes_.insert(name);
    for (auto& [id, member] : group.members) {
      if (member.joining) answer(*member.joining, join_error(error, id));
      if (member.syncing) answer(*member.syncing, sync_error(error));
    }
  }
  groups_.clear();
}

std::optional<Moment> Groups::next_deadline() const {
  std::optional<Moment> next;
  auto const consider = [&next](Moment moment) { next = next ? std::min(*next, moment) : moment; };
  for (auto const& [name, group] : groups_) {
    if (group.state == GroupState::preparing || group.state == GroupState::completing)
      consider(group.rebalance_ends);
    for (auto const& [id, expires] : group.pending) consider(expires);
    for (auto const& [id, member] : group.members)
      if (!member.joining && !member.syncing) consider(member.expires);
  }
  return next;
}

void Groups::tick_group(Group& group, Moment now) {
  std::erase_if(group.pending, [now](auto const& each) { return each.second <= now; });
  std::vector<std::string> late;
  for (auto const& [id, member] : group.members)
    if (member.expires <= now && !member.joining && !member.syncing) late.push_back(id);
  for (auto const& id : late) remove_member(group, id, now);
  if (group.state == GroupState::preparing && group.initial_until && group.rebalance_ends <= now) {
    if (group.grew && now < *group.initial_until) {
      group.grew = false;
      group.rebalance_ends = std::min(*group.initial_until, now + limits_.initial_delay);
    } else {
      group.initial_until.reset();
      complete(group, now);
    }
  } else if (group.state == GroupState::preparing && group.rebalance_ends <= now) {
    complete(group, now);
  } else if (group.state == GroupState::completing && group.rebalance_ends <= now) {
    // Who did not ask for its assignment in time is gone.
    std::vector<std::string> silent;
    for (auto const& [id, member] : group.members)
      if (!member.syncing) silent.push_back(id);
    for (auto const& id : silent) drop_member(group, id);
    prepare(group, now);
    try_complete(group, now);
  }
  try_complete(group, now);
}

void Groups::tick(Moment now) {
  for (auto& [name, group] : groups_) tick_group(group, now);
  // What nobody is in any more is kept by its offsets, if there are any.
  std::erase_if(groups_, [](auto const& each) {
    return each.second.members.empty() && each.second.pending.empty() &&
           each.second.state == GroupState::empty;
  });
}

std::vector<GroupAnswer> Groups::take_answers() { return std::exchange(answers_, {}); }

std::set<std::string> Groups::take_changes() { return std::exchange(changes_, {}); }

}  // namespace hansa::gateway
