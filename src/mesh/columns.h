// One property of a contract to one column: type, rules, default, examples.
#pragma once

#include <map>
#include <string>

#include "base/diagnostics.h"
#include "mesh/mesh.h"
#include "spec/contract.h"

namespace hansa::mesh {

struct ColumnContext {
  std::string const& file;
  std::map<std::string, std::string> const& classifications;
  ObjectKind kind;
  Diagnostics& diagnostics;
};

struct ResolvedColumn {
  Column column;
  bool typed = false;  // false: its type is wrong, which is reported
};

// Everything of the column but its reference, index and place in the key. Always gives a column, so
// that the rest of the folder can be checked; what is wrong with it is in the diagnostics.
[[nodiscard]] ResolvedColumn resolve_column(spec::Property const& property,
                                            ColumnContext const& context);

}  // namespace hansa::mesh
