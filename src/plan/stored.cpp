#include "plan/stored.h"

#include <fmt/format.h>

namespace hansa::plan {

std::string physical(mesh::Column const& column) {
  return column.physical_name.empty() ? column.name.text() : column.physical_name;
}

std::string physical(mesh::Object const& object) {
  return object.physical_name.empty() ? object.name.text() : object.physical_name;
}

std::string place_of(SourceRange const& where) {
  if (where.file.empty()) return "declared";
  return where.line > 0 ? fmt::format("declared in {}:{}", where.file, where.line)
                        : "declared in " + where.file;
}

mesh::Object const* stored_table(mesh::Domain const& domain, ObjectName const& name) {
  mesh::Contract const* newest = nullptr;
  mesh::Object const* found = nullptr;
  for (mesh::Contract const& contract : domain.contracts)
    for (mesh::Object const& object : contract.objects) {
      if (object.kind != mesh::ObjectKind::table || object.name != name) continue;
      if (newest != nullptr && number(newest->major) >= number(contract.major)) continue;
      newest = &contract;
      found = &object;
    }
  return found;
}

}  // namespace hansa::plan
