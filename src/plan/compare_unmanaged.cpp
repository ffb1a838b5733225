// Tables whose DDL belongs to another tool: they must fit their contract, and are never altered.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "plan/ddl.h"
#include "plan/draft.h"

namespace hansa::plan {
namespace {

std::vector<std::string> misfits(Table const& desired, Table const& live) {
  std::vector<std::string> out;
  for (Column const& column : desired.columns) {
    auto const* found = live.find(column.name);
    if (found == nullptr)
      out.push_back(fmt::format("column {} is missing", column.name));
    else if (found->type != column.type)
      out.push_back(
          fmt::format("column {} is {}, declared {}", column.name, found->type, column.type));
    else if (column.not_null && !found->not_null)
      out.push_back(fmt::format("column {} may be null, declared required", column.name));
  }
  auto const identifies = [&](Index const& index) {
    return index.unique && index.valid && index.plain && index.columns == desired.key();
  };
  if (std::ranges::none_of(live.indexes, identifies))
    out.push_back(fmt::format("no primary key or unique index on ({})", listed(desired.key())));
  return out;
}

}  // namespace

void compare_unmanaged(Draft& draft, Table const& desired) {
  auto const live = draft.live.tables.find(desired.address);
  if (live == draft.live.tables.end()) {
    draft.blocked.insert(to_text(desired.address));
    draft.refuse(Code::foreign_object,
                 fmt::format("table {} is declared unmanaged and does not exist ({})",
                             to_text(desired.address), desired.where),
                 "let the tool that owns its DDL make it first");
    return;
  }
  auto const differences = misfits(desired, live->second);
  if (differences.empty()) return;
  draft.blocked.insert(to_text(desired.address));
  draft.refuse(Code::foreign_object,
               fmt::format("unmanaged table {} does not fit its contract: {} ({})",
                           to_text(desired.address), fmt::join(differences, "; "), desired.where),
               "Hansa never alters it: change the table where its DDL lives, or the contract");
}

}  // namespace hansa::plan
