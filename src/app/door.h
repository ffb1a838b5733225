// What the doors of a program beside REST share: how its own machine reaches them, and what becomes
// of one whose port is taken.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/observe.h"
#include "base/result.h"
#include "cli/command.h"

namespace hansa::app {

// All addresses, or those of this machine alone.
[[nodiscard]] bool is_everywhere_or_loopback(std::string const& host);
// `host` as it stands in an address that is used on this machine: "localhost", "[2001:db8::1]".
[[nodiscard]] std::string reached_at(std::string const& host);

struct Door {
  cli::DoorPort port;
  std::string_view missing;  // "no port for Kafka clients"
  std::string_view option;   // "--kafka-port"
};
// A warning where the door is done without: its port is taken, and nobody asked for it. Throws
// Failure for all else.
void require_door(Door const& door, Error error, Observer& observer);

// What `bound` holds, or nullptr where the door is done without.
template <class Server>
std::unique_ptr<Server> opened(Result<std::unique_ptr<Server>> bound, Door const& door,
                               Observer& observer) {
  if (bound) return *std::move(bound);
  require_door(door, bound.error(), observer);
  return nullptr;
}

}  // namespace hansa::app
