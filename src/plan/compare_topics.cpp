// Topics: rows of hansa.topic with their partitions.
#include <fmt/format.h>

#include "plan/capture_sql.h"
#include "plan/ddl.h"
#include "plan/draft.h"
#include "plan/own_tables.h"

namespace hansa::plan {
namespace {

Address address_of(std::string const& topic) { return {std::string(own_schema), topic}; }

RecordChange record_of(Topic const& topic) {
  return write_record(PartKind::topic, address_of(topic.name), {}, to_text(topic));
}

std::string retention_sql(Topic const& topic) {
  return topic.retention_ms ? std::to_string(*topic.retention_ms) : "null";
}

// Partitions from number `first` on.
std::string partitions_sql(Topic const& topic, std::uint32_t first) {
  return fmt::format(
      "insert into hansa.topic_partition (topic, partition) select t.id, p from hansa.topic t, "
      "pg_catalog.generate_series({}, {}) p where t.name = {}",
      first, topic.partitions - 1, literal(topic.name));
}

void create(Draft& draft, Topic const& topic) {
  bool const was_ours = draft.recorded(PartKind::topic, address_of(topic.name)) != nullptr;
  draft.add(
      Phase::topic,
      {.kind = StepKind::create_topic,
       .object = "topic " + topic.name,
       .summary = fmt::format("create topic {} ({})", topic.name, to_text(topic)),
       .reason = (was_ours ? "dropped by hand; " : "") + topic.where,
       .sql = {fmt::format("insert into hansa.topic (name, domain, stream, partitions, cleanup, "
                           "retention_ms, message_bytes_max) values ({}, {}, {}, {}, {}, {}, {})",
                           literal(topic.name), literal(topic.domain.text()), literal(topic.stream),
                           topic.partitions, literal(topic.cleanup), retention_sql(topic),
                           topic.message_bytes_max),
               partitions_sql(topic, 0)},
       .records = {record_of(topic)}});
}

void change(Draft& draft, Topic const& desired, Topic const& live) {
  Step step{
      .kind = StepKind::alter_topic,
      .sign = Sign::change,
      .object = "topic " + desired.name,
      .summary = fmt::format("alter topic {} from {} to {}", desired.name, to_text(live),
                             to_text(desired)),
      .reason = desired.where,
      .sql = {fmt::format("update hansa.topic set partitions = {}, cleanup = {}, "
                          "retention_ms = {}, message_bytes_max = {} where name = {}",
                          desired.partitions, literal(desired.cleanup), retention_sql(desired),
                          desired.message_bytes_max, literal(desired.name))},
      .records = {record_of(desired)}};
  auto const* record = draft.recorded(PartKind::topic, address_of(desired.name));
  if (record != nullptr && record->declared == to_text(desired))
    step.reason = "changed by hand; " + step.reason;
  if (desired.partitions > live.partitions) {
    step.sql.push_back(partitions_sql(desired, live.partitions));
    step.notes.push_back(
        "keys move between partitions: events of one key may be read in another order than they "
        "were written, and a compacted topic may keep two of them");
  }
  draft.add(Phase::topic, std::move(step));
}

// A topic of Kafka clients becomes one of a contract, with what is in it. What they set gives way
// to what the contract says.
void take_over(Draft& draft, Topic const& desired, Topic const& live) {
  Step step{
      .kind = StepKind::alter_topic,
      .sign = Sign::change,
      .object = "topic " + desired.name,
      .summary = fmt::format("take topic {} over from Kafka clients, who made it ({})",
                             desired.name, to_text(desired)),
      .reason = desired.where,
      .sql = {fmt::format("update hansa.topic set domain = {}, stream = {}, partitions = {}, "
                          "cleanup = {}, retention_ms = {}, message_bytes_max = {} "
                          "where name = {} and domain = ''",
                          literal(desired.domain.text()), literal(desired.stream),
                          desired.partitions, literal(desired.cleanup), retention_sql(desired),
                          desired.message_bytes_max, literal(desired.name)),
              fmt::format("delete from hansa.topic_setting s using hansa.topic t "
                          "where s.topic = t.id and t.name = {}",
                          literal(desired.name))},
      .notes = {"its records stay, and were never held against the contract: a reaction may find "
                "some it cannot take"},
      .records = {record_of(desired)}};
  if (desired.partitions > live.partitions)
    step.sql.push_back(partitions_sql(desired, live.partitions));
  draft.add(Phase::topic, std::move(step));
}

// Events on their way to the topic have nowhere to go once it is gone, and would keep those behind
// them waiting.
std::string forget_pending_sql(Topic const& live) {
  return fmt::format(
      "delete from {} p using hansa.topic t where t.name = {} and p.stream = t.stream and not "
      "exists (select from hansa.topic o where o.domain = t.domain and o.stream = t.stream and "
      "o.id <> t.id)",
      quoted(pending_table(live.domain)), literal(live.name));
}

void drop(Draft& draft, Topic const& live) {
  draft.add(Phase::drop_topic,
            {.kind = StepKind::drop_topic,
             .sign = Sign::remove,
             .object = "topic " + live.name,
             .summary = fmt::format("drop topic {} and its events", live.name),
             .reason = "no longer declared",
             .destroys_data = true,
             .sql = {forget_pending_sql(live),
                     fmt::format("delete from hansa.consumer_offset where topic = {}",
                                 literal(live.name)),
                     fmt::format("delete from hansa.topic where name = {}", literal(live.name))},
             .notes = {"subscriptions to it fail from then on"},
             .records = {forget_record(PartKind::topic, address_of(live.name))}});
}

void compare(Draft& draft, Topic const& desired) {
  auto const found = draft.live.topics.find(desired.name);
  if (found == draft.live.topics.end()) return create(draft, desired);
  Topic const& live = found->second;
  if (live.of_clients && !desired.of_clients) {
    draft.refuse(Code::foreign_object,
                 fmt::format("Kafka clients made a topic {}, which events of domain {} would go "
                             "into ({})",
                             desired.name, desired.domain.text(), desired.where),
                 "delete that topic by a client, or give the object another physicalName");
    return;
  }
  if (!live.of_clients && live.domain != desired.domain) {
    draft.refuse(Code::foreign_object,
                 fmt::format("topic {} belongs to domain {} in this database ({})", desired.name,
                             live.domain.text(), desired.where),
                 "give it another name, or apply that domain without it first");
    return;
  }
  if (desired.partitions < live.partitions) {
    draft.refuse(Code::partitions_lowered,
                 fmt::format("topic {} has {} and would have {}: their events would be lost ({})",
                             desired.name, counted(live.partitions, "partition"),
                             desired.partitions, desired.where),
                 "publish the object under a new major, whose topic begins anew");
    return;
  }
  if (live.of_clients) return take_over(draft, desired, live);
  if (to_text(desired) != to_text(live)) change(draft, desired, live);
}

}  // namespace

void compare_topics(Draft& draft) {
  for (auto const& [name, topic] : draft.desired.topics)
    if (topic.domain == draft.domain) compare(draft, topic);
  for (auto const& [name, topic] : draft.live.topics)
    if (topic.domain == draft.domain && !draft.desired.topics.contains(name) &&
        draft.recorded(PartKind::topic, address_of(name)) != nullptr)
      drop(draft, topic);
}

}  // namespace hansa::plan
