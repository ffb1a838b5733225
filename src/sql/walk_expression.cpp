#include <algorithm>
#include <array>
#include <cctype>

#include "sql/allowed.h"
#include "sql/place.h"
#include "sql/shape.h"
#include "sql/walker.h"

namespace hansa::sql {
namespace {

// PostgreSQL reads these words of a date or time by its clock.
bool names_a_moment(std::string_view literal) {
  constexpr std::array<std::string_view, 4> words = {"now", "today", "tomorrow", "yesterday"};
  std::string lower;
  for (char const c : literal)
    lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::ranges::any_of(words,
                             [&](auto word) { return lower.find(word) != std::string::npos; });
}

bool of_time(std::string_view type) {
  return type.starts_with("date") || type.starts_with("time") || type.starts_with("ts");
}

// "SVFOP_CURRENT_DATE" becomes "current_date"; the precision of "..._N" is not part of the name.
std::string value_function_name(std::string_view op) {
  constexpr std::string_view prefix = "SVFOP_";
  if (op.starts_with(prefix)) op.remove_prefix(prefix.size());
  if (op.ends_with("_N")) op.remove_suffix(2);
  std::string name;
  for (char const c : op) name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return name;
}

}  // namespace

void join(Sources& sources, Sources const& more) {
  for (auto const source : more)
    if (std::ranges::find(sources, source) == sources.end()) sources.push_back(source);
}

Kind kind_of(Node const& node) {
  if (node.kind == "SelectStmt") return Kind::select;
  if (node.kind == "InsertStmt") return Kind::insert;
  if (node.kind == "UpdateStmt") return Kind::update;
  if (node.kind == "DeleteStmt") return Kind::remove;
  if (node.kind == "MergeStmt") return Kind::merge;
  return Kind::other;
}

QualifiedName qualified(std::vector<std::string> names) {
  QualifiedName name;
  if (names.empty()) return name;
  name.name = std::move(names.back());
  names.pop_back();
  // More than two parts name another database; no schema is called so, and the judge refuses it.
  for (auto const& part : names) name.schema += (name.schema.empty() ? "" : ".") + part;
  return name;
}

Sources Walker::walk(Node const& node, Level& level, std::size_t offset) {
  if (!node || overflow_) return {};
  offset = place_of(node, offset);
  auto const kind = node.kind;
  if (kind == "SelectStmt") return select(node, level, offset);
  if (kind == "InsertStmt") return insert(node, level, offset);
  if (kind == "UpdateStmt") return update(node, level, offset);
  if (kind == "DeleteStmt") return remove(node, level, offset);
  if (kind == "MergeStmt") return merge(node, level, offset);
  if (kind == "FuncCall") return call(node, level, offset), Sources{};
  if (kind == "ColumnRef") return column(node, level, offset), Sources{};
  if (kind == "TypeCast") return cast(node, level, offset), Sources{};
  if (kind == "TypeName") return type(node, level, offset), Sources{};
  // The tree repeats the source of `set (a, b) = ...` for every column; one is enough.
  if (kind == "MultiAssignRef" && node.digits("colno") != "1") return {};
  if (kind == "RangeVar") return from_relation(node, level, offset), Sources{};
  if (kind == "A_Expr") operator_in(node, "name", offset);
  if (kind == "SubLink") operator_in(node, "operName", offset);
  if (kind == "SortBy") operator_in(node, "useOp", offset);
  if (kind == "SQLValueFunction") value_function(node, offset);
  if (kind == "A_Indirection" || kind == "ResTarget") indirection(node, "indirection", offset);
  if (kind == "CollateClause") collation(node, offset);
  if (kind == "ParamRef") feature(Feature::Kind::parameter, offset);
  if (kind == "LockingClause") return feature(Feature::Kind::row_lock, offset), Sources{};
  if (kind == "CurrentOfExpr") feature(Feature::Kind::cursor, offset);
  if (kind == "XmlExpr" || kind == "XmlSerialize" || kind == "RangeTableFunc")
    feature(Feature::Kind::xml, offset);
  walk_rest(node, level, offset);
  return {};
}

void Walker::walk_rest(Node const& node, Level& level, std::size_t offset,
                       std::initializer_list<std::string_view> done) {
  auto const* shape = find_shape(node.kind);
  if (shape == nullptr || !node) return;
  for (auto const& field : shape->fields) {
    if (std::ranges::find(done, field.name) != done.end()) continue;
    if (field.holds == Field::Holds::direct)
      walk(node.child(field.name, field.kind), level, offset);
    if (field.holds == Field::Holds::nodes)
      for (auto const& child : node.children(field.name)) walk(child, level, offset);
  }
}

void Walker::call(Node const& node, Level& level, std::size_t offset) {
  auto [schema, name] = qualified(node.names("funcname"));
  Function function{.schema = schema, .name = name, .offset = offset};
  for (auto const& argument : node.children("args"))
    function.arguments.push_back(literal_of(argument));
  statement_.functions.push_back(std::move(function));
  walk_rest(node, level, offset);
  if (!node.has("over") && function_class(name) == FunctionClass::aggregate) ++aggregates_;
}

void Walker::column(Node const& node, Level& level, std::size_t offset) {
  auto const names = node.names("fields");
  if (names.size() == 1 && names[0] == "*") {
    for (auto const& item : level.items) read_all(item);
  } else if (names.size() == 1) {
    bare_column(names[0], level, offset);
  } else {
    column_of(names, level, offset);
  }
}

void Walker::bare_column(std::string const& name, Level const& level, std::size_t offset) {
  std::size_t in_sight = 0;
  for (auto const* at = &level; at != nullptr; at = at->outer) in_sight += at->items.size();
  for (auto const* at = &level; at != nullptr; at = at->outer) {
    for (auto const& item : at->items) {
      if (item.name == name) read_all(item);  // the whole row, unless a column has that name
      for (auto const relation : item.read) read_column(relation, name, offset, in_sight == 1);
    }
  }
}

void Walker::column_of(std::vector<std::string> const& names, Level const& level,
                       std::size_t offset) {
  auto const& column = names.back();
  auto const& table = names[names.size() - 2];
  auto const schema = names.size() > 2 ? names[names.size() - 3] : std::string();
  for (auto const* at = &level; at != nullptr; at = at->outer) {
    auto const found = std::ranges::find_if(at->items, [&](auto const& item) {
      return item.name == table && (schema.empty() || item.schema == schema);
    });
    if (found == at->items.end()) continue;
    if (column == "*") return read_all(*found);
    for (auto const relation : found->read) read_column(relation, column, offset, true);
    auto const& only = found->only_columns;
    if (only && std::ranges::find(*only, column) == only->end())
      feature(Feature::Kind::field_selection, offset, column);
    return;
  }
  feature(Feature::Kind::unknown_qualifier, offset, table);
}

void Walker::cast(Node const& node, Level& level, std::size_t offset) {
  auto const literal = literal_of(node.child("arg"));
  auto const name = qualified(node.child("typeName", "TypeName").names("names")).name;
  if (literal && of_time(name) && names_a_moment(*literal))
    statement_.functions.push_back({.schema = "pg_catalog", .name = "now", .offset = offset});
  walk_rest(node, level, offset);
}

void Walker::type(Node const& node, Level& level, std::size_t offset) {
  auto [schema, name] = qualified(node.names("names"));
  TypeName type{.schema = schema, .name = name, .offset = offset};
  for (auto const& modifier : node.children("typmods"))
    type.modifiers.push_back(literal_of(modifier));
  type.plain = node.text("setof").empty() && node.text("pct_type").empty();
  statement_.types.push_back(std::move(type));
  walk_rest(node, level, offset);
}

void Walker::operator_in(Node const& node, std::string_view field, std::size_t offset) {
  if (!node.has(field)) return;
  auto const kind = node.text("kind");
  if (kind.starts_with("AEXPR_BETWEEN") || kind.starts_with("AEXPR_NOT_BETWEEN")) return;
  auto [schema, name] = qualified(node.names(field));
  statement_.operators.push_back({schema, name, offset});
}

void Walker::value_function(Node const& node, std::size_t offset) {
  statement_.functions.push_back(
      {.schema = "pg_catalog", .name = value_function_name(node.text("op")), .offset = offset});
}

void Walker::indirection(Node const& node, std::string_view field, std::size_t offset) {
  for (auto const& step : node.children(field)) {
    if (step.kind == "String") feature(Feature::Kind::field_selection, offset, step.text("sval"));
    if (step.kind == "A_Star") feature(Feature::Kind::field_selection, offset, "*");
  }
}

void Walker::collation(Node const& node, std::size_t offset) {
  auto const schema = qualified(node.names("collname")).schema;
  if (!schema.empty() && schema != "pg_catalog")
    feature(Feature::Kind::unknown, offset, "COLLATE with schema " + schema);
}

void Walker::feature(Feature::Kind kind, std::size_t offset, std::string_view text) {
  statement_.features.push_back({kind, std::string(text), offset});
}

void Walker::read_all(RangeItem const& item) {
  for (auto const relation : item.read) statement_.relations[relation].all_columns = true;
}

void Walker::read_column(std::size_t relation, std::string const& name, std::size_t offset,
                         bool certain) {
  auto& columns = statement_.relations[relation].columns;
  auto const [known, added] = columns_.try_emplace({relation, name}, columns.size());
  if (added)
    columns.push_back({name, offset, certain});
  else
    columns[known->second].certain = columns[known->second].certain || certain;
}

std::size_t Walker::relation(Relation relation) {
  auto& relations = statement_.relations;
  if (relations.size() < relations_max)
    relations.push_back(std::move(relation));
  else if (!overflow_)
    overflow_ = relation.offset;
  return relations.size() - 1;
}

}  // namespace hansa::sql
