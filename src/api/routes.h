// The one table of routes: which method of which resource is answered by what. To add a route, add
// a row here and a file with its action.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "api/call.h"

namespace hansa::api {

// Suspends; may throw Failure, which the edge turns into a problem.
using Action = async::Task<Reply> (*)(Backends& backends, Call& call);

enum class Effect : std::uint8_t { reads, writes };

struct Route {
  Resource resource;
  net::Method method;  // HEAD is answered by the row of GET
  Effect effect;
  std::string_view accepts;  // media types of its body, separated by commas; empty: none is read
  Action action;
};

[[nodiscard]] std::span<Route const> routes();

// The row for a request; nullptr: the method is not allowed.
[[nodiscard]] Route const* find_route(Resource resource, net::Method method);

// "GET, HEAD, OPTIONS": the value of Allow. Writing methods are left out where `writable` says so.
enum class Writable : std::uint8_t { no, yes };
[[nodiscard]] std::string allowed_methods(Resource resource, Writable writable);

// The actions, one file for each: list.cpp, get_row.cpp, ...
async::Task<Reply> show_index(Backends& backends, Call& call);
async::Task<Reply> show_health(Backends& backends, Call& call);
async::Task<Reply> show_readiness(Backends& backends, Call& call);
async::Task<Reply> show_metrics(Backends& backends, Call& call);
async::Task<Reply> show_asset(Backends& backends, Call& call);
async::Task<Reply> show_domain(Backends& backends, Call& call);
async::Task<Reply> show_events(Backends& backends, Call& call);
async::Task<Reply> show_asyncapi(Backends& backends, Call& call);
async::Task<Reply> show_version(Backends& backends, Call& call);
async::Task<Reply> show_openapi(Backends& backends, Call& call);
async::Task<Reply> show_docs(Backends& backends, Call& call);
async::Task<Reply> list_rows(Backends& backends, Call& call);
async::Task<Reply> create_rows(Backends& backends, Call& call);
async::Task<Reply> get_row(Backends& backends, Call& call);
async::Task<Reply> patch_row(Backends& backends, Call& call);
async::Task<Reply> remove_row(Backends& backends, Call& call);

}  // namespace hansa::api
