// All partitions of a topic as one sequence of records, oldest first.
//
// Blocking; confined to one thread. Throws what Source::read throws. Order within a partition is
// kept whatever the clocks said; between partitions time decides.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "events/source.h"

namespace hansa::events {

// A record that stays when the source goes on.
struct OwnedRecord {
  std::int32_t partition = 0;
  std::int64_t offset = 0, timestamp_ms = 0;
  std::string key;
  std::optional<std::string> value;
  std::string id, source, type, operation, trace, actor;

  // Lives as long as this.
  [[nodiscard]] Record view() const;
};
[[nodiscard]] OwnedRecord owned(std::int32_t partition, Record const& record);

struct MergedLimits {  // of what is held, of all partitions together
  std::size_t bytes_max = 32U << 20U;
  std::size_t records_max = 20'000;
};

class Merged {
 public:
  // `source` outlives this. `stretches`: of each partition, where to begin and where to end (not
  // included).
  Merged(Source& source, std::string topic, std::vector<Bounds> stretches,
         MergedLimits limits = {});

  // nullopt: all up to the ends was given.
  [[nodiscard]] std::optional<OwnedRecord> next();
  // Of each partition the offset that comes next: of the first record not given.
  [[nodiscard]] std::vector<std::int64_t> positions() const;
  // Goes on to later ends; partitions beyond those known begin as `stretches` say.
  void extend(std::vector<Bounds> const& stretches);

 private:
  struct Held {
    OwnedRecord record;
    bool whole = true;  // false: too large to be held, read again when its turn comes
  };
  struct Partition {
    std::int64_t next = 0, end = 0;  // to be read
    std::vector<Held> held;
    std::size_t at = 0;  // of the first held that was not given
  };
  void fill(std::int32_t number);

  Source& source_;
  std::string topic_;
  MergedLimits limits_;
  std::vector<Partition> partitions_;
};

}  // namespace hansa::events
