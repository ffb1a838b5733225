// GET /metrics: the exposition format of Prometheus.
#include "api/exchange.h"
#include "api/routes.h"

namespace hansa::api {

async::Task<Reply> show_metrics(Backends& backends, Call&) {
  auto text = backends.context.metrics ? backends.context.metrics() : std::string{};
  co_return text_reply("text/plain; version=0.0.4; charset=utf-8", std::move(text));
}

}  // namespace hansa::api
