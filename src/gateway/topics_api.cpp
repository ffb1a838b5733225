// CreateTopics, DeleteTopics, CreatePartitions, DeleteRecords.
#include <algorithm>
#include <set>

#include "gateway/handlers.h"
#include "gateway/topic_admin.h"
#include "log/decimal_text.h"
#include "wire/topics.h"

namespace hansa::gateway {
namespace {

using wire::KafkaError;

constexpr std::int16_t default_partitions = 1;

// Why nobody may change topics here, or this connection may not.
AdminError refused(Broker const& broker, Call const& call) {
  if (!broker.leadership().held)
    return {KafkaError::not_controller, "another process serves Kafka clients"};
  if (!call.peer->principal.may_write)
    return {KafkaError::cluster_authorization_failed, "writing is for the developer's own machine"};
  return {};
}

std::optional<std::string> text_of(AdminError const& error) {
  if (error.error == KafkaError::none) return std::nullopt;
  return error.message;
}

// What is wrong with the form of the request for a topic.
AdminError check_shape(wire::CreateTopicsRequest::Topic const& topic) {
  if (!topic.assignments.empty()) {
    if (topic.partitions != -1 || topic.replication_factor != -1)
      return {KafkaError::invalid_request,
              "partitions are assigned, or counted and replicated, not both"};
    std::set<std::int32_t> seen;
    for (auto const& each : topic.assignments)
      if (each.brokers != std::vector<std::int32_t>{Broker::node_id} || each.partition < 0 ||
          each.partition >= static_cast<std::int32_t>(topic.assignments.size()) ||
          !seen.insert(each.partition).second)
        return {KafkaError::invalid_replica_assignment, "there is one broker, number 1"};
    return {};
  }
  if (topic.replication_factor != -1 && topic.replication_factor != 1)
    return {KafkaError::invalid_replication_factor,
            "there is one broker: the replication factor is 1"};
  if (topic.partitions != -1 && topic.partitions < 1)
    return {KafkaError::invalid_partitions, "Number of partitions must be larger than 0."};
  return {};
}

NewTopic new_topic(wire::CreateTopicsRequest::Topic const& topic) {
  NewTopic wanted{.name = topic.name};
  wanted.partitions = !topic.assignments.empty()
                          ? static_cast<std::int32_t>(topic.assignments.size())
                          : (topic.partitions < 0 ? default_partitions : topic.partitions);
  for (auto const& config : topic.configs)
    if (config.value) wanted.configs[config.name] = *config.value;
  return wanted;
}

async::Task<AdminError> create(Broker& broker, wire::CreateTopicsRequest::Topic const& topic,
                               bool validate_only) {
  if (auto error = check_shape(topic); error.error != KafkaError::none) co_return error;
  auto wanted = new_topic(topic);
  if (!validate_only) co_return co_await make_topic(broker, std::move(wanted));
  if (auto reason = refused_name(wanted.name))
    co_return AdminError{KafkaError::invalid_topic_exception, *std::move(reason)};
  if (broker.topics()->find(wanted.name) != nullptr)
    co_return AdminError{KafkaError::topic_already_exists,
                         "Topic '" + wanted.name + "' already exists."};
  auto const settings = settings_of(wanted.configs);
  co_return settings ? AdminError{} : settings.error();
}

void describe(Broker const& broker, std::string const& name,
              wire::CreateTopicsResponse::Topic& out) {
  auto const topics = broker.topics();
  auto const* const made = topics->find(name);
  out.configs.emplace();
  out.replication_factor = 1;
  if (made == nullptr) return;
  out.id = topic_uuid(broker.leadership().cluster_id, *made);
  out.partitions = made->partitions;
  constexpr std::int8_t of_topic = 1, by_default = 5;
  auto const given = explicit_configs(*made);
  for (auto const& config : known_configs()) {
    auto const found = given.find(std::string(config.name));
    out.configs->push_back(
        {.name = std::string(config.name),
         .value = found != given.end() ? found->second : std::string(config.default_value),
         .source = found != given.end() ? of_topic : by_default});
  }
}

}  // namespace

async::Task<void> answer_create_topics(Broker& broker, Call& call) {
  auto const request = request_of<wire::CreateTopicsRequest>(call);
  if (!request) co_return;
  wire::CreateTopicsResponse response;
  for (auto const& topic : request->topics) {
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    auto error = refused(broker, call);
    if (std::ranges::count(request->topics, topic.name, &wire::CreateTopicsRequest::Topic::name) >
        1)
      error = {KafkaError::invalid_request, "the topic is named more than once"};
    if (error.error == KafkaError::none)
      error = co_await create(broker, topic, request->validate_only);
    out.error = error.error;
    out.error_message = text_of(error);
    if (error.error == KafkaError::none) {
      describe(broker, topic.name, out);
      if (request->validate_only) out.partitions = new_topic(topic).partitions;
    }
    call.note(out.error);
  }
  respond(call, response);
}

async::Task<void> answer_delete_topics(Broker& broker, Call& call) {
  auto const request = request_of<wire::DeleteTopicsRequest>(call);
  if (!request) co_return;
  wire::DeleteTopicsResponse response;
  for (auto const& name : request->topics) {
    auto error = refused(broker, call);
    if (error.error == KafkaError::none) error = co_await delete_topic(broker, name);
    response.topics.push_back({name, error.error, text_of(error)});
    call.note(error.error);
  }
  respond(call, response);
}

async::Task<void> answer_create_partitions(Broker& broker, Call& call) {
  auto const request = request_of<wire::CreatePartitionsRequest>(call);
  if (!request) co_return;
  wire::CreatePartitionsResponse response;
  for (auto const& topic : request->topics) {
    auto error = refused(broker, call);
    auto const topics = broker.topics();
    auto const* const known = topics->find(topic.name);
    if (error.error == KafkaError::none && request->validate_only) {
      if (known == nullptr)
        error = {KafkaError::unknown_topic_or_partition, "no such topic"};
      else if (topic.count <= known->partitions)
        error = {KafkaError::invalid_partitions, "a topic's partitions can only become more"};
    } else if (error.error == KafkaError::none) {
      error = co_await raise_partitions(broker, topic.name, topic.count);
    }
    response.topics.push_back({topic.name, error.error, text_of(error)});
    call.note(error.error);
  }
  respond(call, response);
}

namespace {

constexpr std::string_view raise_start = R"(
update hansa.topic_partition set start_offset = greatest(start_offset, $3::bigint)
where topic = $1 and partition = $2 and next_offset >= $3::bigint returning start_offset)";
constexpr std::string_view drop_before = R"(
delete from hansa.segment where topic = $1 and partition = $2 and next_offset <= $3)";

// The new start, or -1 where the offset is beyond the end.
std::int64_t delete_before(postgres::Session& session, std::int32_t topic, std::int32_t partition,
                           std::int64_t offset) {
  std::int64_t start = -1;
  session.transaction([&] {
    auto const id = std::to_string(topic), index = std::to_string(partition);
    if (offset < 0) {
      auto const end = session.execute(
          "select next_offset from hansa.topic_partition where topic = $1 and partition = $2",
          {id, index});
      offset = end.size() == 0 ? 0 : log::to_number<std::int64_t>(end.value(0, 0));
    }
    auto const rows = session.execute(raise_start, {id, index, std::to_string(offset)});
    if (rows.size() == 0) return;
    start = log::to_number<std::int64_t>(rows.value(0, 0));
    session.execute(drop_before, {id, index, std::to_string(start)});
  });
  return start;
}

async::Task<wire::DeleteRecordsResponse::Partition> delete_records(
    Broker& broker, Call const& call, Topic const* topic,
    wire::DeleteRecordsRequest::Partition asked) {
  wire::DeleteRecordsResponse::Partition out{.index = asked.index};
  if (auto const error = refused(broker, call); error.error != KafkaError::none)
    out.error = error.error == KafkaError::not_controller ? KafkaError::not_leader_or_follower
                                                          : KafkaError::topic_authorization_failed;
  else if (topic == nullptr || asked.index < 0 || asked.index >= topic->partitions)
    out.error = KafkaError::unknown_topic_or_partition;
  else if (!topic->domain.empty())
    out.error = KafkaError::policy_violation;  // how long events are kept, a contract says
  else if (asked.offset < -1)
    out.error = KafkaError::offset_out_of_range;
  if (out.error != KafkaError::none) co_return out;
  std::function<std::int64_t(postgres::Session&)> const work = [id = topic->id,
                                                                asked](postgres::Session& session) {
    return delete_before(session, id, asked.index, asked.offset);
  };
  out.low_watermark = co_await broker.writer(topic->database).run<std::int64_t>(work);
  if (out.low_watermark < 0) out.error = KafkaError::offset_out_of_range;
  broker.forget(topic->database, topic->id);
  co_return out;
}

}  // namespace

async::Task<void> answer_delete_records(Broker& broker, Call& call) {
  auto const request = request_of<wire::DeleteRecordsRequest>(call);
  if (!request) co_return;
  auto const topics = broker.topics();
  wire::DeleteRecordsResponse response;
  for (auto const& topic : request->topics) {
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    for (auto const& partition : topic.partitions) {
      out.partitions.push_back(
          co_await delete_records(broker, call, topics->find(topic.name), partition));
      call.note(out.partitions.back().error);
    }
  }
  respond(call, response);
}

}  // namespace hansa::gateway
