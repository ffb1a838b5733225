#include <algorithm>

#include "sql/place.h"
#include "sql/walker.h"

namespace hansa::sql {
namespace {

// A subquery in FROM sees the levels around its query, but not its neighbours.
Level without_items(Level const& level) { return {level.outer, {}, level.ctes}; }

VisibleCte const* find_cte(Level const& level, std::string_view name) {
  for (auto const* at = &level; at != nullptr; at = at->outer) {
    auto const found = std::ranges::find(at->ctes, name, &VisibleCte::name);
    if (found != at->ctes.end()) return &*found;
  }
  return nullptr;
}

Sources all_sources(Level const& level) {
  Sources sources;
  for (auto const& item : level.items) join(sources, item.sources);
  return sources;
}

bool is_star(Node const& target) {
  auto const names = target.child("val").names("fields");
  return !names.empty() && names.back() == "*";
}

// DISTINCT ON, and DISTINCT of a single column.
bool distinct_rows(Node const& node) {
  if (!node.has("distinctClause")) return false;
  auto const targets = node.children("targetList");
  return !node.children("distinctClause").empty() || (targets.size() == 1 && !is_star(targets[0]));
}

}  // namespace

Sources Walker::select(Node const& node, Level const& outer, std::size_t offset) {
  Level level{.outer = &outer};
  with(node.child("withClause", "WithClause"), level, offset);
  if (!node.has("larg") && !node.has("rarg")) return plain_select(node, level, offset);
  auto sources = walk(node.child("larg", "SelectStmt"), level, offset);
  join(sources, walk(node.child("rarg", "SelectStmt"), level, offset));
  if (node.has("intoClause")) feature(Feature::Kind::select_into, offset);
  walk_rest(node, level, offset, {"withClause", "larg", "rarg"});
  return sources;
}

Sources Walker::plain_select(Node const& node, Level& level, std::size_t offset) {
  from_list(node, "fromClause", level, offset);
  auto const before = aggregates_;
  for (auto const& target : node.children("targetList")) walk(target, level, offset);
  for (auto const& having : node.children("havingClause")) walk(having, level, offset);
  bool const aggregated = aggregates_ > before;
  walk_rest(node, level, offset, {"withClause", "fromClause", "targetList", "havingClause"});
  aggregates_ = before;
  if (node.has("intoClause")) feature(Feature::Kind::select_into, offset);
  if (aggregated || node.has("groupClause") || distinct_rows(node)) return {};
  return all_sources(level);
}

void Walker::with(Node const& clause, Level& level, std::size_t offset) {
  if (!clause) return;
  offset = place_of(clause, offset);
  auto const ctes = clause.children("ctes");
  if (!clause.text("recursive").empty()) {
    feature(Feature::Kind::recursive, offset);
    for (auto const& cte : ctes) level.ctes.push_back({std::string(cte.text("ctename")), {}});
  }
  for (auto const& cte : ctes) common_table(cte, level, offset);
}

void Walker::common_table(Node const& node, Level& level, std::size_t offset) {
  offset = place_of(node, offset);
  auto const query = node.child("ctequery");
  auto const kind = kind_of(query);
  std::string const name(node.text("ctename"));
  statement_.ctes.push_back({name, kind, offset});
  if (kind != Kind::select) feature(Feature::Kind::modifying_cte, offset, name);
  auto sources = walk(query, level, offset);
  walk_rest(node, level, offset, {"ctequery"});
  auto const known = std::ranges::find(level.ctes, name, &VisibleCte::name);
  if (known != level.ctes.end())
    known->sources = std::move(sources);
  else
    level.ctes.push_back({name, std::move(sources)});
}

void Walker::from_list(Node const& node, std::string_view field, Level& level, std::size_t offset) {
  for (auto const& item : node.children(field)) from(item, level, offset);
}

void Walker::from(Node const& node, Level& level, std::size_t offset) {
  offset = place_of(node, offset);
  if (node.kind == "RangeVar") return from_relation(node, level, offset);
  if (node.kind == "RangeSubselect") return from_subquery(node, level, offset);
  if (node.kind == "RangeFunction") return from_function(node, level, offset);
  if (node.kind == "JoinExpr") return from_join(node, level, offset);
  if (node.kind == "RangeTableSample") {
    feature(Feature::Kind::sampling, offset);
    from(node.child("relation"), level, offset);
    return walk_rest(node, level, offset, {"relation"});
  }
  walk(node, level, offset);
}

void Walker::from_relation(Node const& node, Level& level, std::size_t offset) {
  std::string const schema(node.text("schemaname"));
  std::string const name(node.text("relname"));
  auto const alias = node.child("alias", "Alias");
  std::string const alias_name(alias.text("aliasname"));
  RangeItem item{.name = alias_name.empty() ? name : alias_name};
  auto const* cte = schema.empty() ? find_cte(level, name) : nullptr;
  if (cte != nullptr) {
    item.sources = cte->sources;
  } else {
    item.schema = alias_name.empty() ? schema : "";
    auto const index = relation({.catalog = std::string(node.text("catalogname")),
                                 .schema = schema,
                                 .name = name,
                                 .alias = alias_name,
                                 .access = Access::read,
                                 .offset = offset});
    item.read = item.sources = {index};
  }
  rename_columns(alias, item);
  level.items.push_back(std::move(item));
}

void Walker::rename_columns(Node const& alias, RangeItem& item) {
  if (!alias.has("colnames")) return;
  read_all(item);
  item.read.clear();
}

void Walker::from_subquery(Node const& node, Level& level, std::size_t offset) {
  auto const alias = node.child("alias", "Alias");
  RangeItem item{.name = std::string(alias.text("aliasname"))};
  if (node.text("lateral").empty()) {
    auto alone = without_items(level);
    item.sources = walk(node.child("subquery"), alone, offset);
  } else {
    item.sources = walk(node.child("subquery"), level, offset);
  }
  level.items.push_back(std::move(item));
}

void Walker::from_function(Node const& node, Level& level, std::size_t offset) {
  std::vector<std::string> called;
  for (auto const& pair : node.children("functions")) {
    auto const parts = pair.children("items");
    for (auto const& part : parts) {
      auto const own = statement_.functions.size();
      walk(part, level, offset);
      // The walk ends early once there are too many relations.
      if (part.kind != "FuncCall" || own == statement_.functions.size()) continue;
      statement_.functions[own].in_from = true;
      called.push_back(statement_.functions[own].name);
    }
  }
  walk_rest(node, level, offset, {"functions"});
  auto const alias = node.child("alias", "Alias");
  RangeItem item{.name = std::string(alias.text("aliasname"))};
  if (item.name.empty() && !called.empty()) item.name = called.front();
  auto columns = alias.names("colnames");
  for (auto const& column : node.children("coldeflist"))
    columns.emplace_back(column.text("colname"));
  // Columns that are not named here have the name of the alias or of the function.
  if (columns.empty()) {
    columns = std::move(called);
    columns.push_back(item.name);
    columns.insert(columns.end(), {"key", "value"});
  }
  columns.emplace_back("ordinality");
  item.only_columns = std::move(columns);
  level.items.push_back(std::move(item));
}

void Walker::from_join(Node const& node, Level& level, std::size_t offset) {
  auto const first = level.items.size();
  from(node.child("larg"), level, offset);
  from(node.child("rarg"), level, offset);
  bool const natural = !node.text("isNatural").empty();
  auto const alias = node.child("alias", "Alias");
  for (auto at = first; at < level.items.size(); ++at) {
    if (natural || alias) read_all(level.items[at]);
    for (auto const& name : node.names("usingClause"))
      for (auto const relation : level.items[at].read) read_column(relation, name, offset, true);
  }
  walk_rest(node, level, offset, {"larg", "rarg"});
  if (auto const joined = node.child("join_using_alias", "Alias"))
    level.items.push_back({.name = std::string(joined.text("aliasname"))});
  if (!alias) return;
  // The alias hides the names it joins.
  RangeItem whole{.name = std::string(alias.text("aliasname"))};
  for (auto at = first; at < level.items.size(); ++at) join(whole.sources, level.items[at].sources);
  level.items.resize(first);
  level.items.push_back(std::move(whole));
}

}  // namespace hansa::sql
