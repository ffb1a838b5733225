// One request on its way through the edge, and what the actions of the route table have to work
// with.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include "api/api.h"
#include "api/databases.h"
#include "api/documents.h"
#include "api/router.h"
#include "api/trace.h"
#include "net/http.h"
#include "product/service.h"

namespace hansa::api {

struct Call {
  net::Request request;
  Trace trace;
  Match match;
};

struct Reply {
  net::Response response;
  std::uint64_t rows = 0;
  std::chrono::nanoseconds database{};
  std::optional<Code> error = {};
  std::string cause = {};  // Error::cause, for the log
};

// Of one thread; outlives every call of it.
struct Backends {
  Context const& context;
  Router const& router;
  Databases& databases;
  product::Service& service;
  Documents& documents;
};

}  // namespace hansa::api
