// JoinGroup, SyncGroup, Heartbeat, LeaveGroup.
#include "gateway/handlers.h"
#include "wire/groups.h"

namespace hansa::gateway {
namespace {

using wire::KafkaError;

Asking asking(Call const& call) {
  return {.token = 0,
          .version = call.header.version,
          .client_id = call.header.client_id.value_or(""),
          .client_host = call.peer->remote_host};
}

bool leads(Broker const& broker) { return broker.leadership().held; }

}  // namespace

async::Task<void> answer_join_group(Broker& broker, Call& call) {
  auto request = request_of<wire::JoinGroupRequest>(call);
  if (!request) co_return;
  wire::JoinGroupResponse response;
  if (leads(broker)) {
    response = co_await broker.coordinator().join(*std::move(request), asking(call));
  } else {
    response.error = KafkaError::not_coordinator;
    response.protocol_name = "";
  }
  call.note(response.error);
  respond(call, response);
}

async::Task<void> answer_sync_group(Broker& broker, Call& call) {
  auto request = request_of<wire::SyncGroupRequest>(call);
  if (!request) co_return;
  wire::SyncGroupResponse response;
  if (leads(broker))
    response = co_await broker.coordinator().sync(*std::move(request), asking(call));
  else
    response.error = KafkaError::not_coordinator;
  call.note(response.error);
  respond(call, response);
}

async::Task<void> answer_heartbeat(Broker& broker, Call& call) {
  auto const request = request_of<wire::HeartbeatRequest>(call);
  if (!request) co_return;
  wire::HeartbeatResponse response;
  response.error = KafkaError::not_coordinator;
  if (leads(broker)) {
    response.error =
        broker.coordinator().groups().heartbeat(*request, std::chrono::steady_clock::now());
    broker.coordinator().settle();
  }
  call.note(response.error);
  respond(call, response);
}

async::Task<void> answer_leave_group(Broker& broker, Call& call) {
  auto const request = request_of<wire::LeaveGroupRequest>(call);
  if (!request) co_return;
  wire::LeaveGroupResponse response;
  response.error = KafkaError::not_coordinator;
  if (leads(broker)) {
    response = broker.coordinator().groups().leave(*request, std::chrono::steady_clock::now());
    broker.coordinator().settle();
    constexpr std::int16_t lists_since = 3;
    if (call.header.version < lists_since) response.error = response.members.front().error;
  }
  call.note(response.error);
  respond(call, response);
}

}  // namespace hansa::gateway
