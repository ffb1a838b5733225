// PATCH /{domain}/v{major}/{object}/{key}: a JSON merge patch (RFC 7396) of one row.
#include "api/exchange.h"
#include "api/problem.h"
#include "api/routes.h"

namespace hansa::api {

async::Task<Reply> patch_row(Backends& backends, Call& call) {
  auto key = row_key(call);
  if (!key) co_return problem(key.error(), call.request.path());
  auto request = write_request(call);
  if (!request) co_return problem(request.error(), call.request.path());
  co_return reply_of(
      co_await backends.service.patch(*call.match.served, *std::move(key), *std::move(request)),
      call);
}

}  // namespace hansa::api
