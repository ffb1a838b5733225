// Who listens on a TCP port of this machine, as far as /proc tells. Blocking; best effort.
#pragma once

#include <cstdint>
#include <string>

namespace hansa::net {

// "nginx (pid 812)"; empty where nobody is found or may be looked at.
[[nodiscard]] std::string port_holder(std::uint16_t port);

}  // namespace hansa::net
