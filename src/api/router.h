// From a request's path to what it names: hash lookups in tables made once, no patterns. Immutable
// after construction, so any thread may read it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "mesh/mesh.h"

namespace hansa::api {

enum class Resource : std::uint8_t {
  index,       // /
  healthz,     // /healthz
  readyz,      // /readyz
  metrics,     // /metrics
  asset,       // /-/assets/...
  domain,      // /{domain}
  events,      // /{domain}/events
  asyncapi,    // /{domain}/asyncapi.json
  version,     // /{domain}/v{major}
  openapi,     // /{domain}/v{major}/openapi.json
  docs,        // /{domain}/v{major}/docs
  collection,  // /{domain}/v{major}/{object}
  row,         // /{domain}/v{major}/{object}/{key}
};

// "/{domain}/v{major}/{object}": how metrics and logs call it.
[[nodiscard]] std::string_view pattern(Resource resource);

// A domain's major that has something to serve.
struct Version {
  mesh::Domain const* domain = nullptr;
  Major major{};
  std::string path;                         // "/products/v1"
  std::vector<mesh::Served const*> tables;  // ordered by object
};

struct Match {
  Resource resource{};
  mesh::Domain const* domain = nullptr;  // from Resource::domain on
  Version const* version = nullptr;      // from Resource::version on
  mesh::Served const* served = nullptr;  // collection and row
  std::string_view rest;                 // row: the key as sent; asset: its name
};

class Router {
 public:
  // `domains`: those served here. `mesh` outlives this.
  Router(mesh::Mesh const& mesh, std::vector<DomainName> const& domains);
  Router(Router const&) = delete;
  Router& operator=(Router const&) = delete;

  // nullopt: no such route. `path` is not decoded and must outlive the match.
  [[nodiscard]] std::optional<Match> match(std::string_view path) const;
  // What stands nearest to a path that names nothing, for a hint; empty if nothing does.
  [[nodiscard]] std::string hint(std::string_view path) const;
  [[nodiscard]] std::vector<Version> const& versions() const { return versions_; }
  [[nodiscard]] std::vector<mesh::Domain const*> const& domains() const { return domains_; }

 private:
  [[nodiscard]] Match of_version(Version const& version, Resource resource) const;
  [[nodiscard]] std::optional<Match> match_domain(std::string_view path) const;

  std::vector<mesh::Domain const*> domains_;
  std::vector<mesh::Served> served_;
  std::vector<Version> versions_;
  std::vector<std::string> table_paths_;
  std::vector<std::string> event_paths_;
  std::unordered_map<std::string_view, std::pair<Version const*, mesh::Served const*>> tables_;
  std::unordered_map<std::string_view, Version const*> version_by_path_;
};

}  // namespace hansa::api
