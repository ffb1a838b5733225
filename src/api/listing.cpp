#include "api/listing.h"

#include <fmt/format.h>

namespace hansa::api {

namespace {

void add(json::Object& members, std::string_view name, std::string_view value) {
  if (!value.empty()) members.emplace_back(name, json::text(value));
}

json::Value listing_of(mesh::Served const& served, Version const& version) {
  json::Object members;
  add(members, "name", served.object->name.text());
  add(members, "description", served.object->description);
  add(members, "path", fmt::format("{}/{}", version.path, served.object->name.text()));
  add(members, "product", served.product->name.text());
  add(members, "contract", served.contract->id.text());
  add(members, "version", served.contract->version);
  add(members, "status", served.contract->status);
  return json::object(std::move(members));
}

}  // namespace

json::Value listing_of(Version const& version) {
  json::Array tables;
  for (auto const* served : version.tables) tables.push_back(listing_of(*served, version));
  return json::object({{"name", json::text(fmt::format("v{}", number(version.major)))},
                       {"path", json::text(version.path)},
                       {"docs", json::text(version.path + "/docs")},
                       {"openapi", json::text(version.path + "/openapi.json")},
                       {"tables", json::array(std::move(tables))}});
}

json::Value listing_of(mesh::Domain const& domain, std::span<Version const> versions) {
  json::Array items;
  for (auto const& version : versions) {
    if (version.domain == &domain) items.push_back(listing_of(version));
  }
  json::Object members;
  add(members, "name", domain.name.text());
  add(members, "description", domain.description);
  add(members, "team", domain.team);
  add(members, "events", fmt::format("/{}/events", domain.name.text()));
  add(members, "asyncapi", fmt::format("/{}/asyncapi.json", domain.name.text()));
  members.emplace_back("versions", json::array(std::move(items)));
  return json::object(std::move(members));
}

}  // namespace hansa::api
