#include "wire/metadata.h"

#include <algorithm>

#include "gateway/handlers.h"
#include "gateway/topic_admin.h"

namespace hansa::gateway {
namespace {

using wire::KafkaError;
using wire::MetadataResponse;

constexpr std::int16_t names_null_since = 12;

// The one broker there is for this client: the process that leads, or this one, as long as nobody
// is known to: a client that is told of no broker at all has nobody left to ask.
MetadataResponse::Broker broker_for(Broker const& broker, Peer const& peer) {
  auto const& lead = broker.leadership();
  if (lead.held || lead.host.empty())
    return {.node_id = Broker::node_id,
            .host = broker.host_for(peer),
            .port = broker.options().advertised_port};
  return {.node_id = Broker::node_id, .host = lead.host, .port = lead.port};
}

MetadataResponse::Topic describe(Broker const& broker, Topic const& topic) {
  MetadataResponse::Topic out{.name = topic.name,
                              .id = topic_uuid(broker.leadership().cluster_id, topic)};
  auto const epoch = broker.leadership(topic.database).epoch;
  for (std::int32_t i = 0; i < topic.partitions; ++i)
    out.partitions.push_back({.index = i,
                              .leader_id = Broker::node_id,
                              .leader_epoch = epoch,
                              .replicas = {Broker::node_id},
                              .in_sync = {Broker::node_id}});
  return out;
}

// What was asked for by a name that is not there.
async::Task<MetadataResponse::Topic> missing(Broker& broker, Call const& call, std::string name,
                                             bool may_make) {
  MetadataResponse::Topic out{.name = name};
  if (refused_name(name)) {
    out.error = KafkaError::invalid_topic_exception;
    co_return out;
  }
  out.error = KafkaError::unknown_topic_or_partition;
  if (!may_make || !broker.options().topics_made_by_use || !broker.leadership().held ||
      !call.peer->principal.may_write)
    co_return out;
  NewTopic wanted{.name = name};
  auto const error = co_await make_topic(broker, std::move(wanted));
  auto const topics = broker.topics();
  auto const* const made = topics->find(name);
  if (error.error != KafkaError::none && error.error != KafkaError::topic_already_exists)
    out.error = error.error;
  else if (made != nullptr)
    out = describe(broker, *made);
  co_return out;
}

}  // namespace

async::Task<void> answer_metadata(Broker& broker, Call& call) {
  auto const request = request_of<wire::MetadataRequest>(call);
  if (!request) co_return;
  auto const topics = broker.topics();
  MetadataResponse response;
  response.brokers.push_back(broker_for(broker, *call.peer));
  response.controller_id = Broker::node_id;
  if (!broker.leadership().cluster_id.empty()) response.cluster_id = broker.leadership().cluster_id;
  if (!request->topics) {
    for (auto const& [name, topic] : topics->by_name)
      response.topics.push_back(describe(broker, topic));
  } else {
    for (auto const& wanted : *request->topics) {
      if (!wanted.name) {
        auto const found = std::ranges::find_if(topics->by_name, [&](auto const& each) {
          return topic_uuid(broker.leadership().cluster_id, each.second) == wanted.id;
        });
        constexpr auto unknown_topic_id = static_cast<KafkaError>(100);
        response.topics.push_back(
            found != topics->by_name.end()
                ? describe(broker, found->second)
                : MetadataResponse::Topic{.error = unknown_topic_id, .id = wanted.id});
        continue;
      }
      auto const* const known = topics->find(*wanted.name);
      if (known != nullptr)
        response.topics.push_back(describe(broker, *known));
      else
        response.topics.push_back(
            co_await missing(broker, call, *wanted.name, request->topics_made_by_use));
    }
  }
  for (auto& topic : response.topics) {
    call.note(topic.error);
    if (!topic.name && call.header.version < names_null_since) topic.name = "";
  }
  respond(call, response);
}

async::Task<void> answer_describe_cluster(Broker& broker, Call& call) {
  auto const request = request_of<wire::DescribeClusterRequest>(call);
  if (!request) co_return;
  wire::DescribeClusterResponse response;
  constexpr std::int8_t of_brokers = 1;
  response.endpoint_type = request->endpoint_type;
  response.cluster_id = broker.leadership().cluster_id;
  if (request->endpoint_type != of_brokers) {
    response.error = static_cast<KafkaError>(115);  // UNSUPPORTED_ENDPOINT_TYPE
    response.error_message = "there are no controllers to describe";
  } else {
    response.brokers.push_back(broker_for(broker, *call.peer));
    response.controller_id = Broker::node_id;
  }
  call.note(response.error);
  respond(call, response);
}

async::Task<void> answer_find_coordinator(Broker& broker, Call& call) {
  auto request = request_of<wire::FindCoordinatorRequest>(call);
  if (!request) co_return;
  constexpr std::int16_t lists_since = 4;
  if (call.header.version < lists_since) request->names = {request->name};
  auto const one = broker_for(broker, *call.peer);
  wire::FindCoordinatorResponse response;
  for (auto const& name : request->names) {
    auto& found = response.coordinators.emplace_back();
    found.name = name;
    if (request->key_type != 0) {
      found.error = request->key_type == 1 ? KafkaError::transactional_id_authorization_failed
                                           : KafkaError::invalid_request;
      found.error_message = "transactions are not served here";
    } else {
      found.node_id = one.node_id;
      found.host = one.host;
      found.port = one.port;
    }
    call.note(found.error);
  }
  respond(call, response);
}

async::Task<void> answer_init_producer_id(Broker& broker, Call& call) {
  auto const request = request_of<wire::InitProducerIdRequest>(call);
  if (!request) co_return;
  wire::InitProducerIdResponse response;
  if (request->transactional_id) {
    response.error = KafkaError::transactional_id_authorization_failed;
  } else if (!broker.leadership().held) {
    // Of all errors that are tried again the one that sends no client looking for a coordinator of
    // transactions.
    response.error = KafkaError::coordinator_load_in_progress;
  } else {
    std::function<std::int64_t(postgres::Session&)> const draw = [](postgres::Session& session) {
      auto const rows = session.execute("select nextval('hansa.producer_id')");
      return static_cast<std::int64_t>(std::stoll(std::string(rows.value(0, 0))));
    };
    // Not one who only reads: a number that is drawn is gone.
    response.producer_id = co_await broker.writer(0).run<std::int64_t>(draw);
    response.producer_epoch = 0;
  }
  call.note(response.error);
  respond(call, response);
}

}  // namespace hansa::gateway
