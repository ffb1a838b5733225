#include "log/retention.h"

#include "log/decimal_text.h"

namespace hansa::log {
namespace {

// Partitions whose first segment is too old, and the moment (ms) before which a segment is.
constexpr std::string_view find_expired = R"(
select t.id, p.partition, $1::bigint - t.retention_ms
from hansa.topic t join hansa.topic_partition p on p.topic = t.id
join lateral (select s.max_time_ms from hansa.segment s
              where s.topic = p.topic and s.partition = p.partition
              order by s.base_offset limit 1) as first on true
where t.retention_ms is not null and t.cleanup like '%delete%'
  and first.max_time_ms < $1::bigint - t.retention_ms
order by t.id, p.partition)";

constexpr std::string_view remove_first = R"(
with first as (
  select base_offset, max_time_ms from hansa.segment
  where topic = $1 and partition = $2 order by base_offset limit $4),
gone as (
  delete from hansa.segment s using first
  where s.topic = $1 and s.partition = $2 and s.base_offset = first.base_offset
    and first.base_offset < coalesce(
      (select min(base_offset) from first where max_time_ms >= $3), 9223372036854775807)
  returning s.next_offset, s.records),
summed as (select max(next_offset) as next, count(*) as segments, sum(records) as records from gone)
update hansa.topic_partition p set start_offset = greatest(p.start_offset, summed.next)
from summed where p.topic = $1 and p.partition = $2 and summed.segments > 0
returning summed.segments, summed.records)";

}  // namespace

Removed remove_expired(postgres::Session& session, Time now, std::int32_t segments_max) {
  auto const now_ms = std::chrono::floor<std::chrono::milliseconds>(now).time_since_epoch().count();
  auto const expired = session.execute(find_expired, {std::to_string(now_ms)});
  Removed removed;
  for (std::size_t i = 0; i < expired.size(); ++i) {
    auto const rows = session.execute(
        remove_first, {std::string(expired.value(i, 0)), std::string(expired.value(i, 1)),
                       std::string(expired.value(i, 2)), std::to_string(segments_max)});
    if (rows.size() == 0) continue;
    auto const segments = to_number<std::uint64_t>(rows.value(0, 0));
    removed.segments += segments;
    removed.records += to_number<std::uint64_t>(rows.value(0, 1));
    removed.more = removed.more || segments >= static_cast<std::uint64_t>(segments_max);
  }
  return removed;
}

}  // namespace hansa::log
