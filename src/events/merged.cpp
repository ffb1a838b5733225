#include "events/merged.h"

#include <algorithm>

namespace hansa::events {
namespace {

std::size_t size_of(Record const& record) {
  return record.key.size() + (record.value ? record.value->size() : 0);
}

}  // namespace

Record OwnedRecord::view() const {
  return {.offset = offset,
          .timestamp_ms = timestamp_ms,
          .key = key,
          .value = value ? std::optional<std::string_view>(*value) : std::nullopt,
          .id = id,
          .source = source,
          .type = type,
          .operation = operation,
          .trace = trace,
          .actor = actor};
}

OwnedRecord owned(std::int32_t partition, Record const& record) {
  return {.partition = partition,
          .offset = record.offset,
          .timestamp_ms = record.timestamp_ms,
          .key = std::string(record.key),
          .value = record.value ? std::optional<std::string>(*record.value) : std::nullopt,
          .id = std::string(record.id),
          .source = std::string(record.source),
          .type = std::string(record.type),
          .operation = std::string(record.operation),
          .trace = std::string(record.trace),
          .actor = std::string(record.actor)};
}

Merged::Merged(Source& source, std::string topic, std::vector<Bounds> stretches,
               MergedLimits limits)
    : source_(source), topic_(std::move(topic)), limits_(limits) {
  extend(stretches);
}

void Merged::extend(std::vector<Bounds> const& stretches) {
  for (std::size_t number = 0; number < stretches.size(); ++number) {
    auto const& [start, end] = stretches[number];
    if (number == partitions_.size()) partitions_.push_back({.next = start, .end = start});
    partitions_[number].end = std::max(partitions_[number].end, end);
  }
}

void Merged::fill(std::int32_t number) {
  auto& partition = partitions_[static_cast<std::size_t>(number)];
  if (partition.at < partition.held.size() || partition.next >= partition.end) return;
  partition.held.clear();
  partition.at = 0;
  auto const bytes = limits_.bytes_max / partitions_.size();
  auto const count = std::max<std::size_t>(1, limits_.records_max / partitions_.size());
  for (Record const& record : source_.read(topic_, number, partition.next, count, bytes)) {
    if (record.offset >= partition.end) break;
    bool const whole = size_of(record) <= bytes;
    partition.held.push_back({.record = whole ? owned(number, record)
                                              : OwnedRecord{.partition = number,
                                                            .offset = record.offset,
                                                            .timestamp_ms = record.timestamp_ms},
                              .whole = whole});
  }
  // Behind the last record there may be a hole up to the end, which compaction left.
  partition.next = partition.held.empty() ? partition.end : partition.held.back().record.offset + 1;
}

std::optional<OwnedRecord> Merged::next() {
  Partition* oldest = nullptr;
  for (std::size_t number = 0; number < partitions_.size(); ++number) {
    fill(static_cast<std::int32_t>(number));
    auto& partition = partitions_[number];
    if (partition.at == partition.held.size()) continue;
    if (oldest == nullptr || partition.held[partition.at].record.timestamp_ms <
                                 oldest->held[oldest->at].record.timestamp_ms)
      oldest = &partition;
  }
  if (oldest == nullptr) return std::nullopt;
  auto& head = oldest->held[oldest->at++];
  if (head.whole) return std::move(head.record);
  auto const number = head.record.partition;
  auto const again = source_.read(topic_, number, head.record.offset, 1, 0);
  // Retention or compaction may have taken it meanwhile.
  if (again.empty() || again.front().offset != head.record.offset) return next();
  return owned(number, again.front());
}

std::vector<std::int64_t> Merged::positions() const {
  std::vector<std::int64_t> out;
  for (Partition const& partition : partitions_)
    out.push_back(partition.at < partition.held.size() ? partition.held[partition.at].record.offset
                                                       : partition.next);
  return out;
}

}  // namespace hansa::events
