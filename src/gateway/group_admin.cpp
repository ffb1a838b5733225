// DescribeGroups, ListGroups, DeleteGroups.
#include <algorithm>
#include <set>

#include "gateway/group_store.h"
#include "gateway/handlers.h"
#include "wire/groups.h"

namespace hansa::gateway {
namespace {

using wire::KafkaError;

wire::DescribeGroupsResponse::Group describe(Group const& group) {
  wire::DescribeGroupsResponse::Group out;
  out.name = group.name;
  out.state = to_text(group.state);
  out.protocol_type = group.protocol_type;
  bool const stable = group.state == GroupState::stable;
  if (stable) out.protocol = group.protocol.value_or("");
  for (auto const& [id, member] : group.members) {
    auto& each = out.members.emplace_back();
    each.id = id;
    each.instance = member.instance;
    each.client_id = member.client_id;
    each.client_host = member.client_host;
    if (!stable) continue;
    for (auto const& protocol : member.protocols)
      if (protocol.name == group.protocol) each.metadata = protocol.metadata;
    each.assignment = member.assignment;
  }
  return out;
}

}  // namespace

async::Task<void> answer_describe_groups(Broker& broker, Call& call) {
  auto const request = request_of<wire::DescribeGroupsRequest>(call);
  if (!request) co_return;
  wire::DescribeGroupsResponse response;
  for (auto const& name : request->groups) {
    wire::DescribeGroupsResponse::Group out;
    out.name = name;
    if (!broker.leadership().held) {
      out.error = KafkaError::not_coordinator;
    } else if (auto const* const group = broker.coordinator().groups().find(name)) {
      out = describe(*group);
    } else {
      // A group of offsets alone is one that nobody is in.
      bool const has_offsets = !(co_await committed_offsets(broker, name)).empty();
      out.state = has_offsets ? "Empty" : "Dead";
      if (has_offsets) out.protocol_type = "consumer";
    }
    call.note(out.error);
    response.groups.push_back(std::move(out));
  }
  respond(call, response);
}

async::Task<void> answer_list_groups(Broker& broker, Call& call) {
  auto const request = request_of<wire::ListGroupsRequest>(call);
  if (!request) co_return;
  wire::ListGroupsResponse response;
  if (!broker.leadership().held) {
    response.error = KafkaError::coordinator_not_available;
    call.note(response.error);
    respond(call, response);
    co_return;
  }
  auto const wanted = [&](std::string_view state) {
    return request->states.empty() || std::ranges::any_of(request->states, [&](auto const& each) {
             return std::ranges::equal(each, state,
                                       [](char a, char b) { return (a | 0x20) == (b | 0x20); });
           });
  };
  std::set<std::string> listed;
  auto const offsets = co_await groups_with_offsets(broker);
  for (auto const& [name, group] : broker.coordinator().groups().all()) {
    listed.insert(name);
    if (wanted(to_text(group.state)))
      response.groups.push_back({name, group.protocol_type, std::string(to_text(group.state))});
  }
  for (auto const& name : offsets)
    if (!listed.contains(name) && wanted("Empty"))
      response.groups.push_back({name, "consumer", "Empty"});
  respond(call, response);
}

async::Task<void> answer_delete_groups(Broker& broker, Call& call) {
  auto const request = request_of<wire::DeleteGroupsRequest>(call);
  if (!request) co_return;
  wire::DeleteGroupsResponse response;
  for (auto const& name : request->groups) {
    auto error = KafkaError::not_coordinator;
    if (broker.leadership().held) {
      bool const has_offsets = !(co_await committed_offsets(broker, name)).empty();
      error = broker.coordinator().groups().remove(name);
      if (error == KafkaError::group_id_not_found && has_offsets) error = KafkaError::none;
      if (error == KafkaError::none && broker.is_port(name))
        error = KafkaError::group_authorization_failed;
      if (error == KafkaError::none) co_await delete_offsets(broker, name, "");
      broker.coordinator().settle();
    }
    call.note(error);
    response.groups.push_back({name, error});
  }
  respond(call, response);
}

}  // namespace hansa::gateway
