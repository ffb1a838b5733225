#include "log/compaction.h"

#include <limits>

namespace hansa::log {
namespace {

constexpr std::size_t entry_bytes = 96;  // a node of the map, its bucket, a short key

bool forgotten(wire::Record const& record, TombstoneRule tombstones) {
  return tombstones.removable && !record.value && record.timestamp_ms < tombstones.before_ms;
}

}  // namespace

void LatestOffsets::add(wire::BatchView const& batch) {
  auto cursor = batch.cursor();
  while (auto const* record = cursor.next()) {
    if (!record->key) continue;
    if (auto const found = offsets_.find(*record->key); found != offsets_.end()) {
      found->second = cursor.offset();
      continue;
    }
    offsets_.emplace(*record->key, cursor.offset());
    bytes_ += entry_bytes + record->key->size();
  }
}

bool LatestOffsets::superseded(std::string_view key, std::int64_t offset) const {
  auto const found = offsets_.find(key);
  return found != offsets_.end() && found->second > offset;
}

void LatestOffsets::clear() {
  offsets_.clear();
  bytes_ = 0;
}

void Rewriter::add(wire::BatchView const& batch, LatestOffsets const& latest,
                   TombstoneRule tombstones) {
  auto cursor = batch.cursor();
  while (auto const* record = cursor.next()) {
    auto const offset = cursor.offset();
    if (record->key && (latest.superseded(*record->key, offset) || forgotten(*record, tombstones)))
      ++removed_;
    else
      keep(offset, *record);
  }
}

void Rewriter::keep(std::int64_t offset, wire::Record const& record) {
  if (batch_.count() > 0 && (batch_.count() >= segment_records_max ||
                             batch_.bytes() + wire::record_bytes(record) > segment_bytes_max ||
                             offset - base_ >= std::numeric_limits<std::int32_t>::max()))
    finish();
  if (batch_.count() == 0) base_ = offset;
  batch_.append_at(static_cast<std::int32_t>(offset - base_), record);
  last_ = offset;
}

// The segment ends behind its last record, not where those it was made of ended: a reader that asks
// for what comes next is to get the next segment, not this one again.
void Rewriter::finish() {
  if (batch_.count() == 0) return;
  writer_->add(topic_, partition_, last_ + 1, batch_.finish(base_));
  batch_.clear();
}

}  // namespace hansa::log
