// One function for each API key the gateway serves, each in a file of its name; which there are is
// the table of wire/api.h. A function reads the call's body, acts, and writes the answer; bytes
// that are no such request end the connection (Call::close).
#pragma once

#include <utility>

#include "gateway/broker.h"
#include "wire/message.h"

namespace hansa::gateway {

using Handler = async::Task<void> (*)(Broker&, Call&);

async::Task<void> answer_api_versions(Broker& broker, Call& call);
async::Task<void> answer_metadata(Broker& broker, Call& call);
async::Task<void> answer_fetch(Broker& broker, Call& call);
async::Task<void> answer_list_offsets(Broker& broker, Call& call);
async::Task<void> answer_offset_for_leader_epoch(Broker& broker, Call& call);
async::Task<void> answer_find_coordinator(Broker& broker, Call& call);
async::Task<void> answer_join_group(Broker& broker, Call& call);
async::Task<void> answer_sync_group(Broker& broker, Call& call);
async::Task<void> answer_heartbeat(Broker& broker, Call& call);
async::Task<void> answer_leave_group(Broker& broker, Call& call);
async::Task<void> answer_offset_commit(Broker& broker, Call& call);
async::Task<void> answer_offset_fetch(Broker& broker, Call& call);
async::Task<void> answer_offset_delete(Broker& broker, Call& call);
async::Task<void> answer_describe_groups(Broker& broker, Call& call);
async::Task<void> answer_list_groups(Broker& broker, Call& call);
async::Task<void> answer_delete_groups(Broker& broker, Call& call);
async::Task<void> answer_init_producer_id(Broker& broker, Call& call);
async::Task<void> answer_create_topics(Broker& broker, Call& call);
async::Task<void> answer_delete_topics(Broker& broker, Call& call);
async::Task<void> answer_create_partitions(Broker& broker, Call& call);
async::Task<void> answer_delete_records(Broker& broker, Call& call);
async::Task<void> answer_describe_configs(Broker& broker, Call& call);
async::Task<void> answer_alter_configs(Broker& broker, Call& call);
async::Task<void> answer_incremental_alter_configs(Broker& broker, Call& call);
async::Task<void> answer_describe_cluster(Broker& broker, Call& call);
async::Task<void> answer_sasl_handshake(Broker& broker, Call& call);
async::Task<void> answer_sasl_authenticate(Broker& broker, Call& call);

// nullptr: not served.
[[nodiscard]] Handler handler_of(std::int16_t key);

// The request, or nullopt with the connection marked to end.
template <class Request>
[[nodiscard]] std::optional<Request> request_of(Call& call) {
  auto request = wire::read_message<Request>(call.body, call.header.version);
  if (request) return *std::move(request);
  call.close = true;
  return std::nullopt;
}

template <class Response>
void respond(Call& call, Response const& response) {
  wire::begin_response(static_cast<wire::ApiKey>(call.header.key), call.header.version,
                       call.header.correlation_id, call.out);
  wire::write_message(response, call.header.version, call.out);
}

}  // namespace hansa::gateway
