#include "api/documents.h"

#include <fmt/format.h>

#include "render/asyncapi.h"
#include "render/openapi.h"

namespace hansa::api {

std::string text_tag(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (char const c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001B3U;
  }
  return fmt::format("\"{:016x}\"", hash);
}

Document const& Documents::openapi(Version const& version) {
  auto& document = openapi_[&version];
  if (document.text.empty()) {
    document.text = render::openapi(
        *context_.mesh, *version.domain, version.major,
        {.server_url = context_.public_url, .writable = context_.writes != Writes::refused});
    document.tag = text_tag(document.text);
  }
  return document;
}

Document const& Documents::asyncapi(mesh::Domain const& domain) {
  auto& document = asyncapi_[&domain];
  if (document.text.empty()) {
    // Which process serves Kafka clients, and where, changes while this document stands.
    auto const page = context_.public_url.empty()
                          ? std::string{}
                          : fmt::format("{}/{}/events", context_.public_url, domain.name.text());
    document.text = render::asyncapi(*context_.mesh, domain, {.servers = {}, .page_url = page});
    document.tag = text_tag(document.text);
  }
  return document;
}

}  // namespace hansa::api
