#include "mesh/ports.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "mesh/names.h"

namespace hansa::mesh {

namespace {

class ProductResolver {
 public:
  ProductResolver(ProductSource const& source, std::string const& domain,
                  ContractIndex const& index, PortOwners& owners, Diagnostics& diagnostics)
      : source_(source),
        spec_(*source.product),
        domain_(domain),
        index_(index),
        owners_(owners),
        diagnostics_(diagnostics) {}

  Product resolve() {
    product_.name = ProductName(source_.name);
    product_.domain = DomainName(domain_);
    product_.id = spec_.id.value;
    product_.title = spec_.name.value.empty() ? source_.name : spec_.name.value;
    product_.version = spec_.version.value;
    product_.status = spec_.status.value;
    product_.description = spec_.purpose;
    product_.file = spec_.file;
    if (spec::written(spec_.domain) && spec_.domain.value != domain_) {
      error(Code::mismatch, spec_.domain.where,
            fmt::format("the product stands in domain `{}`", domain_),
            "leave `domain` out; it follows from the folder");
    }
    for (spec::Port const& port : spec_.output_ports) output_port(port);
    for (spec::Port const& port : spec_.input_ports) input_port(port);
    return std::move(product_);
  }

 private:
  void error(Code code, SourceRange where, std::string message, std::string hint = {}) {
    diagnostics_.error(code, std::move(where), std::move(message), std::move(hint));
  }

  using PortNames = std::map<std::pair<std::string, std::string>, std::uint32_t>;

  void check_port_name(spec::Port const& port, PortNames& names) {
    check_name(NameKind::port, port.name.value, port.name.where, diagnostics_);
    auto const [first, is_new] =
        names.emplace(std::pair(port.name.value, port.version.value), port.name.where.line);
    if (!is_new) {
      error(Code::two_owners, port.name.where,
            fmt::format("a second port `{}` of version `{}`", port.name.value, port.version.value),
            fmt::format("the first is at line {}", first->second));
    }
  }

  // The contract a port names, with majors agreeing; nullptr after reporting why not.
  Contract const* contract_of(spec::Port const& port) {
    if (!spec::written(port.contract_id)) return nullptr;
    auto const found = index_.contracts.find(port.contract_id.value);
    if (found == index_.contracts.end()) {
      if (!index_.implied.contains(port.contract_id.value)) no_such_contract(port);
      return nullptr;
    }
    Contract const& contract = *found->second;
    auto const major = spec::major_of(port.version.value);
    if (spec::written(port.version) && !major) {
      error(Code::invalid_value, port.version.where,
            fmt::format("`{:.40}` is no version", port.version.value),
            "the contract's major or its full version");
    } else if (major && *major != number(contract.major)) {
      error(Code::mismatch, port.version.where,
            fmt::format("the port says major {}, contract `{}` is {}", *major, contract.id.text(),
                        contract.version),
            fmt::format("write '{}'", number(contract.major)));
    } else if (major && port.version.value.find('.') != std::string::npos &&
               port.version.value != contract.version) {
      error(Code::mismatch, port.version.where,
            fmt::format("the port says {}, contract `{}` is {}", port.version.value,
                        contract.id.text(), contract.version),
            fmt::format("write '{}' or '{}'", number(contract.major), contract.version));
    }
    return &contract;
  }

  void no_such_contract(spec::Port const& port) {
    std::vector<std::string_view> ids;
    for (auto const& [id, contract] : index_.contracts) ids.push_back(id);
    std::string_view const near = nearest(port.contract_id.value, ids);
    error(Code::missing_reference, port.contract_id.where,
          fmt::format("there is no contract `{:.120}`", port.contract_id.value),
          near.empty() ? "a contract's id is <domain>-<object>-v<major>"
                       : fmt::format("did you mean `{}`?", near));
  }

  void output_port(spec::Port const& port) {
    check_port_name(port, output_names_);
    Contract const* const contract = contract_of(port);
    PortType const type = port.type.value == "sql"     ? PortType::sql
                          : port.type.value == "kafka" ? PortType::kafka
                                                       : PortType::rest;
    if (contract == nullptr) return;
    if (contract->domain.text() != domain_) {
      error(Code::mismatch, port.contract_id.where,
            fmt::format("contract `{}` belongs to domain `{}`", contract->id.text(),
                        contract->domain.text()),
            "a product publishes contracts of its own domain");
      return;
    }
    if (type != PortType::kafka) check_tables(port, *contract);
    if (type != PortType::sql && !check_owner(port, type, *contract)) return;
    product_.output_ports.push_back(
        {port.name.value, type, contract->id, contract->major, port.description});
  }

  void check_tables(spec::Port const& port, Contract const& contract) {
    bool const has_table = std::ranges::any_of(
        contract.objects, [](Object const& object) { return object.kind != ObjectKind::topic; });
    if (!has_table) {
      error(Code::mismatch, port.contract_id.where,
            fmt::format("contract `{}` has no table a {} port could serve", contract.id.text(),
                        port.type.value));
    }
  }

  bool check_owner(spec::Port const& port, PortType type, Contract const& contract) {
    auto const [owner, is_new] =
        owners_.emplace(std::pair(type, contract.id.text()),
                        fmt::format("{}, port `{}`", product_.file, port.name.value));
    if (!is_new) {
      error(Code::two_owners, port.contract_id.where,
            fmt::format("contract `{}` has a {} port already", contract.id.text(), port.type.value),
            fmt::format("the first is in {}", owner->second));
    }
    return is_new;
  }

  void input_port(spec::Port const& port) {
    check_port_name(port, input_names_);
    Contract const* const contract = contract_of(port);
    if (contract != nullptr) {
      product_.input_ports.push_back({port.name.value, contract->id, contract->major});
    }
  }

  ProductSource const& source_;
  spec::Product const& spec_;
  std::string const& domain_;
  ContractIndex const& index_;
  PortOwners& owners_;
  Diagnostics& diagnostics_;
  PortNames output_names_, input_names_;  // name and version to the line
  Product product_;
};

}  // namespace

Product resolve_product(ProductSource const& source, std::string const& domain,
                        ContractIndex const& index, PortOwners& owners, Diagnostics& diagnostics) {
  return ProductResolver(source, domain, index, owners, diagnostics).resolve();
}

}  // namespace hansa::mesh
