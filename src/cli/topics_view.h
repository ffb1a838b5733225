// Topics and what waits for them: for people, and as JSON. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "events/topic_states.h"
#include "json/value.h"

namespace hansa::cli {

// A table, what folder and database do not share, and a line for each log in which events wait.
[[nodiscard]] std::string topics_text(std::vector<events::TopicState> const& topics,
                                      std::vector<events::PendingState> const& pending,
                                      Colour colour);

// {"topics": [{"name", "domain", "made_by", "of", "format", "cleanup", "retention_ms", "declared",
// "applied", "records", "partitions": [{"partition", "start", "next"}]}], "pending": [{"domain",
// "events", "oldest_ms"}]}; null where it is not known or there is none.
[[nodiscard]] json::Value topics_json(std::vector<events::TopicState> const& topics,
                                      std::vector<events::PendingState> const& pending);

}  // namespace hansa::cli
