// A record of a topic as a line: for people, and as JSON. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/diagnostics.h"
#include "base/result.h"
#include "events/merged.h"

namespace hansa::cli {

// What a record says: its value as JSON, empty for a tombstone, or why it cannot be read.
using RecordValue = Result<std::string>;

// "create", "update", "delete", or "event" where nothing changed a row.
[[nodiscard]] std::string_view operation_of(events::OwnedRecord const& record);

// "2026-01-01T10:00:00.123Z  0@17  create  key 42  {...}", without a newline.
[[nodiscard]] std::string record_line(events::OwnedRecord const& record, RecordValue const& value,
                                      Colour colour);

// {"topic", "partition", "offset", "time", "key", "op", "id", "source", "type", "trace", "actor",
// "value"}: null where there is none; `error` instead of `value` where that cannot be read.
[[nodiscard]] std::string record_json(std::string_view topic, events::OwnedRecord const& record,
                                      RecordValue const& value);

}  // namespace hansa::cli
