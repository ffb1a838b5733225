#include "log/fetch.h"

#include <algorithm>

#include "json/value.h"
#include "log/decimal_text.h"
#include "wire/big_endian.h"
#include "wire/compression.h"
#include "wire/record_batch.h"

namespace hansa::log {
namespace {

using postgres::Rows;
using postgres::Session;

// One row a position, in order; NULLs where there is no such partition. Positions are one parameter
// of JSON, whose strings need no array syntax of ours.
constexpr std::string_view read_watermarks = R"(
select t.id, p.start_offset, p.next_offset
from json_array_elements($1::json) with ordinality as w (wanted, place)
left join hansa.topic t on t.name = w.wanted ->> 0
left join hansa.topic_partition p on p.topic = t.id and p.partition = (w.wanted ->> 1)::int
order by w.place)";

// From the segment that holds the offset, or the first behind it. The second sum leaves out the
// row's own bytes: a batch goes along while those before it are within the bound.
constexpr std::string_view read_batches = R"(
select base_offset, batch
from (select base_offset, batch, coalesce(sum(octet_length(batch)) over (
        order by base_offset rows between unbounded preceding and 1 preceding), 0)
        + octet_length(batch) as bytes, row_number() over (order by base_offset) as place
      from hansa.segment
      where topic = $1 and partition = $2 and next_offset > $3 and base_offset < $4
        and base_offset >= coalesce((select max(s.base_offset) from hansa.segment s
          where s.topic = $1 and s.partition = $2 and s.base_offset <= $3), 0)
      order by base_offset limit $5) as found
where place = 1 or bytes <= $6
order by base_offset)";

constexpr std::string_view find_time = R"(
select base_offset, batch from hansa.segment
where topic = (select id from hansa.topic where name = $1) and partition = $2
  and max_time_ms >= $3
order by base_offset limit 1)";

struct Place {
  std::int32_t topic = 0;
  Watermarks marks;
};

std::vector<std::optional<Place>> find_places(Session& session,
                                              std::span<FetchPosition const> positions) {
  json::Array wanted;
  for (auto const& position : positions)
    wanted.push_back(json::array({json::text(position.topic), json::integer(position.partition)}));
  auto const rows =
      session.execute(read_watermarks, {json::to_text(json::array(std::move(wanted)))});
  std::vector<std::optional<Place>> places(positions.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (!rows.is_null(i, 1))
      places.at(i) = Place{.topic = to_number<std::int32_t>(rows.value(i, 0)),
                           .marks = {.start = to_number<std::int64_t>(rows.value(i, 1)),
                                     .end = to_number<std::int64_t>(rows.value(i, 2))}};
  return places;
}

// The batch of a row (base offset, batch), if it is one and the one it should be.
std::optional<wire::BatchView> batch_of(Rows const& rows, std::size_t row) {
  auto const bytes = rows.value(row, 1);
  auto batch = wire::read_batch(bytes);
  if (!batch || batch->bytes.size() != bytes.size() ||
      batch->header.base_offset != wire::load_big_endian<std::int64_t>(rows.value(row, 0).data()))
    return std::nullopt;
  return *batch;
}

void fetch_batches(Session& session, std::int32_t topic, FetchPosition const& position,
                   std::size_t bytes_max, std::int32_t batches_max, Fetched& fetched) {
  auto const rows = session.execute_binary(
      read_batches, {std::to_string(topic), std::to_string(position.partition),
                     std::to_string(position.offset), std::to_string(fetched.watermarks.end),
                     std::to_string(batches_max), std::to_string(bytes_max)});
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!batch_of(rows, i)) {
      if (i == 0) fetched.outcome = Fetched::Outcome::corrupt;
      return;
    }
    fetched.batches += rows.value(i, 1);
  }
}

}  // namespace

std::vector<Fetched> fetch(Session& session, std::span<FetchPosition const> positions,
                           FetchLimits const& limits) {
  using enum Fetched::Outcome;
  std::vector<Fetched> answers(positions.size());
  auto const places = find_places(session, positions);
  auto left = limits.total_bytes_max;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    auto& answer = answers[i];
    auto const offset = positions[i].offset;
    if (!places[i]) {
      answer.outcome = unknown;
      continue;
    }
    answer.watermarks = places[i]->marks;
    if (offset < answer.watermarks.start || offset > answer.watermarks.end) {
      answer.outcome = out_of_range;
      continue;
    }
    if (offset == answer.watermarks.end || left == 0) continue;
    fetch_batches(session, places[i]->topic, positions[i], std::min(limits.bytes_max, left),
                  limits.batches_max, answer);
    left -= std::min(left, answer.batches.size());
  }
  return answers;
}

Fetched fetch_within(Session& session, std::int32_t topic_id, FetchPosition const& position,
                     Watermarks const& bounds, FetchLimits const& limits) {
  Fetched answer{.watermarks = bounds};
  fetch_batches(session, topic_id, position, limits.bytes_max, limits.batches_max, answer);
  return answer;
}

std::optional<Watermarks> watermarks(Session& session, std::string const& topic,
                                     std::int32_t partition) {
  FetchPosition const position{.topic = topic, .partition = partition};
  auto const place = find_places(session, {&position, 1}).front();
  if (!place) return std::nullopt;
  return place->marks;
}

std::optional<TimedOffset> offset_at(Session& session, std::string const& topic,
                                     std::int32_t partition, std::int64_t timestamp_ms) {
  auto const rows = session.execute_binary(
      find_time, {topic, std::to_string(partition), std::to_string(timestamp_ms)});
  if (rows.size() == 0) return std::nullopt;
  auto const batch = batch_of(rows, 0);
  if (!batch) throw Failure(Code::database_error, "a segment of topic `" + topic + "` is damaged");
  TimedOffset const first{.offset = batch->header.base_offset,
                          .timestamp_ms = batch->header.base_timestamp_ms};
  auto const open = wire::open_batch(*batch);
  if (!open) return first;
  auto cursor = open->view.cursor();
  while (auto const* record = cursor.next())
    if (record->timestamp_ms >= timestamp_ms)
      return TimedOffset{.offset = cursor.offset(), .timestamp_ms = record->timestamp_ms};
  return first;
}

}  // namespace hansa::log
