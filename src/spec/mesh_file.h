// mesh.yaml and domain.yaml as plain structs.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "spec/reading.h"

namespace hansa::spec {

struct EnvironmentSpec {
  Text name;
  Text url, listen, advertised, postgres, registry;
  std::vector<std::pair<Text, Text>> domain_postgres;  // the domain's name, its connection
  std::optional<Located<std::int64_t>> connections;
  std::optional<bool> seed;
};

// `defaults.topic`: what holds for topics that do not say otherwise.
struct TopicDefaults {
  std::optional<Located<std::int64_t>> partitions;
  Text compatibility, retention, format, cleanup;
};

struct MeshFile {
  std::string file;
  Text name;
  std::string description;
  std::map<std::string, std::string> classifications;  // word to default mask
  TopicDefaults topic;
  std::vector<EnvironmentSpec> environments;
};

struct DomainFile {
  std::string file;
  Text name;
  std::string description;
  Contact contact;
};

[[nodiscard]] MeshFile read_mesh_file(Document const& document, Diagnostics& diagnostics,
                                      std::vector<FieldUse>& uses);
[[nodiscard]] DomainFile read_domain_file(Document const& document, Diagnostics& diagnostics,
                                          std::vector<FieldUse>& uses);

}  // namespace hansa::spec
