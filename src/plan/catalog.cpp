#include "plan/catalog.h"

#include <algorithm>
#include <array>
#include <utility>

namespace hansa::plan {
namespace {

constexpr std::array<std::pair<PartKind, std::string_view>, 11> words{{
    {PartKind::schema, "schema"},
    {PartKind::table, "table"},
    {PartKind::column, "column"},
    {PartKind::default_value, "default"},
    {PartKind::check, "check"},
    {PartKind::foreign_key, "foreign key"},
    {PartKind::index, "index"},
    {PartKind::view, "view"},
    {PartKind::function, "function"},
    {PartKind::trigger, "trigger"},
    {PartKind::topic, "topic"},
}};

}  // namespace

std::string_view to_text(PartKind kind) {
  return std::ranges::find(words, kind, [](auto const& row) { return row.first; })->second;
}

bool part_kind(std::string_view word, PartKind& kind) {
  auto const row = std::ranges::find(words, word, [](auto const& entry) { return entry.second; });
  if (row == words.end()) return false;
  kind = row->first;
  return true;
}

std::string to_text(Address const& address) { return address.schema + "." + address.name; }

Column const* Table::find(std::string const& column) const {
  auto const found = std::ranges::find(columns, column, &Column::name);
  return found == columns.end() ? nullptr : &*found;
}

Column* Table::find(std::string const& column) {
  auto const found = std::ranges::find(columns, column, &Column::name);
  return found == columns.end() ? nullptr : &*found;
}

std::vector<std::string> Table::key() const {
  auto const found = std::ranges::find(indexes, true, &Index::primary);
  return found == indexes.end() ? std::vector<std::string>{} : found->columns;
}

}  // namespace hansa::plan
