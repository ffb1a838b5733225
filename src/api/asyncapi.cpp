// GET /{domain}/asyncapi.json: AsyncAPI 3.0 of what the domain publishes and reads.
#include "api/exchange.h"
#include "api/routes.h"

namespace hansa::api {

async::Task<Reply> show_asyncapi(Backends& backends, Call& call) {
  auto const& document = backends.documents.asyncapi(*call.match.domain);
  co_return tagged_reply(call, "application/json", document.text, document.tag);
}

}  // namespace hansa::api
