#include "product/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "product/array.h"
#include "product/keyset.h"

namespace hansa::product {
namespace {

constexpr std::uint64_t pipelined_offset_max = 1000;

std::string_view sql_operator(Operator op) {
  switch (op) {
    case Operator::eq:
      return "=";
    case Operator::neq:
      return "<>";
    case Operator::gt:
      return ">";
    case Operator::gte:
      return ">=";
    case Operator::lt:
      return "<";
    case Operator::lte:
      return "<=";
    case Operator::like:
      return "like";
    case Operator::ilike:
      return "ilike";
    case Operator::is_distinct:
      return "is distinct from";
    case Operator::is_null:
      return "is null";
    case Operator::is_not_null:
      return "is not null";
    case Operator::is_true:
      return "is true";
    case Operator::is_false:
      return "is false";
    case Operator::is_unknown:
      return "is unknown";
    case Operator::in:
      return "= any";
  }
  return "";
}

std::string test(Table const& table, Filter const& filter, postgres::Params& params) {
  Field const& field = table[filter.field];
  std::string text = field.view_name + " " + std::string{sql_operator(filter.op)};
  if (filter.op == Operator::in) {
    ArrayLiteral list;
    for (std::string const& value : filter.values) list.add(value);
    params.emplace_back(std::move(list).finish());
    text += fmt::format("(${}::{}[])", params.size(), field.cast);
  } else if (!filter.values.empty()) {
    params.emplace_back(filter.values.front());
    text += fmt::format(" ${}::{}", params.size(), field.cast);
  }
  return text;
}

std::string condition(Table const& table, Filter const& filter, postgres::Params& params) {
  std::string text;
  if (filter.kind == Filter::Kind::test) {
    text = test(table, filter, params);
  } else {
    for (Filter const& child : filter.children) {
      if (!text.empty()) text += filter.kind == Filter::Kind::all ? " and " : " or ";
      text += condition(table, child, params);
    }
    text = "(" + text + ")";
  }
  return filter.negated ? "not (" + text + ")" : text;
}

std::string where(Table const& table, std::vector<Filter> const& filters,
                  postgres::Params& params) {
  std::string text;
  for (Filter const& filter : filters) {
    text += text.empty() ? " where " : " and ";
    text += condition(table, filter, params);
  }
  return text;
}

std::string from(Table const& table, ReadQuery const& query, postgres::Params& params) {
  return " from " + table.view + where(table, query.filters, params);
}

// Limits that are written out, in rows: the planner must see a small number to keep one plan for
// all values. Behind `limit $1` it expects a tenth of the table, finds that plan dear and plans
// anew at every execution, which costs half of a page of twenty.
constexpr std::array<std::uint64_t, 6> limit_steps = {2, 21, 51, 101, 501, 1001};

// At most `rows` rows of what `statement` orders, from `offset` on. Between two steps the greater
// one bounds the plan, and a parameter around it ends the execution.
void limit(Statement& statement, std::string_view columns, std::uint64_t rows,
           std::string_view offset) {
  std::string& sql = statement.sql;
  auto const step = std::ranges::lower_bound(limit_steps, rows);
  if (step != limit_steps.end()) sql += fmt::format(" limit {}{}", *step, offset);
  if (step != limit_steps.end() && *step == rows) return;
  statement.params.emplace_back(std::to_string(rows));
  auto const parameter = fmt::format(" limit ${}::bigint", statement.params.size());
  if (step == limit_steps.end())
    sql.append(parameter).append(offset);
  else
    sql = fmt::format("select {} from ({}) page{}", columns, sql, parameter);
}

// Whether an index narrows this filter to what it asks for, or to a stretch the order walks along.
bool is_served_by_index(Table const& table, Filter const& filter, OrderTerm const& first) {
  if (filter.kind != Filter::Kind::test || filter.negated) return false;
  if (!table[filter.field].column->orderable) return false;
  switch (filter.op) {
    case Operator::eq:
    case Operator::in:
      return true;
    case Operator::gt:
    case Operator::gte:
    case Operator::lt:
    case Operator::lte:
      return filter.field == first.field;
    default:
      return false;
  }
}

}  // namespace

FieldList hidden_fields(ReadQuery const& query) {
  FieldList hidden;
  for (OrderTerm const& term : query.order)
    if (std::ranges::find(query.select, term.field) == query.select.end())
      hidden.push_back(term.field);
  return hidden;
}

Statement page_statement(Table const& table, ReadQuery const& query,
                         std::optional<Cursor> const& cursor) {
  Statement statement;
  FieldList columns = query.select;
  for (std::size_t const field : hidden_fields(query)) columns.push_back(field);
  std::string const shown = view_columns(table, columns);
  statement.sql = "select " + shown + from(table, query, statement.params);
  if (cursor) {
    statement.sql += query.filters.empty() ? " where " : " and ";
    statement.sql += after(table, query.order, *cursor, statement.params);
  }
  statement.sql += " order by " + order_by(table, query.order);
  std::string offset;
  if (query.offset > 0) {
    statement.params.emplace_back(std::to_string(query.offset));
    offset = fmt::format(" offset ${}::bigint", statement.params.size());
  }
  if (query.limit) {
    limit(statement, shown, *query.limit + 1, offset);
  } else {
    statement.sql += offset;
  }
  return statement;
}

Statement count_statement(Table const& table, ReadQuery const& query) {
  Statement statement;
  statement.sql = "select count(*)" + from(table, query, statement.params);
  return statement;
}

Statement explain_statement(Table const& table, ReadQuery const& query) {
  Statement statement;
  statement.sql = "explain (format json) select 1" + from(table, query, statement.params);
  return statement;
}

Statement statistics_statement(Table const& table) {
  return {
      .sql = "select reltuples::bigint from pg_catalog.pg_class where oid = to_regclass($1::text)",
      .params = {table.store}};
}

Statement get_statement(Table const& table, FieldList const& select, postgres::Params key) {
  if (select == table.all) return {.sql = table.get_sql, .params = std::move(key)};
  return {.sql = fmt::format("select {} from {} where {}", view_columns(table, select), table.view,
                             table.key_sql),
          .params = std::move(key)};
}

Lane lane(Table const& table, ReadQuery const& query, std::optional<Cursor> const& cursor) {
  if (query.count != Count::none || query.offset > pipelined_offset_max || !query.limit)
    return Lane::leased;
  // The expanded condition of a mixed or nullable order cannot start inside the index.
  if (cursor && !is_uniform(table, query.order)) return Lane::leased;
  bool const served = std::ranges::all_of(query.filters, [&](Filter const& filter) {
    return is_served_by_index(table, filter, query.order.front());
  });
  return served ? Lane::pipelined : Lane::leased;
}

}  // namespace hansa::product
