// The HTTP edge: one table of routes (routes.h), one file per route. Turns requests into calls of
// the rooms behind it and Results into answers; holds no rule of its own.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "base/observe.h"
#include "mesh/mesh.h"
#include "net/server.h"
#include "postgres/session.h"
#include "product/service.h"

namespace hansa::api {

enum class Writes : std::uint8_t { refused, loopback_only };

// What all threads share; immutable but for the atomics. Outlives every handler.
struct Context {
  mesh::Mesh const* mesh = nullptr;
  mesh::Environment const* environment = nullptr;
  product::Settings product;
  std::map<DomainName, postgres::Target> targets;  // with the runtime role
  std::size_t threads = 0;  // that serve, to share the budget of connections; 0: one per core
  std::vector<DomainName> domains;  // served here (all, or --domain)
  Writes writes = Writes::refused;  // loopback_only in `development`
  std::string public_url;           // "http://localhost:8000"
  Observer* observer = nullptr;
  std::function<std::string()> metrics;  // text of /metrics; called rarely, may block briefly
  // Told of each write that feeds topics, see product::Service::Wrote. May be empty.
  product::Service::Wrote wrote;
  std::atomic<bool> const* draining = nullptr;  // /readyz says 503
};

// For Server::bind. Each call makes a handler with its own databases on that thread.
[[nodiscard]] net::Server::MakeHandler make_handler(Context const& context);

}  // namespace hansa::api
