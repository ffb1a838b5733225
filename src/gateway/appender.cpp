#include "gateway/appender.h"

#include <set>

#include "json/value.h"
#include "log/decimal_text.h"
#include "log/segment_writer.h"
#include "wire/big_endian.h"

namespace hansa::gateway {
namespace {

using log::ArrayText;
using log::to_number;
using postgres::Session;
using wire::KafkaError;

constexpr std::string_view read_partitions = R"(
select p.topic, p.partition, p.start_offset, p.next_offset, exists (
         select from hansa.partition_epoch e
         where e.topic = p.topic and e.partition = p.partition and e.epoch = $3::int)
from unnest($1::int[], $2::int[]) as w (topic, partition)
join hansa.topic_partition p on p.topic = w.topic and p.partition = w.partition)";

constexpr std::string_view read_producers = R"(
select p.topic, p.partition, p.producer_id, p.epoch, p.recent
from unnest($1::int[], $2::int[]) as w (topic, partition)
join hansa.producer p on p.topic = w.topic and p.partition = w.partition)";

// Only from where we think they are: who else moved an end is found out here.
constexpr std::string_view advance_ends = R"(
update hansa.topic_partition p set next_offset = e.now
from unnest($1::int[], $2::int[], $3::bigint[], $4::bigint[]) as e (topic, partition, was, now)
where p.topic = e.topic and p.partition = e.partition and p.next_offset = e.was)";

constexpr std::string_view note_epochs = R"(
insert into hansa.partition_epoch (topic, partition, epoch, start_offset)
select topic, partition, $4::int, start_offset
from unnest($1::int[], $2::int[], $3::bigint[]) as e (topic, partition, start_offset))";

constexpr std::string_view write_producers = R"(
insert into hansa.producer (topic, partition, producer_id, epoch, recent)
select * from unnest($1::int[], $2::int[], $3::bigint[], $4::smallint[], $5::text[])
on conflict (topic, partition, producer_id)
do update set epoch = excluded.epoch, recent = excluded.recent, updated_at = now())";

// Of several commits of one place the last one counts.
constexpr std::string_view write_commits = R"(
insert into hansa.group_offset
  (consumer_group, topic, partition, next_offset, leader_epoch, metadata)
select distinct on (c ->> 0, c ->> 1, (c ->> 2)::int)
       c ->> 0, c ->> 1, (c ->> 2)::int, (c ->> 3)::bigint, (c ->> 4)::int,
       decode(c ->> 5, 'hex')
from json_array_elements($1::json) with ordinality as w (c, place)
order by c ->> 0, c ->> 1, (c ->> 2)::int, w.place desc
on conflict (consumer_group, topic, partition)
do update set next_offset = excluded.next_offset, leader_epoch = excluded.leader_epoch,
              metadata = excluded.metadata, committed_at = now())";

// Clients put any bytes there; librdkafka's Python client ends them with a zero.
std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (char const c : bytes) {
    out += digits[static_cast<unsigned char>(c) >> 4U];
    out += digits[static_cast<unsigned char>(c) & 15U];
  }
  return out;
}

std::string commits_json(std::span<OffsetCommit const> commits) {
  json::Array rows;
  for (OffsetCommit const& each : commits)
    rows.push_back(json::array({json::text(each.group), json::text(each.topic),
                                json::integer(each.partition), json::integer(each.offset),
                                json::integer(each.leader_epoch), json::text(hex(each.metadata))}));
  return json::to_text(json::array(std::move(rows)));
}

constexpr std::size_t leader_epoch_at = 12;  // in a record batch

}  // namespace

void Appender::load_producers(Session& session, std::string const& topics,
                              std::string const& partitions) {
  auto const rows = session.execute(read_producers, {topics, partitions});
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Place const place{to_number<std::int32_t>(rows.value(i, 0)),
                      to_number<std::int32_t>(rows.value(i, 1))};
    auto& known = partitions_.at(place).producers[to_number<std::int64_t>(rows.value(i, 2))];
    known = parse_producer(to_number<std::int16_t>(rows.value(i, 3)), rows.value(i, 4));
  }
}

void Appender::load(Session& session, std::span<Append const> batches) {
  std::set<Place> missing;
  for (Append const& each : batches)
    if (!partitions_.contains({each.topic, each.partition}))
      missing.emplace(each.topic, each.partition);
  if (missing.empty()) return;
  ArrayText topics, partitions;
  for (auto const& [topic, partition] : missing) {
    topics.add(topic);
    partitions.add(partition);
  }
  auto const rows =
      session.execute(read_partitions, {topics.text(), partitions.text(), std::to_string(epoch_)});
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto& found = partitions_[{to_number<std::int32_t>(rows.value(i, 0)),
                               to_number<std::int32_t>(rows.value(i, 1))}];
    found.start = to_number<std::int64_t>(rows.value(i, 2));
    found.committed = found.next = to_number<std::int64_t>(rows.value(i, 3));
    found.epoch_noted = rows.value(i, 4) == "t";
  }
  load_producers(session, topics.text(), partitions.text());
}

Appended Appender::place(Append const& batch) {
  auto const found = partitions_.find({batch.topic, batch.partition});
  if (found == partitions_.end()) return {.error = KafkaError::unknown_topic_or_partition};
  auto& partition = found->second;
  Appended answer{.base_offset = partition.next, .log_start = partition.start};
  if (batch.header.producer_id >= 0) {
    auto& known = partition.producers[batch.header.producer_id];
    auto const verdict = judge(known, batch.header);
    using Kind = SequenceVerdict::Kind;
    if (verdict.kind == Kind::fenced) return {.error = KafkaError::invalid_producer_epoch};
    if (verdict.kind == Kind::out_of_order)
      return {.error = KafkaError::out_of_order_sequence_number};
    if (verdict.kind == Kind::duplicate) {
      answer.base_offset = verdict.base_offset;
      return answer;
    }
    note(known, batch.header, partition.next);
  }
  wire::set_base_offset(batch.batch, partition.next);
  wire::store_big_endian(epoch_, batch.batch.data() + leader_epoch_at);
  partition.next += batch.header.last_offset_delta + 1;
  answer.stored = true;
  return answer;
}

// What one transaction changes.
struct Appender::Draft {
  log::SegmentWriter writer;
  std::set<Place> changed;
  std::map<std::pair<Place, std::int64_t>, ProducerState const*> producers;
};

std::vector<Appended> Appender::place_all(std::span<Append const> batches, Draft& draft) {
  std::vector<Appended> answers;
  for (Append const& batch : batches) {
    Place const where{batch.topic, batch.partition};
    auto const found = partitions_.find(where);
    auto const before = found == partitions_.end() ? 0 : found->second.next;
    answers.push_back(place(batch));
    if (found == partitions_.end() || found->second.next == before) continue;
    draft.changed.insert(where);
    draft.writer.add(batch.topic, batch.partition, found->second.next,
                     {batch.batch.data(), batch.batch.size()});
    if (batch.header.producer_id >= 0)
      draft.producers[{where, batch.header.producer_id}] =
          &*found->second.producers[batch.header.producer_id];
  }
  return answers;
}

void Appender::add_ends(Draft const& draft, std::vector<postgres::Statement>& statements) const {
  if (draft.changed.empty()) return;
  ArrayText topics, partitions, was, now, new_topics, new_partitions, new_starts;
  for (Place const& where : draft.changed) {
    auto const& partition = partitions_.at(where);
    topics.add(where.first);
    partitions.add(where.second);
    was.add(partition.committed);
    now.add(partition.next);
    if (partition.epoch_noted) continue;
    new_topics.add(where.first);
    new_partitions.add(where.second);
    new_starts.add(partition.committed);
  }
  statements.push_back(
      {.sql = advance_ends, .params = {topics.text(), partitions.text(), was.text(), now.text()}});
  statements.push_back(draft.writer.insert());
  if (new_topics.text() != "{}")
    statements.push_back({.sql = note_epochs,
                          .params = {new_topics.text(), new_partitions.text(), new_starts.text(),
                                     std::to_string(epoch_)}});
}

void Appender::add_producers(Draft const& draft, std::vector<postgres::Statement>& statements) {
  if (draft.producers.empty()) return;
  ArrayText topics, partitions, ids, epochs;
  std::string recent;  // digits, colons and semicolons need no quotes
  for (auto const& [key, state] : draft.producers) {
    topics.add(key.first.first);
    partitions.add(key.first.second);
    ids.add(key.second);
    epochs.add(state->epoch);
    recent += (recent.empty() ? '{' : ',') + to_text(*state);
  }
  statements.push_back(
      {.sql = write_producers,
       .params = {topics.text(), partitions.text(), ids.text(), epochs.text(), recent + '}'}});
}

std::vector<Appended> Appender::write(Session& session, std::span<Append const> batches,
                                      std::span<OffsetCommit const> commits) {
  load(session, batches);
  Draft draft;
  auto answers = place_all(batches, draft);
  std::vector<postgres::Statement> statements;
  add_ends(draft, statements);
  add_producers(draft, statements);
  if (!commits.empty())
    statements.push_back({.sql = write_commits, .params = {commits_json(commits)}});
  if (statements.empty()) return answers;
  session.transaction([&] {
    auto const done = session.execute_all(statements);
    if (!draft.changed.empty() && done.front().affected() != draft.changed.size())
      throw Failure(Code::database_error, "offsets of a topic were moved by somebody else");
  });
  for (Place const& where : draft.changed) {
    auto& partition = partitions_.at(where);
    partition.committed = partition.next;
    partition.epoch_noted = true;
  }
  return answers;
}

void Appender::forget(std::int32_t topic) {
  std::erase_if(partitions_, [topic](auto const& each) { return each.first.first == topic; });
}

}  // namespace hansa::gateway
