#include "gateway/produce.h"

#include <algorithm>
#include <map>

#include "gateway/handlers.h"
#include "gateway/record_check.h"
#include "gateway/record_rules.h"

namespace hansa::gateway {
namespace {

using wire::KafkaError;

// What is checked at once; more is left to other threads, so that nobody waits for it.
constexpr std::size_t checked_here_max = 64U << 10U;

struct Job {
  Topic const* topic = nullptr;
  std::size_t topic_place = 0, partition_place = 0;
  std::int32_t partition = 0;
  std::span<char> bytes;
};

BatchRules rules_of(Topic const& topic) {
  BatchRules rules;
  rules.bytes_max = static_cast<std::size_t>(topic.message_bytes_max);
  rules.keys_required = topic.compacted();
  if (auto const found = topic.settings.find("message.timestamp.type");
      found != topic.settings.end())
    rules.append_time = found->second == "LogAppendTime";
  return rules;
}

// What compaction or a short retention would soon take away is for the database to give.
bool is_read_soon(Topic const& topic) {
  constexpr std::int64_t an_hour_ms = 3'600'000;
  return !topic.compacted() && topic.retention_ms.value_or(an_hour_ms) >= an_hour_ms;
}

void refuse(wire::ProduceResponse::Partition& answer, Refused const& refused) {
  answer.error = refused.error;
  answer.error_message = refused.message;
  if (refused.record >= 0)
    answer.record_errors = {{.batch_index = refused.record, .message = refused.message}};
}

// Why no batch may go to this partition, before any is looked at.
std::optional<Refused> refused_place(Broker const& broker, Principal const& principal,
                                     Topic const* topic, std::int32_t partition) {
  if (topic == nullptr || partition < 0 || partition >= topic->partitions)
    return Refused{KafkaError::unknown_topic_or_partition, "no such topic or partition"};
  if (auto reason = refused_write(principal, *topic))
    return Refused{KafkaError::topic_authorization_failed, *std::move(reason)};
  if (!broker.leadership(topic->database).held)
    return Refused{KafkaError::not_leader_or_follower, "another process serves Kafka clients"};
  return std::nullopt;
}

using Checked = std::expected<wire::BatchHeader, Refused>;

bool quick(Job const& job, BatchRules const& rules) {
  constexpr std::size_t attributes_low = 22;  // its lowest bits tell the compression
  return !rules.record && job.bytes.size() <= checked_here_max &&
         job.bytes.size() > attributes_low && (job.bytes[attributes_low] & 7) == 0;
}

async::Task<Checked> check(Broker& broker, std::shared_ptr<void const> frame, Job const& job,
                           std::int16_t version) {
  auto rules = rules_of(*job.topic);
  auto const now = system_clock().now();
  if (!has_record_rules(*job.topic) && quick(job, rules))
    co_return check_batch(job.bytes, rules, version, now);
  std::function<Checked(postgres::Session&)> work =
      [frame = std::move(frame), rules, bytes = job.bytes, version, now, topic = *job.topic,
       mesh = broker.topics()->mesh](postgres::Session& session) mutable -> Checked {
    RecordRules own(session, topic, mesh);
    rules.record = own.rule();
    return check_batch(bytes, rules, version, now);
  };
  co_return co_await broker.reader(0).run<Checked>(std::move(work));
}

// The answer's shape, and what there is to check.
std::vector<Job> jobs_of(Broker const& broker, Call const& call,
                         wire::ProduceRequest const& request, PreparedProduce& prepared) {
  std::vector<Job> jobs;
  for (auto const& topic : request.topics) {
    auto& topic_answer = prepared.answer.topics.emplace_back();
    topic_answer.name = topic.name;
    auto const* const known = prepared.topics->find(topic.name);
    for (auto const& partition : topic.partitions) {
      auto& answer = topic_answer.partitions.emplace_back();
      answer.index = partition.index;
      answer.base_offset = -1;
      if (auto const no = refused_place(broker, call.peer->principal, known, partition.index)) {
        refuse(answer, *no);
        continue;
      }
      auto const records = partition.records.value_or(std::string_view{});
      // The frame is ours, and may be written to where offsets and epochs belong.
      auto* const begin = call.frame->bytes.data() +
                          (records.empty() ? 0 : records.data() - call.frame->bytes.data());
      jobs.push_back({.topic = known,
                      .topic_place = prepared.answer.topics.size() - 1,
                      .partition_place = topic_answer.partitions.size() - 1,
                      .partition = partition.index,
                      .bytes = {begin, records.size()}});
    }
  }
  return jobs;
}

}  // namespace

async::Task<std::optional<PreparedProduce>> prepare_produce(Broker& broker, Call& call) {
  auto const request = request_of<wire::ProduceRequest>(call);
  if (!request) co_return std::nullopt;
  PreparedProduce prepared;
  prepared.acks = request->acks;
  prepared.topics = broker.topics();
  auto const jobs = jobs_of(broker, call, *request, prepared);
  bool const acks_known = request->acks >= -1 && request->acks <= 1;
  bool const transactional = request->transactional_id.has_value();
  for (Job const& job : jobs) {
    auto& answer = prepared.answer.topics[job.topic_place].partitions[job.partition_place];
    if (!acks_known || transactional) {
      refuse(answer, acks_known ? Refused{KafkaError::transactional_id_authorization_failed,
                                          "transactions are not served here"}
                                : Refused{KafkaError::invalid_required_acks, "acks is -1, 0 or 1"});
      continue;
    }
    auto const checked = co_await check(broker, call.frame, job, call.header.version);
    if (!checked) {
      refuse(answer, checked.error());
      continue;
    }
    prepared.parts.push_back({.topic = job.topic_place,
                              .partition = job.partition_place,
                              .database = job.topic->database,
                              .append = {.topic = job.topic->id,
                                         .partition = job.partition,
                                         .batch = job.bytes,
                                         .header = *checked,
                                         .read_soon = is_read_soon(*job.topic)}});
  }
  co_return prepared;
}

namespace {

void take_answers(PreparedProduce& prepared, std::vector<std::size_t> const& places,
                  std::vector<Appended> const& appended) {
  for (std::size_t i = 0; i < places.size(); ++i) {
    auto const& part = prepared.parts[places[i]];
    auto& answer = prepared.answer.topics[part.topic].partitions[part.partition];
    answer.error = appended[i].error;
    answer.base_offset = appended[i].base_offset;
    answer.log_start_offset = appended[i].log_start;
    bool const append_time = (part.append.header.attributes & 8U) != 0;
    answer.log_append_time_ms = append_time ? part.append.header.max_timestamp_ms : -1;
  }
}

async::Task<void> write(Broker& broker, Call& call, PreparedProduce& prepared, std::size_t database,
                        std::vector<std::size_t> places) {
  std::vector<Append> batches;
  for (std::size_t const place : places) batches.push_back(prepared.parts[place].append);
  std::vector<Appended> appended(places.size(), {.error = KafkaError::not_leader_or_follower});
  try {
    appended = co_await broker.writer(database).append(std::move(batches), call.frame);
  } catch (Failure const& failure) {
    if (failure.error().code == Code::overloaded)
      for (Appended& each : appended) each.error = KafkaError::request_timed_out;
  }
  take_answers(prepared, places, appended);
  for (std::size_t const place : places)
    broker.watch().notify({database, prepared.parts[place].append.topic});
}

}  // namespace

async::Task<void> finish_produce(Broker& broker, Call& call, PreparedProduce prepared) {
  std::map<std::size_t, std::vector<std::size_t>> by_database;
  for (std::size_t i = 0; i < prepared.parts.size(); ++i)
    by_database[prepared.parts[i].database].push_back(i);
  for (auto& [database, places] : by_database)
    co_await write(broker, call, prepared, database, std::move(places));
  for (auto const& topic : prepared.answer.topics)
    for (auto const& partition : topic.partitions) call.note(partition.error);
  if (prepared.acks != 0) {
    respond(call, prepared.answer);
  } else if (call.error != KafkaError::none) {
    call.close = true;  // the only way to tell a client that waits for no answer
  }
}

}  // namespace hansa::gateway
