#include "app/door.h"

#include <fmt/format.h>

namespace hansa::app {

bool is_everywhere_or_loopback(std::string const& host) {
  return host == "0.0.0.0" || host == "::" || host == "127.0.0.1" || host == "::1" ||
         host == "localhost";
}

std::string reached_at(std::string const& host) {
  if (is_everywhere_or_loopback(host)) return "localhost";
  return host.contains(':') ? fmt::format("[{}]", host) : host;
}

void require_door(Door const& door, Error error, Observer& observer) {
  bool const taken = error.code == Code::address_in_use;
  if (taken && !door.port.asked_for) {
    observer.observe(Notice{LogLevel::warning, door.missing, error.detail});
    return;
  }
  if (taken) error.hint = fmt::format("stop that program, or give {} another number", door.option);
  throw Failure(std::move(error));
}

}  // namespace hansa::app
