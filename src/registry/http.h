// The registry's door: Confluent's Schema Registry REST API over net::Handler.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/observe.h"
#include "net/http.h"
#include "postgres/session.h"

namespace hansa::registry {

struct HttpOptions {
  postgres::Target target;  // the system's database
  // Why this request may not change anything; empty: it may. Reading is open to all.
  std::function<std::string(net::Request const&)> refuse_write;
  Observer* observer = nullptr;
  std::string program_version;
};

// A handler for one thread. `prefix`: what stands before the API's own paths, "/-/registry" or
// nothing.
[[nodiscard]] std::unique_ptr<net::Handler> make_handler(HttpOptions options,
                                                         async::asio::io_context& context,
                                                         std::string prefix = {});

}  // namespace hansa::registry
