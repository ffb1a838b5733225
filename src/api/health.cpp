// GET /healthz: the process runs. GET /readyz: it can answer requests that need its databases.
#include "api/exchange.h"
#include "api/routes.h"
#include "json/value.h"

namespace hansa::api {

async::Task<Reply> show_health(Backends&, Call&) {
  co_return text_reply("application/json", R"({"status":"ok"})");
}

async::Task<Reply> show_readiness(Backends& backends, Call&) {
  auto const draining = backends.context.draining != nullptr && *backends.context.draining;
  auto ready = !draining;
  json::Object domains;
  for (auto const& entry : backends.databases.entries()) {
    auto const connected = entry.database->connected();
    ready = ready && connected;
    domains.emplace_back(entry.domain.text(),
                         json::text(connected ? "connected" : "not connected"));
  }
  auto const* status = draining ? "draining" : ready ? "ready" : "not ready";
  auto const document =
      json::object({{"status", json::text(status)}, {"domains", json::object(std::move(domains))}});
  auto reply = text_reply("application/json", json::to_text(document));
  reply.response.set("Cache-Control", "no-store");
  if (!ready) {
    reply.response.status = 503;
    reply.response.set("Retry-After", "1");
  }
  co_return reply;
}

}  // namespace hansa::api
