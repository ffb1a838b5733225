#include "events/log_source.h"

#include <fmt/format.h>

#include <algorithm>

#include "avro/avro.h"
#include "log/decimal_text.h"
#include "log/fetch.h"
#include "log/log.h"
#include "wire/compression.h"
#include "wire/record_batch.h"

namespace hansa::events {
namespace {

using log::to_number;

constexpr std::size_t fetch_bytes = 1U << 20U;
constexpr std::size_t ahead_bytes_max = 32U << 20U;  // of all partitions together

constexpr std::string_view read_log_id =
    "select pg_catalog.encode(value, 'hex') from hansa.secret where name = 'log'";
constexpr std::string_view read_bounds = R"(
select t.name, p.partition, p.start_offset, p.next_offset, t.id
from json_array_elements_text($1::json) w(name) join hansa.topic t on t.name = w.name
  join hansa.topic_partition p on p.topic = t.id and p.partition < t.partitions
order by t.name, p.partition)";
constexpr std::string_view read_schema = "select schema from hansa.event_schema where id = $1";

std::string_view* slot_of(Record& record, std::string_view header) {
  namespace names = log::header;
  if (header == names::id) return &record.id;
  if (header == names::source) return &record.source;
  if (header == names::type) return &record.type;
  if (header == names::operation) return &record.operation;
  if (header == names::trace) return &record.trace;
  if (header == names::actor) return &record.actor;
  return nullptr;
}

Record record_of(std::int64_t offset, wire::Record const& from) {
  Record record{.offset = offset,
                .timestamp_ms = from.timestamp_ms,
                .key = from.key.value_or(std::string_view{}),
                .value = from.value};
  for (wire::RecordHeader const& header : from.headers)
    if (auto* const slot = slot_of(record, header.key))
      *slot = header.value.value_or(std::string_view{});
  return record;
}

Failure damaged(std::string const& topic, std::int32_t partition, std::int64_t offset) {
  return Failure(Code::corrupt_segment,
                 fmt::format("what is stored of {} at partition {}, offset {} is no record batch",
                             topic, partition, offset),
                 "restore table hansa.segment from a backup; nothing was skipped");
}

std::size_t size_of(Record const& record) {
  return record.key.size() + (record.value ? record.value->size() : 0);
}

}  // namespace

void LogSource::refresh(std::span<std::string const> topics) {
  json::Array wanted;
  for (std::string const& topic : topics) wanted.push_back(json::text(topic));
  auto const rows = session_.execute(read_bounds, {json::to_text(json::array(std::move(wanted)))});
  for (std::string const& topic : topics) topics_[topic] = {};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto& known = topics_[std::string(rows.value(i, 0))];
    known.id = rows.value(i, 4);
    known.bounds.push_back({.start = to_number<std::int64_t>(rows.value(i, 2)),
                            .next = to_number<std::int64_t>(rows.value(i, 3))});
  }
}

std::int32_t LogSource::partitions(std::string const& topic) const {
  auto const found = topics_.find(topic);
  return found == topics_.end() ? 0 : static_cast<std::int32_t>(found->second.bounds.size());
}

Bounds LogSource::bounds(std::string const& topic, std::int32_t partition) const {
  auto const found = topics_.find(topic);
  auto const at = static_cast<std::size_t>(partition);
  return found == topics_.end() || at >= found->second.bounds.size() ? Bounds{}
                                                                     : found->second.bounds[at];
}

std::string LogSource::identity(std::string const& topic) {
  auto const found = topics_.find(topic);
  if (found == topics_.end() || found->second.id.empty()) return {};
  if (log_id_.empty()) {
    auto const rows = session_.execute(read_log_id);
    if (rows.size() != 1)
      throw Failure(Code::not_applied, "this database has no log yet", "run `hansa apply` first");
    log_id_ = rows.value(0, 0);
  }
  return log_id_ + "/" + found->second.id;
}

// Records of all the batches in `ahead.bytes` from `offset` on; false where one cannot be read.
bool LogSource::unpack(std::int64_t offset, Ahead& ahead) {
  std::string_view rest = ahead.bytes;
  while (!rest.empty()) {
    auto const batch = wire::read_batch(rest);
    if (!batch) return false;
    auto open = wire::open_batch(*batch);
    if (!open) return false;
    if (open->decompressed) ahead.decompressed.push_back(std::move(open->decompressed));
    auto cursor = open->view.cursor();
    while (auto const* const record = cursor.next())
      if (cursor.offset() >= offset) ahead.records.push_back(record_of(cursor.offset(), *record));
    rest.remove_prefix(batch->bytes.size());
    ahead.next = batch->header.base_offset + batch->header.last_offset_delta + 1;
  }
  return true;
}

// From within the bounds of the last refresh(); none where they are not those any more.
std::string LogSource::fetch_known(std::string const& topic, std::int32_t partition,
                                   std::int64_t offset) {
  auto const known = bounds(topic, partition);
  if (offset < known.start || offset >= known.next) return {};
  auto fetched =
      log::fetch_within(session_, to_number<std::int32_t>(topics_.at(topic).id),
                        {.topic = topic, .partition = partition, .offset = offset},
                        {.start = known.start, .end = known.next}, {.bytes_max = fetch_bytes});
  return std::move(fetched.batches);
}

void LogSource::fetch(std::string const& topic, std::int32_t partition, std::int64_t offset,
                      Ahead& ahead) {
  ahead = {.bytes = fetch_known(topic, partition, offset),
           .decompressed = {},
           .records = {},
           .next = offset};
  if (ahead.bytes.empty()) fetch_anew(topic, partition, offset, ahead);
  if (!unpack(offset, ahead)) throw damaged(topic, partition, offset);
  // Compaction may have taken all of a batch from here on.
  if (ahead.records.empty() && ahead.next > offset) fetch(topic, partition, ahead.next, ahead);
}

void LogSource::fetch_anew(std::string const& topic, std::int32_t partition, std::int64_t& offset,
                           Ahead& ahead) {
  std::vector<log::FetchPosition> const position{
      {.topic = topic, .partition = partition, .offset = offset}};
  auto fetched = log::fetch(session_, position, {.bytes_max = fetch_bytes});
  auto& answer = fetched.front();
  using enum log::Fetched::Outcome;
  if (answer.outcome == out_of_range && offset < answer.watermarks.start) {
    offset = answer.watermarks.start;
    ahead.next = offset;
    return fetch_anew(topic, partition, offset, ahead);
  }
  if (answer.outcome == out_of_range)
    throw Failure(Code::offset_out_of_range,
                  fmt::format("{} partition {} ends at {}, before {}: it was made anew", topic,
                              partition, answer.watermarks.end, offset));
  if (answer.outcome == unknown)
    throw Failure(Code::unknown_topic, fmt::format("there is no topic {} any more", topic));
  if (answer.outcome == corrupt) throw damaged(topic, partition, offset);
  ahead.bytes = std::move(answer.batches);
}

// What others hold ahead goes when all of it is too much; they fetch it again.
void LogSource::make_room(Ahead const* keep) {
  std::size_t total = 0;
  for (auto const& [place, ahead] : ahead_) total += ahead.bytes.size();
  if (total <= ahead_bytes_max) return;
  std::erase_if(ahead_, [keep](auto const& entry) { return &entry.second != keep; });
}

std::span<Record const> LogSource::read(std::string const& topic, std::int32_t partition,
                                        std::int64_t offset, std::size_t records_max,
                                        std::size_t bytes_max) {
  auto& ahead = ahead_[{topic, partition}];
  // A hole that compaction left is no jump: what stands at or behind the offset is what is wanted.
  bool const goes_on = ahead.at > 0 && ahead.at < ahead.records.size() &&
                       ahead.records[ahead.at].offset >= offset &&
                       ahead.records[ahead.at - 1].offset < offset;
  if (!goes_on) {
    fetch(topic, partition, offset, ahead);
    make_room(&ahead);
  }
  std::size_t count = 0;
  std::size_t bytes = 0;
  for (auto at = ahead.at; at < ahead.records.size() && count < records_max; ++at, ++count) {
    bytes += size_of(ahead.records[at]);
    if (bytes > bytes_max && count > 0) break;
  }
  auto const out = std::span<Record const>(ahead.records).subspan(ahead.at, count);
  ahead.at += count;
  return out;
}

Result<avro::Schema const*> LogSource::schema(std::uint32_t id) {
  auto const known = schemas_.find(id);
  if (known != schemas_.end()) return &known->second;
  auto const rows = session_.execute(read_schema, {std::to_string(id)});
  if (rows.size() == 0)
    return std::unexpected(
        Error{Code::unreadable_event, fmt::format("there is no schema with id {}", id), {}});
  HANSA_TRY(auto schema, avro::parse_schema(rows.value(0, 0), avro::Defaults::ignored));
  return &schemas_.emplace(id, std::move(schema)).first->second;
}

Result<void> LogSource::decode(Record const& record, std::string& out) {
  auto const value = record.value.value_or(std::string_view{});
  auto const unreadable = [](Error const& error) {
    return std::unexpected(Error{Code::unreadable_event, error.detail, error.hint});
  };
  // JSON text never begins with a zero byte, a frame always does.
  if (value.empty() || value.front() != '\0') {
    auto const document = json::parse(value);
    if (!document) return unreadable(document.error());
    if (document->as_object() == nullptr)
      return std::unexpected(Error{Code::unreadable_event, "the value is no JSON object", {}});
    json::write(*document, out);
    return {};
  }
  auto const framed = avro::unframe(value);
  if (!framed) return unreadable(framed.error());
  auto const writer = schema(framed->schema_id);
  if (!writer) return unreadable(writer.error());
  if ((*writer)->at((*writer)->root).form != avro::Form::record)
    return std::unexpected(Error{Code::unreadable_event, "the value is no record", {}});
  if (auto const done = avro::decode(**writer, framed->data, out); !done)
    return unreadable(done.error());
  return {};
}

}  // namespace hansa::events
