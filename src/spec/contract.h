// A contract file (Bitol ODCS v3) as plain structs. Names are not resolved here and types not
// mapped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "spec/reading.h"

namespace hansa::spec {

struct Relationship {
  std::vector<Text> from;  // empty on a property
  std::vector<Text> to;
  SourceRange where;
};

// A list of allowed values: quality with validValues that is enforced, or `enum`.
struct ValidValues {
  std::vector<Node> values;
  SourceRange where;
};

struct Property {
  Text id, name, physical_name, logical_type, physical_type;
  Text description, business_name, classification, encrypted_name, transform_logic;
  Node options;               // logicalTypeOptions that fit the shape; null if absent
  bool type_refused = false;  // by the shape, which has reported it
  bool required = false;
  bool unique = false;
  bool primary_key = false;
  bool partitioned = false;
  bool deprecated = false;
  std::optional<Located<std::int64_t>> primary_key_position, partition_key_position;
  std::vector<Node> examples;
  std::vector<ValidValues> valid_values;
  std::vector<Relationship> relationships;
  std::vector<Text> shared_definitions;  // authoritativeDefinitions of type `definition`
  std::vector<Text> transform_sources;   // transformSourceObjects
  std::vector<ExtensionValue> extensions;

  [[nodiscard]] ExtensionValue const* extension(std::string_view key) const;
};

struct SchemaObject {
  Text id, name, physical_name, physical_type, description, business_name;
  std::vector<Property> properties;
  std::vector<Relationship> relationships;
  std::vector<ExtensionValue> extensions;

  [[nodiscard]] ExtensionValue const* extension(std::string_view key) const;
};

struct ServiceLevelProperty {
  std::string property, value_ext, driver, description;
  Text value, unit, element;
  SourceRange where;
};

struct Contract {
  std::string file;
  Text id, name, version, status, domain;
  std::string purpose, usage, limitations;
  std::vector<std::string> tags;
  std::vector<SchemaObject> objects;
  std::vector<ServiceLevelProperty> service_levels;
  std::vector<ExtensionValue> extensions;
};

// Checks the document against the standard and reads it. nullopt if it is another standard.
[[nodiscard]] std::optional<Contract> read_contract(Document const& document,
                                                    Diagnostics& diagnostics,
                                                    std::vector<FieldUse>& uses);

}  // namespace hansa::spec
