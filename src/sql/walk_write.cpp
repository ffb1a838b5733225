#include "sql/place.h"
#include "sql/walker.h"

namespace hansa::sql {

std::size_t Walker::target(Node const& node, Level& level, std::size_t offset) {
  auto const written = node.child("relation", "RangeVar");
  auto const alias = written.child("alias", "Alias").text("aliasname");
  // The target of a write is never a CTE, whatever its name.
  auto const index = relation({.catalog = std::string(written.text("catalogname")),
                               .schema = std::string(written.text("schemaname")),
                               .name = std::string(written.text("relname")),
                               .alias = std::string(alias),
                               .access = Access::written,
                               .offset = place_of(written, offset)});
  level.items.push_back({.name = std::string(alias.empty() ? written.text("relname") : alias),
                         .schema = std::string(alias.empty() ? written.text("schemaname") : ""),
                         .read = {index}});
  return index;
}

void Walker::assigned(Node const& node, std::string_view field, std::size_t target) {
  for (auto const& column : node.children(field)) {
    auto const name = column.text("name");
    if (column.kind == "ResTarget" && !name.empty())
      statement_.relations[target].assigned.emplace_back(name);
  }
}

void Walker::repeated(Kind kind, std::size_t target, Sources const& sources) {
  auto const& written = statement_.relations[target];
  for (auto const source : sources)
    statement_.repeated_hits.push_back({kind, written.name, source, written.offset});
}

Sources Walker::insert(Node const& node, Level const& outer, std::size_t offset) {
  Level level{.outer = &outer};
  with(node.child("withClause", "WithClause"), level, offset);
  Level source{.outer = &level};
  auto sources = walk(node.child("selectStmt"), source, offset);
  auto const written = target(node, level, offset);
  assigned(node, "cols", written);
  auto const conflict = node.child("onConflictClause", "OnConflictClause");
  if (conflict) {
    level.items.push_back({.name = "excluded"});
    assigned(conflict, "targetList", written);
    if (conflict.text("action") == "ONCONFLICT_UPDATE") repeated(Kind::insert, written, sources);
  }
  walk_rest(node, level, offset, {"withClause", "selectStmt", "relation"});
  return sources;
}

Sources Walker::update(Node const& node, Level const& outer, std::size_t offset) {
  Level level{.outer = &outer};
  with(node.child("withClause", "WithClause"), level, offset);
  auto const written = target(node, level, offset);
  assigned(node, "targetList", written);
  from_list(node, "fromClause", level, offset);
  Sources sources;
  for (auto const& item : level.items) join(sources, item.sources);
  repeated(Kind::update, written, sources);
  walk_rest(node, level, offset, {"withClause", "relation", "fromClause"});
  return sources;
}

Sources Walker::remove(Node const& node, Level const& outer, std::size_t offset) {
  Level level{.outer = &outer};
  with(node.child("withClause", "WithClause"), level, offset);
  auto const written = target(node, level, offset);
  from_list(node, "usingClause", level, offset);
  Sources sources;
  for (auto const& item : level.items) join(sources, item.sources);
  repeated(Kind::remove, written, sources);
  walk_rest(node, level, offset, {"withClause", "relation", "usingClause"});
  return sources;
}

Sources Walker::merge(Node const& node, Level const& outer, std::size_t offset) {
  Level level{.outer = &outer};
  with(node.child("withClause", "WithClause"), level, offset);
  auto const written = target(node, level, offset);
  from(node.child("sourceRelation"), level, offset);
  Sources sources;
  for (auto const& item : level.items) join(sources, item.sources);
  repeated(Kind::merge, written, sources);
  for (auto const& clause : node.children("mergeWhenClauses"))
    assigned(clause, "targetList", written);
  walk_rest(node, level, offset, {"withClause", "relation", "sourceRelation"});
  return {};
}

}  // namespace hansa::sql
