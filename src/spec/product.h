// A product file (Bitol ODPS v1) as plain structs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "spec/reading.h"

namespace hansa::spec {

struct Port {
  Text name, type, version, contract_id;
  std::string description;
  std::vector<ExtensionValue> extensions;
};

struct Product {
  std::string file;
  Text id, name, version, status, domain;
  std::string purpose;
  std::vector<Port> output_ports;
  std::vector<Port> input_ports;
};

// Checks the document against the standard and reads it. nullopt if it is another standard.
[[nodiscard]] std::optional<Product> read_product(Document const& document,
                                                  Diagnostics& diagnostics,
                                                  std::vector<FieldUse>& uses);

}  // namespace hansa::spec
