// Where relationships point: parses the standard's notations and joins them to columns.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "mesh/mesh.h"
#include "spec/contract.h"

namespace hansa::mesh {

// What is being resolved: a contract with the file it came from.
struct ContractDraft {
  spec::Contract const* source;
  Contract* contract;
};

// Every contract of the mesh, to find what a relationship names.
class ReferenceTargets {
 public:
  void add(ContractDraft const& draft);
  // A contract file that exists but could not be read: pointing at it is no further mistake.
  void add_unreadable(std::string const& domain, std::string const& file_name);
  // A column whose type is wrong, by its place: that the other end differs is no further mistake.
  void add_untyped(SourceRange const& column) { untyped_.insert(column); }
  [[nodiscard]] bool is_untyped(Column const& column) const {
    return untyped_.contains(column.where);
  }

  struct Target {
    ContractDraft draft;
    std::size_t object;  // in draft.source->objects and draft.contract->objects
  };
  // The objects called `name` in `domain`, by name.
  [[nodiscard]] Target const* object(std::string const& domain, std::string const& name) const;
  // "<domain>/<file name>", as a relationship across domains writes it.
  [[nodiscard]] ContractDraft const* file(std::string const& path) const;
  [[nodiscard]] bool is_unreadable(std::string const& path) const {
    return unreadable_.contains(path);
  }
  [[nodiscard]] bool domain_has_unreadable(std::string const& domain) const;
  [[nodiscard]] std::vector<std::string_view> object_names(std::string const& domain) const;
  [[nodiscard]] std::vector<std::string_view> file_paths() const;

 private:
  std::map<std::pair<std::string, std::string>, Target> objects_;
  std::map<std::string, ContractDraft> files_;
  std::set<std::string> unreadable_;
  std::set<SourceRange> untyped_;
};

// Sets the reference of every column of the draft. Needs keys and types of all contracts.
void resolve_references(ContractDraft const& draft, ReferenceTargets const& targets,
                        Diagnostics& diagnostics);

}  // namespace hansa::mesh
