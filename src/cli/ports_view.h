// How far input ports are: for people, and as JSON. Pure.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/diagnostics.h"
#include "events/port_states.h"
#include "json/value.h"

namespace hansa::cli {

// A row a partition, and below it why ports stand still, each with what to do.
[[nodiscard]] std::string ports_text(std::vector<events::PortState> const& ports, Time now,
                                     Colour colour);

// {"ports": [{"port", "topic", "group", "kind", "at_work", "other_log", "lag", "halted":
// {"partition", "offset", "sqlstate", "reason", "since", "tried"}, "partitions": [{"partition",
// "place", "start", "end", "lag", "lost", "moved"}]}]}; null where there is none.
[[nodiscard]] json::Value ports_json(std::vector<events::PortState> const& ports);

}  // namespace hansa::cli
