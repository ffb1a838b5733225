#include "mesh/mesh.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
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

Topic const* Mesh::find_topic(std::string_view topic) const {
  auto const found = std::ranges::find(topics, topic, &Topic::name);
  return found == topics.end() ? nullptr : &*found;
}

Subscription const* Mesh::find_subscription(DomainName const& domain, ProductName const& product,
                                            std::string_view port) const {
  auto const found = std::ranges::find_if(subscriptions, [&](Subscription const& each) {
    return each.domain == domain && each.product == product && each.port == port;
  });
  return found == subscriptions.end() ? nullptr : &*found;
}

Object const& Mesh::object_of(Topic const& topic) const {
  Contract const* const contract = find_contract(topic.contract.text());
  assert(contract != nullptr);
  auto const object = std::ranges::find(contract->objects, topic.object, &Object::name);
  assert(object != contract->objects.end());
  return *object;
}

std::vector<Topic const*> Mesh::topics_of_table(DomainName const& domain,
                                                ObjectName const& table) const {
  std::vector<Topic const*> fed;
  for (Topic const& topic : topics) {
    bool const of_changes = topic.source == Topic::Source::changes && topic.object == table;
    bool const of_emission = topic.emission && topic.emission->table == table;
    if (topic.domain == domain && (of_changes || of_emission)) fed.push_back(&topic);
  }
  return fed;
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
