// GET /{domain}/events: what the domain publishes and reads, for people.
#include "api/event_page.h"
#include "api/routes.h"

namespace hansa::api {

async::Task<Reply> show_events(Backends& backends, Call& call) {
  co_return page_reply(
      event_page(*backends.context.mesh, *call.match.domain, backends.router.domains()));
}

}  // namespace hansa::api
