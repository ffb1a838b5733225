// The rules for names (docs: "names"). A name is at once an identifier in SQL, a part of a URL and
// of a topic, so it is short, plain and not reserved anywhere.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"

namespace hansa::mesh {

enum class NameKind : std::uint8_t {
  mesh,
  domain,
  product,
  object,
  column,
  port,
  environment,
  stem,            // of a contract file: `order_placed` of order_placed.v1.odcs.yaml
  physical_table,  // physicalName of a table or column
  topic,           // physicalName of a topic
};

// Adds invalid_name at `where` and returns false if `name` breaks the rules of its kind.
bool check_name(NameKind kind, std::string_view name, SourceRange const& where,
                Diagnostics& diagnostics);

inline constexpr std::size_t identifier_bytes_max = 63;  // NAMEDATALEN - 1

// "<table>_<columns>_<suffix>" within identifier_bytes_max. A longer name is cut and ends in a hash
// of the whole, so that it stays the same for ever and differs from its neighbours.
[[nodiscard]] std::string index_name(std::string_view table,
                                     std::vector<std::string> const& columns,
                                     std::string_view suffix);
// The same, always with the hash: for a name that is taken already.
[[nodiscard]] std::string hashed_index_name(std::string_view table,
                                            std::vector<std::string> const& columns,
                                            std::string_view suffix);

}  // namespace hansa::mesh
