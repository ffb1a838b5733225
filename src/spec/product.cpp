#include "spec/product.h"

#include "spec/odps_shape.h"

namespace hansa::spec {

namespace {

Standard const& odps() {
  static Standard const standard{"Bitol ODPS", "DataProduct", {"v0.9.0", "v1.0.0", "v1.1.0"}};
  return standard;
}

std::vector<Port> read_ports(Document const& document, std::string_view key) {
  std::vector<Port> ports;
  for (Node const* node : entries_at(document.root, key)) {
    Port port{text_at(document, *node, "name"),    text_at(document, *node, "type"),
              text_at(document, *node, "version"), text_at(document, *node, "contractId"),
              scalar_at(*node, "description"),     extensions_at(document, *node)};
    if (!written(port.name)) port.name.where = document.at(*node);
    ports.push_back(std::move(port));
  }
  return ports;
}

}  // namespace

std::optional<Product> read_product(Document const& document, Diagnostics& diagnostics,
                                    std::vector<FieldUse>& uses) {
  auto const version = standard_version(document, odps(), diagnostics);
  if (!version) return std::nullopt;
  check_shape(document, odps_shape, *version, diagnostics, uses);
  refuse_secrets(document, diagnostics);
  auto const text = [&](std::string_view key) { return text_at(document, document.root, key); };
  Product product{.file = document.file,
                  .id = text("id"),
                  .name = text("name"),
                  .version = text("version"),
                  .status = text("status"),
                  .domain = text("domain")};
  if (Node const* const description = document.root.find("description");
      description != nullptr && description->is_map()) {
    product.purpose = scalar_at(*description, "purpose");
  }
  product.output_ports = read_ports(document, "outputPorts");
  product.input_ports = read_ports(document, "inputPorts");
  return product;
}

}  // namespace hansa::spec
