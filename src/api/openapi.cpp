// GET /{domain}/v{major}/openapi.json: OpenAPI 3.1 of what that version serves.
#include "api/exchange.h"
#include "api/routes.h"

namespace hansa::api {

async::Task<Reply> show_openapi(Backends& backends, Call& call) {
  auto const& document = backends.documents.openapi(*call.match.version);
  co_return tagged_reply(call, "application/json", document.text, document.tag);
}

}  // namespace hansa::api
