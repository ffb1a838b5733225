// A topic as people read it: from an offset, from a time, or its last records.
//
// Blocking; confined to one thread. Memory is bounded. Throws what postgres::Session throws, and
// Failure: unknown_topic, offset_out_of_range, corrupt_segment, usage.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "events/log_source.h"
#include "events/merged.h"

namespace hansa::events {

struct TailStart {
  enum class Kind : std::uint8_t {
    earliest,
    latest,  // what is written from now on
    newest,  // the last `value` records that fit, at most newest_max
    offset,  // `value`; of the only partition, or of the one asked for
    time,    // `value`, in milliseconds since 1970: records that are not older
  };
  Kind kind = Kind::newest;
  std::int64_t value = 10;
};
inline constexpr std::int64_t newest_max = 10'000;

struct TailOptions {
  TailStart start = {};
  std::optional<std::int32_t> partition = {};
  std::optional<std::string> key = {};  // only its records
  // Asked between records; true ends the reading early.
  std::function<bool()> stop = [] { return false; };
};

class Tail {
 public:
  // `session` reads the database of the topic, outside of transactions, and outlives this.
  Tail(postgres::Session& session, std::string topic, TailOptions options);

  // The next record that fits; nullopt: there is none for now.
  [[nodiscard]] std::optional<OwnedRecord> next();
  // Learns what was written since. Throws unknown_topic when the topic is gone.
  void refresh();
  // As Source::decode.
  [[nodiscard]] Result<void> decode(OwnedRecord const& record, std::string& out) {
    return source_.decode(record.view(), out);
  }

 private:
  [[nodiscard]] std::vector<Bounds> bounds();
  [[nodiscard]] std::vector<Bounds> stretches();
  [[nodiscard]] std::int64_t start_of(std::int32_t partition, Bounds const& bounds);
  [[nodiscard]] std::int64_t newest_of(std::int32_t partition);
  [[nodiscard]] std::optional<OwnedRecord> fitting();
  void collect_newest();

  postgres::Session& session_;
  LogSource source_;
  std::string topic_;
  TailOptions options_;
  std::optional<Merged> merged_;
  std::deque<OwnedRecord> newest_;
};

}  // namespace hansa::events
