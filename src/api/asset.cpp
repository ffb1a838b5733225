// GET /-/assets/{name}: files of the program itself.
#include "api/documents.h"
#include "api/embedded.h"
#include "api/exchange.h"
#include "api/negotiate.h"
#include "api/problem.h"
#include "api/routes.h"

namespace hansa::api {

async::Task<Reply> show_asset(Backends&, Call& call) {
  auto const* file = find_embedded(call.match.rest);
  if (file == nullptr) {
    co_return problem({.code = Code::route_not_found, .detail = "there is no asset of that name"},
                      call.request.path());
  }
  auto const packed = accepts_gzip(call.request.header("Accept-Encoding"));
  auto tag = text_tag(file->gzip);
  // Two codings are two representations, and each has a tag of its own.
  if (!packed) tag.insert(tag.size() - 1, "-plain");
  auto reply = packed ? tagged_reply(call, file->content_type, file->gzip, tag)
                      : tagged_reply(call, file->content_type, inflated(*file), tag);
  auto& response = reply.response;
  response.set("Vary", "Accept-Encoding");
  response.set("Cache-Control", file->lifetime == Lifetime::for_ever
                                    ? "public, max-age=31536000, immutable"
                                    : "no-cache");
  if (packed && response.status == 200) response.set("Content-Encoding", "gzip");
  co_return reply;
}

}  // namespace hansa::api
