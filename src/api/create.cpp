// POST /{domain}/v{major}/{object}: one row, or an array of rows of which all or none are made.
#include "api/exchange.h"
#include "api/problem.h"
#include "api/routes.h"

namespace hansa::api {

async::Task<Reply> create_rows(Backends& backends, Call& call) {
  auto request = write_request(call);
  if (!request) co_return problem(request.error(), call.request.path());
  co_return reply_of(co_await backends.service.create(*call.match.served, *std::move(request)),
                     call);
}

}  // namespace hansa::api
