// Events as a reaction gets them: one JSON array, an object an event. Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

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
[[nodiscard]] std::string batch_json(std::span<Incoming const> events, std::string_view topic,
                                     std::int32_t partition);

// What a dead letter says: {"reason", "sqlstate", "topic", "partition", "offset", "key", "time",
// "event"}, `event` being the value as JSON, or null for a tombstone and what is not to be read.
[[nodiscard]] std::string dead_letter_json(Incoming const& event, std::string_view topic,
                                           std::int32_t partition, std::string_view sqlstate,
                                           std::string_view reason);

}  // namespace hansa::events
