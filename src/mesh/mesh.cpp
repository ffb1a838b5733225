#include "mesh/mesh.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

namespace hansa::mesh {

Column const* Object::find(std::string_view column) const {
  auto const found = std::ranges::find_if(
      columns, [column](Column const& each) { return each.name.text() == column; });
  return found == columns.end() ? nullptr : &*found;
}

Domain const* Mesh::find_domain(std::string_view wanted) const {
  auto const found = std::ranges::find_if(
      domains, [wanted](Domain const& domain) { return domain.name.text() == wanted; });
  return found == domains.end() ? nullptr : &*found;
}

Contract const* Mesh::find_contract(std::string_view id) const {
  for (Domain const& domain : domains) {
    for (Contract const& contract : domain.contracts) {
      if (contract.id.text() == id) return &contract;
    }
  }
  return nullptr;
}

std::vector<Served> Mesh::served() const {
  std::vector<Served> served;
  for (Domain const& domain : domains) {
    for (Product const& product : domain.products) {
      for (OutputPort const& port : product.output_ports) {
        if (port.type != PortType::rest) continue;
        auto const contract = std::ranges::find(domain.contracts, port.contract, &Contract::id);
        if (contract == domain.contracts.end()) continue;
        for (Object const& object : contract->objects) {
          if (object.kind == ObjectKind::table) {
            served.push_back({&domain, &product, &*contract, &object});
          }
        }
      }
    }
  }
  auto const place = [](Served const& each) {
    return std::tie(each.domain->name, each.contract->major, each.object->name);
  };
  std::ranges::sort(served,
                    [place](Served const& a, Served const& b) { return place(a) < place(b); });
  return served;
}

std::vector<Major> Mesh::majors(Domain const& domain) const {
  std::set<Major> majors;
  for (Product const& product : domain.products) {
    for (OutputPort const& port : product.output_ports) {
      if (port.type != PortType::kafka) majors.insert(port.major);
    }
  }
  return {majors.begin(), majors.end()};
}

std::string role_name(MeshName const& mesh, DomainName const& domain, RoleKind kind) {
  std::string_view suffix;
  switch (kind) {
    case RoleKind::owner:
      suffix = "owner";
      break;
    case RoleKind::runtime:
      suffix = "runtime";
      break;
    case RoleKind::view:
      suffix = "view";
      break;
    case RoleKind::emit:
      suffix = "emit";
      break;
  }
  return fmt::format("{}_{}_{}", mesh.text(), domain.text(), suffix);
}

std::string store_schema(DomainName const& domain) { return domain.text(); }

std::string view_schema(DomainName const& domain, Major major) {
  return fmt::format("{}_v{}", domain.text(), number(major));
}

}  // namespace hansa::mesh
