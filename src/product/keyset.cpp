#include "product/keyset.h"

#include <fmt/format.h>

#include <algorithm>

namespace hansa::product {
namespace {

std::string_view beyond(Direction direction) {
  return direction == Direction::ascending ? ">" : "<";
}

std::string bind(Table const& table, std::size_t field, postgres::Param const& value,
                 postgres::Params& params) {
  params.push_back(value);
  return fmt::format("${}::{}", params.size(), table[field].cast);
}

std::string row_comparison(Table const& table, std::vector<OrderTerm> const& order,
                           Cursor const& cursor, postgres::Params& params) {
  std::string names, values;
  for (std::size_t i = 0; i < order.size(); ++i) {
    names += (i == 0 ? "" : ", ") + table[order[i].field].view_name;
    values += (i == 0 ? "" : ", ") + bind(table, order[i].field, cursor.values[i], params);
  }
  return fmt::format("({}) {} ({})", names, beyond(order.front().direction), values);
}

// Rows after the cursor by this term and the following ones, given that all before are equal.
// Empty: there are none.
std::string expanded(Table const& table, std::vector<OrderTerm> const& order, std::size_t i,
                     Cursor const& cursor, postgres::Params& params) {
  if (i == order.size()) return {};
  OrderTerm const& term = order[i];
  Field const& field = table[term.field];
  bool const nullable = !field.column->required;
  std::string later, same;
  if (!cursor.values[i]) {
    if (term.nulls == Nulls::first) later = field.view_name + " is not null";
    same = field.view_name + " is null";
  } else {
    std::string const value = bind(table, term.field, cursor.values[i], params);
    later = fmt::format("{} {} {}", field.view_name, beyond(term.direction), value);
    if (nullable && term.nulls == Nulls::last)
      later += fmt::format(" or {} is null", field.view_name);
    same = fmt::format("{} = {}", field.view_name, value);
  }
  std::string const rest = expanded(table, order, i + 1, cursor, params);
  if (rest.empty()) return later;
  std::string const tie = fmt::format("({} and ({}))", same, rest);
  return later.empty() ? tie : later + " or " + tie;
}

}  // namespace

bool is_uniform(Table const& table, std::vector<OrderTerm> const& order) {
  return std::ranges::all_of(order, [&](OrderTerm const& term) {
    return term.direction == order.front().direction && table[term.field].column->required;
  });
}

std::string after(Table const& table, std::vector<OrderTerm> const& order, Cursor const& cursor,
                  postgres::Params& params) {
  bool const null = std::ranges::any_of(cursor.values, [](auto const& value) { return !value; });
  if (is_uniform(table, order) && !null) return row_comparison(table, order, cursor, params);
  std::size_t const first_param = params.size() + 1;
  std::string const rows = expanded(table, order, 0, cursor, params);
  if (rows.empty()) return "false";
  Field const& first = table[order.front().field];
  if (!first.column->required) return "(" + rows + ")";
  // Implied by the rest, and what lets an index start at the place instead of at the beginning.
  return fmt::format("{} {}= ${}::{} and ({})", first.view_name, beyond(order.front().direction),
                     first_param, first.cast, rows);
}

std::string order_by(Table const& table, std::vector<OrderTerm> const& order) {
  std::string text;
  for (OrderTerm const& term : order) {
    Field const& field = table[term.field];
    if (!text.empty()) text += ", ";
    text += field.view_name;
    bool const descending = term.direction == Direction::descending;
    if (descending) text += " desc";
    if (field.column->required) continue;
    if (descending && term.nulls == Nulls::last) text += " nulls last";
    if (!descending && term.nulls == Nulls::first) text += " nulls first";
  }
  return text;
}

}  // namespace hansa::product
