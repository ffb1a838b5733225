// GET /{domain}/v{major}/{object}: a page of rows as JSON, or all of them as a stream of NDJSON.
#include "api/exchange.h"
#include "api/problem.h"
#include "api/routes.h"

namespace hansa::api {

async::Task<Reply> list_rows(Backends& backends, Call& call) {
  auto request = read_request(call);
  if (!request) co_return problem(request.error(), call.request.path());
  co_return reply_of(co_await backends.service.list(*call.match.served, *std::move(request)), call);
}

}  // namespace hansa::api
