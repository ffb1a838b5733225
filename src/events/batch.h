// Events as a reaction gets them: one JSON array, an object an event. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "events/source.h"

namespace hansa::events {

// An event on its way into a reaction.
struct Incoming {
  Record record;
  std::string json;  // its value as a JSON object without white space; empty for a tombstone
};

// [{"order_id": 7, ..., "_op": "create", "_key": "17", "_topic": ..., "_partition": ..., "_offset":
// ..., "_time": "2026-01-01T00:00:00Z", "_id": ..., "_trace": ...}]. A tombstone has no fields and
// `_op` "delete". Fields named like ours cannot be: names of contracts do not begin with `_`.
// `only`: of all members just these and `_trace`; absent: all of them.
[[nodiscard]] std::string batch_json(
    std::span<Incoming const> events, std::string_view topic, std::int32_t partition,
    std::optional<std::span<ColumnName const>> only = std::nullopt);

// What a dead letter says: {"partition", "offset", "reason", "sqlstate", "topic", "key", "time",
// "op", "id", "trace", "event"}, `event` being the value as JSON, or null for a tombstone and what
// is not to be read; `op`, as `_op`, tells these apart.
[[nodiscard]] std::string dead_letter_json(Incoming const& event, std::string_view topic,
                                           std::int32_t partition, std::string_view sqlstate,
                                           std::string_view reason);

// RFC 3339 in UTC with milliseconds: "2026-01-01T00:00:00.123Z"; what is before the year 1 or
// behind 9999, as the first or the last of them.
[[nodiscard]] std::string time_text(std::int64_t timestamp_ms);

}  // namespace hansa::events
