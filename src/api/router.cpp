#include "api/router.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/diagnostics.h"

namespace hansa::api {

namespace {

constexpr std::string_view assets_prefix = "/-/assets/";
constexpr std::size_t hinted_path_bytes_max = 200;

// The path up to its n-th slash after the leading one; npos if there are fewer.
std::size_t nth_slash(std::string_view path, int n) {
  std::size_t at = 0;
  while (n-- > 0 && at != std::string_view::npos) at = path.find('/', at + 1);
  return at;
}

}  // namespace

std::string_view pattern(Resource resource) {
  static constexpr std::array<std::string_view, 13> patterns = {
      "/",
      "/healthz",
      "/readyz",
      "/metrics",
      "/-/assets/{name}",
      "/{domain}",
      "/{domain}/events",
      "/{domain}/asyncapi.json",
      "/{domain}/v{major}",
      "/{domain}/v{major}/openapi.json",
      "/{domain}/v{major}/docs",
      "/{domain}/v{major}/{object}",
      "/{domain}/v{major}/{object}/{key}",
  };
  return patterns[static_cast<std::size_t>(resource)];
}

Router::Router(mesh::Mesh const& mesh, std::vector<DomainName> const& domains) {
  for (auto const& domain : mesh.domains) {
    if (std::ranges::find(domains, domain.name) == domains.end()) continue;
    domains_.push_back(&domain);
    event_paths_.push_back(fmt::format("/{}/events", domain.name.text()));
    event_paths_.push_back(fmt::format("/{}/asyncapi.json", domain.name.text()));
  }
  for (auto const& served : mesh.served()) {
    if (std::ranges::find(domains_, served.domain) != domains_.end()) served_.push_back(served);
  }
  for (auto const& served : served_) {
    auto const major = served.contract->major;
    if (versions_.empty() || versions_.back().domain != served.domain ||
        versions_.back().major != major) {
      versions_.push_back(
          {.domain = served.domain,
           .major = major,
           .path = fmt::format("/{}/v{}", served.domain->name.text(), number(major)),
           .tables = {}});
    }
    versions_.back().tables.push_back(&served);
  }
  // Only now, when nothing moves any more, may the maps point into the vectors.
  table_paths_.reserve(served_.size());
  for (auto const& version : versions_) {
    version_by_path_.emplace(version.path, &version);
    for (auto const* served : version.tables) {
      table_paths_.push_back(fmt::format("{}/{}", version.path, served->object->name.text()));
      tables_.emplace(table_paths_.back(), std::pair(&version, served));
    }
  }
}

Match Router::of_version(Version const& version, Resource resource) const {
  return {.resource = resource, .domain = version.domain, .version = &version};
}

std::optional<Match> Router::match(std::string_view path) const {
  auto const object_end = nth_slash(path, 3);
  auto const found = tables_.find(path.substr(0, object_end));
  if (found != tables_.end()) {
    auto const [version, served] = found->second;
    auto match = of_version(*version, Resource::collection);
    match.served = served;
    if (object_end == std::string_view::npos) return match;
    match.resource = Resource::row;
    match.rest = path.substr(object_end + 1);
    if (match.rest.empty() || match.rest.contains('/')) return std::nullopt;
    return match;
  }
  if (path == "/") return Match{.resource = Resource::index};
  if (path == "/healthz") return Match{.resource = Resource::healthz};
  if (path == "/readyz") return Match{.resource = Resource::readyz};
  if (path == "/metrics") return Match{.resource = Resource::metrics};
  if (path.starts_with(assets_prefix)) {
    return Match{.resource = Resource::asset, .rest = path.substr(assets_prefix.size())};
  }
  auto const version_end = nth_slash(path, 2);
  auto const version = version_by_path_.find(path.substr(0, version_end));
  if (version != version_by_path_.end()) {
    auto const rest = path.substr(std::min(version_end, path.size()));
    if (rest.empty()) return of_version(*version->second, Resource::version);
    if (rest == "/openapi.json") return of_version(*version->second, Resource::openapi);
    if (rest == "/docs") return of_version(*version->second, Resource::docs);
    return std::nullopt;
  }
  return match_domain(path);
}

// What stands directly under a domain cannot be taken for a major, which begins with `v` and a
// digit, nor for an object, which stands under one.
std::optional<Match> Router::match_domain(std::string_view path) const {
  auto const end = std::min(nth_slash(path, 1), path.size());
  for (auto const* domain : domains_) {
    if (!path.starts_with('/') || path.substr(1, end - 1) != domain->name.text()) continue;
    auto const rest = path.substr(end);
    if (rest.empty()) return Match{.resource = Resource::domain, .domain = domain};
    if (rest == "/events") return Match{.resource = Resource::events, .domain = domain};
    if (rest == "/asyncapi.json") return Match{.resource = Resource::asyncapi, .domain = domain};
  }
  return std::nullopt;
}

std::string Router::hint(std::string_view path) const {
  std::vector<std::string_view> known = {"/healthz", "/readyz", "/metrics"};
  for (auto const* domain : domains_) {
    if (path.substr(1).starts_with(domain->name.text() + "/")) {
      for (auto const& version : versions_) known.push_back(version.path);
    }
  }
  known.insert(known.end(), table_paths_.begin(), table_paths_.end());
  known.insert(known.end(), event_paths_.begin(), event_paths_.end());
  auto const asked = path.substr(0, std::min(nth_slash(path, 3), hinted_path_bytes_max));
  auto const near = nearest(asked, known);
  if (!near.empty()) return fmt::format("did you mean `{}`?", near);
  return "`/` lists what is served here";
}

}  // namespace hansa::api
