#include "gateway/recent_batches.h"

#include <algorithm>
#include <vector>

namespace hansa::gateway {

void RecentBatches::drop(std::map<Place, Partition>::iterator partition) {
  for (Batch const& batch : partition->second.batches) bytes_ -= batch.bytes->size();
  partitions_.erase(partition);
}

void RecentBatches::drop_oldest() {
  auto const [place, number, when] = added_.front();
  added_.pop_front();
  auto const found = partitions_.find(place);
  if (found == partitions_.end() || found->second.first != number) return;
  auto& batches = found->second.batches;
  bytes_ -= batches.front().bytes->size();
  batches.pop_front();
  if (batches.empty())
    partitions_.erase(found);
  else
    found->second.first = batches.front().number;
}

void RecentBatches::expire(Moment now) {
  while (!added_.empty() && added_.front().when + age_max_ <= now) drop_oldest();
}

void RecentBatches::add(Place const& place, std::int64_t start, std::int64_t base,
                        std::int64_t records, std::string_view batch, Moment now) {
  auto bytes = std::make_shared<std::string const>(batch);
  std::lock_guard const lock(mutex_);
  expire(now);
  auto found = partitions_.find(place);
  if (found != partitions_.end() && base < found->second.batches.back().next) return;
  if (found != partitions_.end() && base > found->second.batches.back().next) {
    drop(found);
    found = partitions_.end();
  }
  auto const number = ++numbers_;
  auto& partition = found == partitions_.end() ? partitions_[place] : found->second;
  if (partition.batches.empty()) partition.first = number;
  partition.start = start;
  partition.batches.push_back(
      {.number = number, .base = base, .next = base + records, .bytes = std::move(bytes)});
  bytes_ += batch.size();
  added_.push_back({place, number, now});
  while (bytes_ > bytes_max_) drop_oldest();
}

std::optional<RecentSlice> RecentBatches::read(Place const& place, std::int64_t offset,
                                               std::size_t bytes_max, Moment now) {
  RecentSlice slice;
  std::vector<std::shared_ptr<std::string const>> wanted;
  std::size_t bytes = 0;
  {
    std::lock_guard const lock(mutex_);
    expire(now);
    auto const found = partitions_.find(place);
    if (found == partitions_.end()) return std::nullopt;
    auto const& batches = found->second.batches;
    if (offset < batches.front().base || offset > batches.back().next) return std::nullopt;
    slice.start = found->second.start;
    slice.end = batches.back().next;
    for (auto at = std::ranges::upper_bound(batches, offset, {}, &Batch::next);
         bytes_max > 0 && at != batches.end() &&
         (wanted.empty() || bytes + at->bytes->size() <= bytes_max);
         ++at) {
      bytes += at->bytes->size();
      wanted.push_back(at->bytes);
    }
  }
  slice.batches.reserve(bytes);
  for (auto const& each : wanted) slice.batches += *each;
  return slice;
}

void RecentBatches::forget(std::size_t database, std::int32_t topic) {
  std::lock_guard const lock(mutex_);
  auto at = partitions_.lower_bound({database, topic, 0});
  while (at != partitions_.end() && at->first.database == database && at->first.topic == topic)
    drop(at++);
}

void RecentBatches::forget_all() {
  std::lock_guard const lock(mutex_);
  partitions_.clear();
  added_.clear();
  bytes_ = 0;
}

std::size_t RecentBatches::bytes() const {
  std::lock_guard const lock(mutex_);
  return bytes_;
}

}  // namespace hansa::gateway
