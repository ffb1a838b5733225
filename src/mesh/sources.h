// The files of a mesh, each read into its struct and put where its path says it belongs, before any
// name is resolved.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "base/ids.h"
#include "spec/contract.h"
#include "spec/folder.h"
#include "spec/mesh_file.h"
#include "spec/product.h"

namespace hansa::mesh {

struct ContractSource {
  std::string file;
  std::string stem;                        // "product" of product.v1.odcs.yaml
  std::uint32_t major = 0;                 // as the file's name says
  std::optional<spec::Contract> contract;  // absent if the file cannot be read
  std::vector<spec::FieldUse> uses;
};

struct ProductSource {
  std::string name;
  std::string folder;                      // "domains/products/catalog/"
  std::vector<std::string> product_files;  // *.odps.yaml; one, or it is an error
  std::optional<spec::Product> product;
  std::vector<ContractSource> contracts;
  // on/<port>.odcs.yaml: `stem` is the port, `major` 0.
  std::vector<ContractSource> expectations;
};

struct DomainSource {
  std::string name;
  std::string file;  // "domains/products/domain.yaml"
  std::optional<spec::DomainFile> domain;
  std::vector<ProductSource> products;
  bool well_named = false;  // false: nothing is derived from the name, which is reported already
};

struct MeshSources {
  spec::Folder folder;
  std::optional<spec::MeshFile> mesh;
  std::vector<DomainSource> domains;  // ordered by name
  std::vector<spec::FieldUse> uses;   // of all files but contracts
};

// "<domain>-<stem>-v<major>".
[[nodiscard]] std::string contract_id(std::string_view domain, std::string_view stem,
                                      std::uint32_t major);

// Blocking; reads the folder's YAML, and its SQL for later. Adds every mistake that one file alone
// shows, missing files and files out of place.
[[nodiscard]] MeshSources read_sources(std::filesystem::path const& folder,
                                       Diagnostics& diagnostics);

}  // namespace hansa::mesh
