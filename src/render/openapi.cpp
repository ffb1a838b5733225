#include "render/openapi.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "render/operations.h"
#include "render/table_schemas.h"
#include "render/words.h"

namespace hansa::render {

namespace {

using Tables = std::vector<mesh::Served>;

Tables tables_of(mesh::Mesh const& mesh, mesh::Domain const& domain, Major major) {
  Tables tables;
  for (auto const& served : mesh.served()) {
    if (served.domain->name == domain.name && served.contract->major == major) {
      tables.push_back(served);
    }
  }
  return tables;
}

std::string titled(mesh::Product const& product) {
  return product.title.empty() ? product.name.text() : product.title;
}

// The products a version is made of, each once, in the order of their tables.
std::vector<mesh::Product const*> products_of(Tables const& tables) {
  std::vector<mesh::Product const*> products;
  for (auto const& served : tables) {
    if (std::ranges::find(products, served.product) == products.end()) {
      products.push_back(served.product);
    }
  }
  return products;
}

json::Value info(mesh::Domain const& domain, Major major, Tables const& tables) {
  std::string title;
  std::string description = domain.description;
  for (auto const* product : products_of(tables)) {
    title += (title.empty() ? "" : ", ") + titled(*product);
    if (!product->description.empty()) description += "\n\n" + product->description;
  }
  json::Object members;
  add(members, "title", title.empty() ? domain.name.text() : title);
  add(members, "description", description);
  // Contracts of one major may stand at different versions; the API as such has the major alone.
  auto const one = tables.size() == 1;
  add(members, "version",
      one ? tables.front().contract->version : fmt::format("{}", number(major)));
  json::Object contact;
  add(contact, "name", domain.team);
  for (auto const& channel : domain.support) {
    if (channel.url.empty()) continue;
    add(contact, "url", channel.url);
    break;
  }
  if (!contact.empty()) members.emplace_back("contact", json::object(std::move(contact)));
  return json::object(std::move(members));
}

json::Value tags(Tables const& tables) {
  json::Array items;
  for (auto const& served : tables) {
    json::Object tag;
    add(tag, "name", served.object->name.text());
    add(tag, "description", served.object->description);
    items.push_back(json::object(std::move(tag)));
  }
  return json::array(std::move(items));
}

json::Value lineage(mesh::Mesh const& mesh, mesh::Domain const& domain, Tables const& tables) {
  json::Array contracts;
  for (auto const& served : tables) {
    json::Object contract;
    add(contract, "id", served.contract->id.text());
    add(contract, "version", served.contract->version);
    add(contract, "status", served.contract->status);
    add(contract, "product", served.product->name.text());
    add(contract, "file", served.contract->file);
    contracts.push_back(json::object(std::move(contract)));
  }
  return json::object({{"mesh", json::text(mesh.name.text())},
                       {"domain", json::text(domain.name.text())},
                       {"contracts", json::array(std::move(contracts))}});
}

}  // namespace

std::string openapi(mesh::Mesh const& mesh, mesh::Domain const& domain, Major major,
                    OpenApiOptions const& options) {
  auto const tables = tables_of(mesh, domain, major);
  auto const asked = options.writable ? Writable::yes : Writable::no;
  auto any_writable = Writable::no;
  json::Object paths;
  json::Object schemas;
  for (auto const& served : tables) {
    auto const writable = writable_table(served, asked);
    if (writable == Writable::yes) any_writable = Writable::yes;
    auto const path =
        fmt::format("/{}/v{}/{}", domain.name.text(), number(major), served.object->name.text());
    paths.emplace_back(path, collection_path(mesh, served, writable));
    paths.emplace_back(path + "/{key}", row_path(mesh, served, writable));
    add_table_schemas(served, writable, schemas);
  }
  schemas.emplace_back("Problem", problem_schema());
  json::Object components{{"schemas", json::object(std::move(schemas))}};
  for (auto& member : shared_components(any_writable)) components.push_back(std::move(member));
  auto const server = options.server_url.empty() ? std::string_view("/") : options.server_url;
  auto const document =
      json::object({{"openapi", json::text("3.1.0")},
                    {"info", info(domain, major, tables)},
                    {"servers", json::array({json::object({{"url", json::text(server)}})})},
                    {"security", json::array({})},
                    {"tags", tags(tables)},
                    {"paths", json::object(std::move(paths))},
                    {"components", json::object(std::move(components))},
                    {"x-hansa", lineage(mesh, domain, tables)}});
  return json::to_pretty_text(document) + "\n";
}

}  // namespace hansa::render
