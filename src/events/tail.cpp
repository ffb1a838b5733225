#include "events/tail.h"

#include <fmt/format.h>

#include <algorithm>

#include "log/decimal_text.h"
#include "log/fetch.h"

namespace hansa::events {
namespace {

constexpr std::size_t newest_bytes_max = 64U << 20U;  // fewer are shown rather than more kept

// The first offset of the segments that hold the last $3 records of a partition.
constexpr std::string_view find_newest = R"(
select min(base_offset)
from (select base_offset, sum(records) over (order by base_offset desc) - records as behind
      from hansa.segment
      where topic = (select id from hansa.topic where name = $1) and partition = $2
      order by base_offset desc limit $3) as last
where behind < $3)";

std::size_t size_of(OwnedRecord const& record) {
  return record.key.size() + (record.value ? record.value->size() : 0);
}

}  // namespace

Tail::Tail(postgres::Session& session, std::string topic, TailOptions options)
    : session_(session), source_(session), topic_(std::move(topic)), options_(std::move(options)) {
  options_.start.value = options_.start.kind == TailStart::Kind::newest
                             ? std::clamp<std::int64_t>(options_.start.value, 0, newest_max)
                             : options_.start.value;
  merged_.emplace(source_, topic_, stretches());
  if (options_.start.kind == TailStart::Kind::newest) collect_newest();
}

std::vector<Bounds> Tail::bounds() {
  source_.refresh({&topic_, 1});
  auto const count = source_.partitions(topic_);
  if (count == 0)
    throw Failure(Code::unknown_topic, fmt::format("there is no topic {} in the database", topic_),
                  "`hansa apply` makes the topics that the folder declares");
  std::vector<Bounds> out;
  for (std::int32_t partition = 0; partition < count; ++partition)
    out.push_back(source_.bounds(topic_, partition));
  return out;
}

std::vector<Bounds> Tail::stretches() {
  auto out = bounds();
  auto const count = static_cast<std::int32_t>(out.size());
  if (options_.partition && (*options_.partition < 0 || *options_.partition >= count))
    throw Failure(Code::offset_out_of_range,
                  fmt::format("{} has no partition {}", topic_, *options_.partition),
                  count == 1 ? "its only partition is 0"
                             : fmt::format("its partitions are 0 to {}", count - 1));
  if (options_.start.kind == TailStart::Kind::offset && count > 1 && !options_.partition)
    throw Failure(Code::usage,
                  fmt::format("an offset is of one partition, and {} has {}", topic_, count),
                  "add --partition");
  for (std::int32_t partition = 0; partition < count; ++partition) {
    auto& stretch = out[static_cast<std::size_t>(partition)];
    if (options_.partition && partition != *options_.partition)
      stretch.start = stretch.next;
    else
      stretch.start = start_of(partition, stretch);
  }
  return out;
}

std::int64_t Tail::start_of(std::int32_t partition, Bounds const& bounds) {
  switch (options_.start.kind) {
    case TailStart::Kind::earliest:
      return bounds.start;
    case TailStart::Kind::latest:
      return bounds.next;
    case TailStart::Kind::newest:
      // Where a key's records stand nobody knows.
      return options_.key ? bounds.start : std::max(bounds.start, newest_of(partition));
    case TailStart::Kind::time:
      break;
    case TailStart::Kind::offset:
      if (options_.start.value >= bounds.start && options_.start.value <= bounds.next)
        return options_.start.value;
      throw Failure(Code::offset_out_of_range,
                    fmt::format("partition {} of {} has no offset {}", partition, topic_,
                                options_.start.value),
                    fmt::format("it holds {} to {}; `--from earliest` begins at its first",
                                bounds.start, bounds.next));
  }
  auto const found = log::offset_at(session_, topic_, partition, options_.start.value);
  return found ? std::max(found->offset, bounds.start) : bounds.next;
}

std::int64_t Tail::newest_of(std::int32_t partition) {
  auto const rows = session_.execute(
      find_newest, {topic_, std::to_string(partition),
                    std::to_string(std::max<std::int64_t>(1, options_.start.value))});
  return rows.is_null(0, 0) ? 0 : log::to_number<std::int64_t>(rows.value(0, 0));
}

std::optional<OwnedRecord> Tail::fitting() {
  while (!options_.stop()) {
    auto record = merged_->next();
    if (!record || !options_.key || record->key == *options_.key) return record;
  }
  return std::nullopt;
}

void Tail::collect_newest() {
  auto const count_max = static_cast<std::size_t>(options_.start.value);
  std::size_t bytes = 0;
  while (auto record = fitting()) {
    bytes += size_of(*record);
    newest_.push_back(*std::move(record));
    while (newest_.size() > count_max || (bytes > newest_bytes_max && newest_.size() > 1)) {
      bytes -= size_of(newest_.front());
      newest_.pop_front();
    }
  }
}

std::optional<OwnedRecord> Tail::next() {
  if (newest_.empty()) return fitting();
  auto record = std::move(newest_.front());
  newest_.pop_front();
  return record;
}

void Tail::refresh() {
  auto now = bounds();
  for (std::int32_t partition = 0; partition < static_cast<std::int32_t>(now.size()); ++partition)
    if (options_.partition && partition != *options_.partition)
      now[static_cast<std::size_t>(partition)].next = 0;
  merged_->extend(now);
}

}  // namespace hansa::events
