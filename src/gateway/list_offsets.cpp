#include "gateway/handlers.h"
#include "log/decimal_text.h"
#include "log/fetch.h"
#include "wire/offsets.h"

namespace hansa::gateway {
namespace {

using wire::KafkaError;
using wire::ListOffsetsRequest;

struct Answer {
  KafkaError error = KafkaError::none;
  std::int64_t offset = -1, timestamp_ms = -1;
};

constexpr std::string_view read_greatest_time = R"(
select s.max_time_ms from hansa.segment s join hansa.topic t on t.id = s.topic
where t.name = $1 and s.partition = $2 order by s.max_time_ms desc, s.base_offset limit 1)";

Answer find_offset(postgres::Session& session, std::string const& topic, std::int32_t partition,
                   std::int64_t timestamp_ms) {
  auto const marks = log::watermarks(session, topic, partition);
  if (!marks) return {.error = KafkaError::unknown_topic_or_partition};
  if (timestamp_ms == ListOffsetsRequest::latest) return {.offset = marks->end};
  if (timestamp_ms == ListOffsetsRequest::earliest) return {.offset = marks->start};
  if (timestamp_ms == ListOffsetsRequest::greatest_time) {
    auto const rows = session.execute(read_greatest_time, {topic, std::to_string(partition)});
    if (rows.size() == 0) return {};
    timestamp_ms = log::to_number<std::int64_t>(rows.value(0, 0));
  } else if (timestamp_ms < 0) {
    return {.error = KafkaError::unsupported_version};
  }
  auto const found = log::offset_at(session, topic, partition, timestamp_ms);
  if (!found) return {};
  return {.offset = found->offset, .timestamp_ms = found->timestamp_ms};
}

KafkaError refused(Broker const& broker, Topic const* topic, std::int32_t partition,
                   std::int32_t current_epoch) {
  if (topic == nullptr || partition < 0 || partition >= topic->partitions)
    return KafkaError::unknown_topic_or_partition;
  auto const& lead = broker.leadership(topic->database);
  if (!lead.held) return KafkaError::not_leader_or_follower;
  if (current_epoch >= 0 && current_epoch < lead.epoch) return KafkaError::fenced_leader_epoch;
  if (current_epoch > lead.epoch) return KafkaError::unknown_leader_epoch;
  return KafkaError::none;
}

}  // namespace

async::Task<void> answer_list_offsets(Broker& broker, Call& call) {
  auto const request = request_of<ListOffsetsRequest>(call);
  if (!request) co_return;
  auto const topics = broker.topics();
  wire::ListOffsetsResponse response;
  for (auto const& topic : request->topics) {
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    auto const* const known = topics->find(topic.name);
    for (auto const& partition : topic.partitions) {
      auto& each = out.partitions.emplace_back();
      each.index = partition.index;
      each.error = refused(broker, known, partition.index, partition.current_leader_epoch);
      if (each.error == KafkaError::none) {
        std::function<Answer(postgres::Session&)> const work =
            [name = known->name, index = partition.index, time = partition.timestamp_ms](
                postgres::Session& session) { return find_offset(session, name, index, time); };
        auto const answer = co_await broker.reader(known->database).run<Answer>(work);
        each.error = answer.error;
        each.offset = answer.offset;
        each.timestamp_ms = answer.timestamp_ms;
        if (answer.offset >= 0) each.leader_epoch = broker.leadership(known->database).epoch;
      }
      call.note(each.error);
    }
  }
  respond(call, response);
}

namespace {

// The first epoch that began behind `epoch` began at the end of it; the newest ends where the log
// does (KIP-101, KIP-279).
constexpr std::string_view read_epoch_end = R"(
select coalesce((select max(epoch) from hansa.partition_epoch e
                 where e.topic = p.topic and e.partition = p.partition and e.epoch <= $3), -1),
       coalesce((select min(start_offset) from hansa.partition_epoch e
                 where e.topic = p.topic and e.partition = p.partition and e.epoch > $3),
                p.next_offset)
from hansa.topic_partition p join hansa.topic t on t.id = p.topic
where t.name = $1 and p.partition = $2)";

struct EpochEnd {
  std::int32_t epoch = -1;
  std::int64_t end = -1;
};

}  // namespace

async::Task<void> answer_offset_for_leader_epoch(Broker& broker, Call& call) {
  auto const request = request_of<wire::OffsetForLeaderEpochRequest>(call);
  if (!request) co_return;
  auto const topics = broker.topics();
  wire::OffsetForLeaderEpochResponse response;
  for (auto const& topic : request->topics) {
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    auto const* const known = topics->find(topic.name);
    for (auto const& partition : topic.partitions) {
      auto& each = out.partitions.emplace_back();
      each.index = partition.index;
      each.error = refused(broker, known, partition.index, partition.current_leader_epoch);
      auto const current = known != nullptr ? broker.leadership(known->database).epoch : 0;
      if (each.error == KafkaError::none && partition.leader_epoch >= 0 &&
          partition.leader_epoch <= current) {
        std::function<EpochEnd(postgres::Session&)> const work =
            [name = known->name, index = partition.index,
             epoch = partition.leader_epoch](postgres::Session& session) {
              auto const rows = session.execute(
                  read_epoch_end, {name, std::to_string(index), std::to_string(epoch)});
              if (rows.size() == 0) return EpochEnd{};
              return EpochEnd{log::to_number<std::int32_t>(rows.value(0, 0)),
                              log::to_number<std::int64_t>(rows.value(0, 1))};
            };
        auto const end = co_await broker.reader(known->database).run<EpochEnd>(work);
        // What tables wrote has no epochs: all of it is of the current one.
        each.leader_epoch = end.epoch >= 0 ? end.epoch : partition.leader_epoch;
        each.end_offset = end.end;
      }
      call.note(each.error);
    }
  }
  respond(call, response);
}

}  // namespace hansa::gateway
