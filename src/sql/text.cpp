#include <fmt/core.h>

#include <array>
#include <utility>

#include "sql/sql.h"

namespace hansa::sql {
namespace {

template <class... T>
void line(std::string& out, fmt::format_string<T...> form, T&&... values) {
  out += fmt::format(form, std::forward<T>(values)...) + "\n";
}

std::string name_of(std::string_view schema, std::string_view name) {
  return schema.empty() ? std::string(name) : fmt::format("{}.{}", schema, name);
}

std::string_view to_text(Feature::Kind kind) {
  constexpr std::array<std::string_view, 11> names = {
      "parameter",       "row-lock",          "select-into", "recursive",
      "field-selection", "unknown-qualifier", "sampling",    "xml",
      "cursor",          "modifying-cte",     "unknown"};
  return names[static_cast<std::size_t>(kind)];
}

// "written products.products as p @7: id stock? (stock)"; a question mark where it is not certain.
std::string to_text(Relation const& relation) {
  auto text = fmt::format("{} {}", relation.access == Access::read ? "read" : "written",
                          name_of(relation.schema, relation.name));
  if (!relation.catalog.empty()) text += " of database " + relation.catalog;
  if (!relation.alias.empty()) text += " as " + relation.alias;
  text += fmt::format(" @{}:", relation.offset);
  if (relation.all_columns) text += " *";
  for (auto const& column : relation.columns)
    text += fmt::format(" {}{}", column.name, column.certain ? "" : "?");
  if (relation.assigned.empty()) return text;
  text += " (";
  for (auto const& column : relation.assigned) text += (text.back() == '(' ? "" : " ") + column;
  return text + ")";
}

std::string to_text(std::vector<OutputColumn> const& outputs) {
  std::string text = "outputs";
  for (auto const& output : outputs) text += " " + (output.name.empty() ? "?" : output.name);
  return text;
}

}  // namespace

std::string_view to_text(Kind kind) {
  constexpr std::array<std::string_view, 6> names = {"SELECT", "INSERT", "UPDATE",
                                                     "DELETE", "MERGE",  "other"};
  return names[static_cast<std::size_t>(kind)];
}

std::string to_text(Statement const& statement) {
  std::string out;
  line(out, "{} {} @{}", to_text(statement.kind), statement.verb, statement.offset);
  for (auto const& relation : statement.relations) line(out, "{}", to_text(relation));
  for (auto const& cte : statement.ctes)
    line(out, "with {} {} @{}", cte.name, to_text(cte.kind), cte.offset);
  for (auto const& call : statement.functions)
    line(out, "call {}/{}{} @{}", name_of(call.schema, call.name), call.arguments.size(),
         call.in_from ? " in from" : "", call.offset);
  for (auto const& op : statement.operators)
    line(out, "operator {} @{}", name_of(op.schema, op.name), op.offset);
  for (auto const& type : statement.types)
    line(out, "type {} @{}", name_of(type.schema, type.name), type.offset);
  for (auto const& feature : statement.features)
    line(out, "{} {}@{}", to_text(feature.kind), feature.text.empty() ? "" : feature.text + " ",
         feature.offset);
  for (auto const& hit : statement.repeated_hits)
    line(out, "{} may hit {} twice from {}", to_text(hit.kind), hit.target,
         statement.relations[hit.relation].name);
  if (statement.kind == Kind::select)
    line(out, "{}", statement.outputs ? to_text(*statement.outputs) : "outputs open");
  return out;
}

std::string to_text(Violation const& violation) {
  return fmt::format("{}: {}: {}{}", violation.offset, violation.word, violation.message,
                     violation.hint.empty() ? "" : " (" + violation.hint + ")");
}

Position position_of(std::string_view text, std::size_t offset) {
  Position position;
  for (char const c : text.substr(0, offset)) {
    ++position.column;
    if (c == '\n') ++position.line, position.column = 1;
  }
  return position;
}

}  // namespace hansa::sql
