// GET /, /{domain}, /{domain}/v{major}: what is served here, for people and for programs.
#include <fmt/format.h>

#include <array>

#include "api/exchange.h"
#include "api/html.h"
#include "api/listing.h"
#include "api/negotiate.h"
#include "api/routes.h"
#include "render/domain_events.h"

namespace hansa::api {

namespace {

constexpr std::string_view json_type = "application/json";

std::string link(std::string_view path, std::string_view text) {
  return fmt::format("<a href=\"{}\">{}</a>", escaped(path), escaped(text));
}

std::string section(Version const& version) {
  std::string html = fmt::format("<h3>v{} <small>{} · {}</small></h3>\n<ul>\n",
                                 number(version.major), link(version.path + "/docs", "docs"),
                                 link(version.path + "/openapi.json", "OpenAPI"));
  for (auto const* served : version.tables) {
    auto const path = fmt::format("{}/{}", version.path, served->object->name.text());
    html += fmt::format("<li>{} <span>{}</span> {}</li>\n", link(path, path),
                        escaped(served->product->title), escaped(served->object->description));
  }
  return html + "</ul>\n";
}

std::string events_line(mesh::Domain const& domain) {
  auto const path = "/" + domain.name.text();
  return fmt::format("<h3>Events <small>{} · {}</small></h3>\n", link(path + "/events", "topics"),
                     link(path + "/asyncapi.json", "AsyncAPI"));
}

Page index_page(Backends const& backends) {
  auto const& mesh = *backends.context.mesh;
  Page page{.title = mesh.name.text(), .head = {}, .body = {}};
  page.body = fmt::format("<main>\n<h1>{}</h1>\n<p>{}</p>\n", escaped(mesh.name.text()),
                          escaped(mesh.description));
  for (auto const* domain : backends.router.domains()) {
    page.body += fmt::format("<section>\n<h2>{}</h2>\n<p>{} <small>{}</small></p>\n",
                             link("/" + domain->name.text(), domain->name.text()),
                             escaped(domain->description), escaped(domain->team));
    for (auto const& version : backends.router.versions()) {
      if (version.domain == domain) page.body += section(version);
    }
    if (render::has_events(mesh, *domain)) page.body += events_line(*domain);
    page.body += "</section>\n";
  }
  page.body +=
      fmt::format("<footer>{} · {} · hansa {}</footer>\n</main>\n", link("/readyz", "readiness"),
                  link("/metrics", "metrics"), HANSA_VERSION);
  return page;
}

Reply json_reply(json::Value const& document) {
  return text_reply(json_type, json::to_pretty_text(document) + "\n");
}

}  // namespace

async::Task<Reply> show_index(Backends& backends, Call& call) {
  static constexpr std::array<std::string_view, 2> offered = {"text/html", json_type};
  if (preferred_type(call.request.header("Accept"), offered) != json_type) {
    auto reply = page_reply(index_page(backends));
    reply.response.set("Vary", "Accept");
    co_return reply;
  }
  json::Array domains;
  for (auto const* domain : backends.router.domains()) {
    domains.push_back(listing_of(*domain, backends.router.versions()));
  }
  auto const& mesh = *backends.context.mesh;
  auto const document = json::object({{"name", json::text(mesh.name.text())},
                                      {"description", json::text(mesh.description)},
                                      {"domains", json::array(std::move(domains))}});
  auto reply = json_reply(document);
  reply.response.set("Vary", "Accept");
  co_return reply;
}

async::Task<Reply> show_domain(Backends& backends, Call& call) {
  co_return json_reply(listing_of(*call.match.domain, backends.router.versions()));
}

async::Task<Reply> show_version(Backends&, Call& call) {
  co_return json_reply(listing_of(*call.match.version));
}

}  // namespace hansa::api
