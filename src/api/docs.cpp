// GET /{domain}/v{major}/docs: Swagger UI over the version's OpenAPI document, from this server
// alone.
#include <fmt/format.h>

#include "api/embedded.h"
#include "api/html.h"
#include "api/routes.h"
#include "render/domain_events.h"

namespace hansa::api {

async::Task<Reply> show_docs(Backends& backends, Call& call) {
  auto const& version = *call.match.version;
  auto const swagger = fmt::format("/-/assets/swagger/{}", swagger_version());
  auto const& domain = *version.domain;
  auto const events = render::has_events(*backends.context.mesh, domain)
                          ? fmt::format(" <a href=\"/{}/events\">events</a>", domain.name.text())
                          : std::string{};
  Page page;
  page.title = fmt::format("{} v{} · {}", version.domain->name.text(), number(version.major),
                           backends.context.mesh->name.text());
  page.head = fmt::format(
      "<link rel=\"stylesheet\" href=\"{0}/swagger-ui.css\">\n"
      "<script src=\"{0}/swagger-ui-bundle.js\" defer></script>\n"
      "<script src=\"/-/assets/docs.js\" defer></script>\n",
      swagger);
  page.body = fmt::format(
      "<nav><a href=\"/\">{}</a>{}</nav>\n<div id=\"docs\" data-openapi=\"{}\"></div>\n"
      "<noscript>These pages need JavaScript; the document itself is at "
      "<a href=\"{}\">openapi.json</a>.</noscript>\n",
      escaped(backends.context.mesh->name.text()), events, escaped(version.path + "/openapi.json"),
      escaped(version.path + "/openapi.json"));
  co_return page_reply(page);
}

}  // namespace hansa::api
