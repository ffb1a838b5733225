#include "log/domain_log.h"

#include <fmt/format.h>

#include <limits>

#include "log/decimal_text.h"
#include "log/schema_ids.h"
#include "mesh/log_names.h"
#include "types/moment.h"
#include "wire/partition.h"

namespace hansa::log {
namespace {

using postgres::quote_name;
using postgres::Rows;
using postgres::Session;

constexpr std::string_view read_topic =
    "select t.id, p.partition, p.next_offset, t.partitions from hansa.topic t join "
    "hansa.topic_partition p "
    "on p.topic = t.id where t.name = $1 and p.partition < t.partitions order by p.partition";

// The next rows, if they are not too large together; else none. The length of a text that is stored
// apart is known without reading it.
constexpr std::string_view read_pending = R"(
select sid, stream, op, key, "row", left(trace, 128), left(actor, 255), at
from hansa.{0} where sid > $1 and sid <= (
  select max(sid)
  from (select sid, octet_length(key) + coalesce(octet_length("row"), 0) as bytes
        from hansa.{0} where sid > $1 and sid <= $2 order by sid limit $3) as first
  having sum(bytes) <= $4)
order by sid)";

// Where they are: the last one before which there is less than the bound, so that there is one in
// any case. Dear, which is why it is not asked every time.
constexpr std::string_view cut_pending = R"(
select max(sid)
from (select sid, sum(bytes) over (order by sid rows unbounded preceding) - bytes as before
      from (select sid, octet_length(key) + coalesce(octet_length("row"), 0) as bytes
            from hansa.{} where sid > $1 and sid <= $2 order by sid limit $3) as first) as summed
where before < $4)";
enum Column : std::size_t { sid, stream, op, key, row, trace, actor, at };

constexpr std::string_view delete_pending = "delete from hansa.{} where sid > $1 and sid <= $2";

// Only from where we think they are: who else moved an end is found out here.
constexpr std::string_view advance = R"(
update hansa.topic_partition p set next_offset = e.now
from unnest($1::int[], $2::int[], $3::bigint[], $4::bigint[]) as e (topic, partition, was, now)
where p.topic = e.topic and p.partition = e.partition and p.next_offset = e.was)";

std::string of_table(std::string_view sql, DomainName const& domain) {
  return fmt::format(fmt::runtime(sql), quote_name(mesh::pending_table(domain)));
}

std::optional<std::string_view> optional_value(Rows const& rows, std::size_t at_row,
                                               Column column) {
  if (rows.is_null(at_row, column)) return std::nullopt;
  return rows.value(at_row, column);
}

}  // namespace

DomainLog::DomainLog(Session& session, DomainName domain,
                     std::span<SequencedTopic const* const> topics)
    : domain_(std::move(domain)),
      cut_sql_(of_table(cut_pending, domain_)),
      read_sql_(of_table(read_pending, domain_)),
      delete_sql_(of_table(delete_pending, domain_)) {
  for (auto const* topic : topics) add_route(session, *topic);
}

void DomainLog::add_route(Session& session, SequencedTopic const& topic) {
  bool const emission = topic.topic.source == mesh::Topic::Source::emission;
  auto const& name = topic.topic.object.text();
  auto* stream = find(name, emission);
  auto const ends = session.execute(read_topic, {topic.topic.name});
  // Keys belong to partitions by their number, so all of them have to be there.
  if (ends.size() == 0 || ends.size() != to_number<std::size_t>(ends.value(0, 3))) return;
  std::uint32_t id = 0;
  if (topic.topic.format == mesh::EventFormat::avro)
    id = schema_id(session, subject_of(topic.topic.name),
                   json::to_text(avro::to_json(topic.schema)));
  Route route{.encoder = EventEncoder(topic.topic, topic.schema, id), .ends = {}};
  for (std::size_t i = 0; i < ends.size(); ++i) {
    auto const next = to_number<std::int64_t>(ends.value(i, 2));
    route.ends.push_back({.topic = to_number<std::int32_t>(ends.value(i, 0)),
                          .partition = to_number<std::int32_t>(ends.value(i, 1)),
                          .committed = next,
                          .next = next});
  }
  if (stream == nullptr) {
    streams_.push_back({.name = name, .emission = emission, .routes = {}});
    stream = &streams_.back();
  }
  stream->routes.push_back(std::move(route));
}

DomainLog::Stream* DomainLog::find(std::string_view name, bool emission) {
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    auto const index = (last_stream_ + i) % streams_.size();
    if (streams_[index].emission != emission || streams_[index].name != name) continue;
    last_stream_ = index;
    return &streams_[index];
  }
  return nullptr;
}

// For every topic, or for none.
Result<void> DomainLog::encode_for(Stream& stream, PendingEvent const& event) {
  records_.clear();
  for (auto& route : stream.routes) {
    HANSA_TRY(auto const* record, route.encoder.encode(event));
    records_.push_back(record);
  }
  for (std::size_t i = 0; i < records_.size(); ++i) {
    auto& ends = stream.routes[i].ends;
    auto const partition = wire::partition_of(event.key, static_cast<std::int32_t>(ends.size()));
    writer_.append(ends[static_cast<std::size_t>(partition)], *records_[i]);
  }
  return {};
}

Result<void> DomainLog::encode(Rows const& rows, std::size_t index) {
  auto const operation = rows.value(index, Column::op);
  PendingEvent event{.sid = to_number<Sid>(rows.value(index, Column::sid)),
                     .op = operation.size() == 1 ? operation[0] : '?',
                     .key = rows.value(index, Column::key),
                     .row = optional_value(rows, index, Column::row),
                     .trace = optional_value(rows, index, Column::trace),
                     .actor = optional_value(rows, index, Column::actor)};
  auto* const target = find(rows.value(index, Column::stream), event.op == 'e');
  if (target == nullptr)
    return failure(Code::not_applied,
                   fmt::format("an event of `{}` goes to no topic of domain `{}` that is applied",
                               rows.value(index, Column::stream), domain_.text()),
                   "apply the folder this program runs, or run the program with the folder that "
                   "was applied");
  if (auto const text = rows.value(index, Column::at); text != last_at_) {
    auto const read =
        types::read_instant(text, types::MomentSyntax::postgres, types::Offset::required);
    if (!read) return failure(Code::invalid_body, "an event's time " + read.error());
    last_at_us_ = *read;
    last_at_ = text;
  }
  event.at_us = last_at_us_;
  return encode_for(*target, event);
}

// How many rows were encoded: all up to the first that cannot be.
Result<std::size_t> DomainLog::encode_all(Rows const& rows) {
  writer_.clear();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto encoded = encode(rows, i);
    if (encoded) continue;
    if (i > 0) return i;
    auto& error = encoded.error();
    error.detail =
        fmt::format("event {}-{}: {}", domain_.text(), rows.value(i, Column::sid), error.detail);
    return std::unexpected(std::move(error));
  }
  return rows.size();
}

Rows DomainLog::read(Session& session, Sid floor, Sid safe, BatchLimits const& limits) const {
  postgres::Params params{std::to_string(floor), std::to_string(safe),
                          std::to_string(limits.rows_max), std::to_string(limits.bytes_max)};
  auto rows = session.execute(read_sql_, params);
  if (rows.size() > 0) return rows;
  // Nothing, or too much.
  auto const cut = session.execute(cut_sql_, params);
  if (cut.is_null(0, 0)) return rows;
  params[1] = std::string(cut.value(0, 0));
  params[3] = std::to_string(std::numeric_limits<std::int64_t>::max());
  return session.execute(read_sql_, params);
}

Result<DomainLog::Batch> DomainLog::sequence(Session& session, ReadAhead& ahead, Sid floor,
                                             Sid safe, BatchLimits const& limits,
                                             FailPoint const& fail_point) {
  fail_point("read");
  auto const rows = ahead.holds(this, floor) ? ahead.take() : read(session, floor, safe, limits);
  Batch batch;
  batch.last = safe;
  if (rows.size() == 0) return batch;
  auto const last = to_number<Sid>(rows.value(rows.size() - 1, Column::sid));
  if (last < safe)
    ahead.start(this, last, [this, last, safe, limits](Session& other) {
      return read(other, last, safe, limits);
    });
  HANSA_TRY(batch.events, encode_all(rows));
  batch.last = to_number<Sid>(rows.value(batch.events - 1, Column::sid));
  if (auto const first = types::read_instant(
          rows.value(0, Column::at), types::MomentSyntax::postgres, types::Offset::required))
    batch.oldest = Time(std::chrono::microseconds(*first));
  write(session, floor, batch, fail_point);
  batch.records = writer_.records();
  batch.segments = writer_.segments();
  batch.bytes = writer_.bytes();
  return batch;
}

// Cuts what is open, and moves the ends in the database; how many `count` says.
postgres::Statement DomainLog::advance_ends(std::size_t& count) {
  ArrayText topics, partitions, was, now;
  count = 0;
  for (auto& source : streams_)
    for (auto& route : source.routes)
      for (auto& end : route.ends) {
        if (!end.changed()) continue;
        writer_.cut(end);
        topics.add(end.topic);
        partitions.add(end.partition);
        was.add(end.committed);
        now.add(end.next);
        end.committed = end.next;
        ++count;
      }
  return {.sql = advance, .params = {topics.text(), partitions.text(), was.text(), now.text()}};
}

void DomainLog::write(Session& session, Sid floor, Batch const& batch,
                      FailPoint const& fail_point) {
  std::size_t ends = 0;
  std::vector<postgres::Statement> statements{advance_ends(ends)};
  if (writer_.segments() > 0) statements.push_back(writer_.insert());
  statements.push_back(
      {.sql = delete_sql_, .params = {std::to_string(floor), std::to_string(batch.last)}});
  fail_point("write");
  session.transaction([&] {
    auto const done = session.execute_all(statements);
    if (done.front().affected() != ends)
      throw Failure(Code::database_error,
                    "offsets of domain `" + domain_.text() + "` were moved by somebody else");
    if (done.back().affected() != batch.events)
      throw Failure(Code::database_error, "pending events of domain `" + domain_.text() +
                                              "` changed while they were sequenced");
    fail_point("commit");
  });
  fail_point("committed");
}

}  // namespace hansa::log
