// The newest batches of what clients write, kept in memory: who reads close behind the writers, as
// most do, needs no database for it. What is here is durable, and is what the database has.
// Any thread may call; bounded in bytes and in age. No I/O and no clock. Whoever adds has to add
// all that is stored, or to forget the topic: the end of a partition is told from what was added
// last.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace hansa::gateway {

// What is under a partition's end, as a fetch wants it.
struct RecentSlice {
  std::string batches;              // whole ones; empty at the end
  std::int64_t start = 0, end = 0;  // of the partition
};

class RecentBatches {
 public:
  using Moment = std::chrono::steady_clock::time_point;
  struct Place {
    std::size_t database = 0;
    std::int32_t topic = 0;  // hansa.topic.id
    std::int32_t partition = 0;
    auto operator<=>(Place const&) const = default;
  };

  // `age_max`: what is older is for the database to give, which also lets old records go.
  explicit RecentBatches(std::size_t bytes_max,
                         std::chrono::milliseconds age_max = std::chrono::minutes(5))
      : bytes_max_(bytes_max), age_max_(age_max) {}

  // A batch of `records` offsets that is stored at `base`. Batches come in the order of their
  // offsets; one that is known already is passed over, and behind a gap everything begins anew.
  void add(Place const& place, std::int64_t start, std::int64_t base, std::int64_t records,
           std::string_view batch, Moment now);

  // From the batch that holds `offset` on: as many as `bytes_max` holds, and at least one, but none
  // of 0 bytes. nullopt: the database has to be asked.
  [[nodiscard]] std::optional<RecentSlice> read(Place const& place, std::int64_t offset,
                                                std::size_t bytes_max, Moment now);

  void forget(std::size_t database, std::int32_t topic);
  // Somebody else may write from now on.
  void forget_all();

  [[nodiscard]] std::size_t bytes() const;

 private:
  struct Batch {
    std::uint64_t number = 0;  // of all that were added
    std::int64_t base = 0, next = 0;
    std::shared_ptr<std::string const> bytes;
  };
  struct Partition {
    std::int64_t start = 0;
    std::uint64_t first = 0;  // the number of the one in front
    std::deque<Batch> batches;
  };
  struct Added {
    Place place;
    std::uint64_t number = 0;
    Moment when;
  };
  void drop(std::map<Place, Partition>::iterator partition);
  void drop_oldest();
  void expire(Moment now);

  std::size_t bytes_max_;
  std::chrono::milliseconds age_max_;
  mutable std::mutex mutex_;  // of all below
  std::size_t bytes_ = 0;
  std::uint64_t numbers_ = 0;
  std::map<Place, Partition> partitions_;
  std::deque<Added> added_;  // all, the oldest first; some may be gone
};

}  // namespace hansa::gateway
