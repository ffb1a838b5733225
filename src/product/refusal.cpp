#include "product/refusal.h"

#include <fmt/format.h>

#include <optional>
#include <vector>

#include "product/event_refusal.h"

namespace hansa::product {
namespace {

// A name over PostgreSQL's 63 bytes is cut and ends in a mark of eight digits, which is the plan's
// business: what stands before it has to do here.
bool is_named(std::string_view constraint, std::string_view name) {
  constexpr std::size_t name_bytes_max = 63;
  constexpr std::size_t kept_bytes = name_bytes_max - 9;
  if (name.size() <= name_bytes_max) return constraint == name;
  return constraint.size() == name_bytes_max && constraint.starts_with(name.substr(0, kept_bytes));
}

// What a constraint's name says, if it says it without doubt.
struct Named {
  std::string_view column;
  std::string message;
  Field const* field = nullptr;
};

std::string quoted(std::string_view name) { return fmt::format("`{}`", name); }

Error with_field(Code code, std::string detail, std::string_view column, std::string message) {
  Error error{.code = code, .detail = std::move(detail)};
  error.fields.push_back({fmt::format("/{}", column), std::move(message)});
  return error;
}

mesh::Column const* column_by_store_name(Table const& table, std::string_view name) {
  for (Field const& field : table.fields)
    if (field.column->physical_name == name) return field.column;
  return nullptr;
}

Error taken(Table const& table, std::string_view constraint) {
  Error error{.code = Code::unique_violation};
  std::string names;
  for (mesh::Index const& index : table.served.object->indexes) {
    if (!index.unique || !is_named(constraint, index.name)) continue;
    for (ColumnName const& column : index.columns) {
      names += (names.empty() ? "" : ", ") + quoted(column.text());
      error.fields.push_back({"/" + column.text(), "is taken"});
    }
  }
  error.detail = names.empty()
                     ? fmt::format("another row of `{}` has such a unique value", table.name())
                     : fmt::format("another row of `{}` has this {}", table.name(), names);
  return error;
}

// The value in PostgreSQL's "Key (item_id)=(99) is not present ...": its sender's own, for it
// stands in the row that was sent. The words differ by language, the brackets do not.
std::optional<std::string_view> missing_key(std::string_view detail, std::string_view column) {
  auto const before = fmt::format("({})=(", column);
  auto const at = detail.find(before);
  if (at == std::string_view::npos) return std::nullopt;
  auto const begin = at + before.size();
  auto const end = detail.rfind(')');
  if (end < begin) return std::nullopt;
  return detail.substr(begin, end - begin);
}

// The row pointed to comes by events, and they have not come.
Error not_arrived(Field const& field, std::string_view value) {
  constexpr std::size_t shown_bytes_max = 100;
  mesh::Reference const& to = *field.column->reference;
  auto const& column = field.column->name.text();
  auto const message =
      value.size() > shown_bytes_max
          ? fmt::format("no `{}` here has this `{}` yet", to.object.text(), to.column.text())
          : fmt::format("no `{}` here has the `{}` {} yet", to.object.text(), to.column.text(),
                        value);
  auto error = with_field(
      Code::not_arrived_yet,
      fmt::format("`{}`: {}; domain `{}` announces it in topic `{}`, and it has not arrived",
                  column, message, field.announced_in->domain.text(), field.announced_in->name),
      column, message);
  error.hint = "try again in a second; if it stays so, no such row was announced";
  return error;
}

Error reference(Table const& table, postgres::SqlError::Details const& details) {
  mesh::Object const& object = *table.served.object;
  if (!details.table.empty() && details.table != object.physical_name)
    return {.code = Code::reference_violation,
            .detail = fmt::format("rows of `{}` still refer to this row of `{}`", details.table,
                                  table.name()),
            .hint = "change or delete those first"};
  std::vector<Named> named;
  for (Field const& field : table.fields) {
    mesh::Column const& column = *field.column;
    if (column.reference &&
        is_named(details.constraint,
                 fmt::format("{}_{}_fkey", object.physical_name, column.physical_name)))
      named.push_back({column.name.text(),
                       fmt::format("no `{}` has this `{}`", column.reference->object.text(),
                                   column.reference->column.text()),
                       &field});
  }
  if (named.size() == 1 && named[0].field->announced_in != nullptr)
    if (auto const key = missing_key(details.detail, named[0].field->column->physical_name))
      return not_arrived(*named[0].field, *key);
  if (named.size() == 1)
    return with_field(Code::reference_violation,
                      fmt::format("`{}`: {}", named[0].column, named[0].message), named[0].column,
                      named[0].message);
  return {.code = Code::reference_violation,
          .detail = fmt::format("a reference of `{}` would point to nothing", table.name())};
}

Error check(Table const& table, postgres::SqlError::Details const& details) {
  mesh::Object const& object = *table.served.object;
  std::vector<Named> named;
  for (mesh::Column const& column : object.columns)
    for (types::Check const& rule : types::checks(column.physical_name, column.type, column.rules))
      if (is_named(details.constraint, fmt::format("{}_{}_{}_check", object.physical_name,
                                                   column.physical_name, rule.name)))
        named.push_back(
            {column.name.text(), fmt::format("breaks the rule `{}` of the contract", rule.name)});
  if (named.size() == 1)
    return with_field(Code::check_violation,
                      fmt::format("`{}` {}", named[0].column, named[0].message), named[0].column,
                      named[0].message);
  return {.code = Code::check_violation,
          .detail = fmt::format("the row breaks a rule of `{}`", table.name())};
}

// An entry of an index is too long, or a row; nothing was written.
Error too_large(Table const& table, postgres::SqlError::Details const& details) {
  Error error{.code = Code::value_over_limit,
              .detail = fmt::format("a value is too large to be stored in `{}`", table.name()),
              .hint = "an indexed column takes about 2,700 bytes: " + table.orderable_names()};
  std::string names;
  for (mesh::Index const& index : table.served.object->indexes) {
    if (!is_named(details.constraint, index.name)) continue;
    for (ColumnName const& column : index.columns) {
      names += (names.empty() ? "" : ", ") + quoted(column.text());
      error.fields.push_back({"/" + column.text(), "is too long for its index"});
    }
  }
  if (!names.empty()) error.detail = fmt::format("{} is too long for its index", names);
  return error;
}

Error missing(Table const& table, postgres::SqlError::Details const& details) {
  mesh::Column const* column = column_by_store_name(table, details.column);
  if (!column)
    return {.code = Code::check_violation,
            .detail = fmt::format("a required column of `{}` is missing", table.name())};
  return with_field(Code::check_violation,
                    fmt::format("`{}` must not be null", column->name.text()), column->name.text(),
                    "must not be null");
}

// Class 22: a value PostgreSQL could not take although the type system did, such as a sum out of
// range.
Error data(std::string_view sqlstate, Act act) {
  Code const code = act == Act::read ? Code::invalid_parameter : Code::check_violation;
  if (sqlstate == "22003") return {.code = code, .detail = "a number is out of its column's range"};
  if (sqlstate == "22001") return {.code = code, .detail = "a text is longer than its column"};
  if (sqlstate == "2200H") return {.code = code, .detail = "no generated value is left"};
  if (sqlstate == "22P05")
    return {.code = code, .detail = "a text holds a character PostgreSQL refuses"};
  return {.code = code, .detail = "a value does not fit its column"};
}

}  // namespace

namespace {

Error told(postgres::SqlError const& error, Table const& table, Act act) {
  auto const& details = error.details();
  std::string_view const sqlstate = error.sqlstate();
  if (auto refused = event_refusal(error, table)) return *std::move(refused);
  if (sqlstate == "23505") return taken(table, details.constraint);
  if (sqlstate == "23503") return reference(table, details);
  if (sqlstate == "23514") return check(table, details);
  if (sqlstate == "23502") return missing(table, details);
  if (sqlstate == "54000") return too_large(table, details);
  if (sqlstate.starts_with("22")) return data(sqlstate, act);
  Code const code = postgres::code_of(sqlstate);
  if (code == Code::statement_timeout && act == Act::read)
    return {.code = code,
            .detail = "the query took too long and was ended",
            .hint = "filter and order by indexed columns: " + table.orderable_names()};
  // A column or a table that an apply took away; the server reads its contracts anew in a moment.
  if (sqlstate == "42703" || sqlstate == "42P01")
    return {.code = Code::contracts_changing,
            .detail = fmt::format("`{}` in the database is not as its contract says", table.name()),
            .hint = "try again in a second; if it stays, `hansa plan` shows the difference"};
  if (code == Code::lock_not_granted || code == Code::serialization_failure)
    return {
        .code = code, .detail = "another request is changing the same rows", .hint = "try again"};
  return {.code = code,
          .detail = fmt::format("PostgreSQL refused the statement (SQLSTATE {})", sqlstate)};
}

}  // namespace

Error refusal(postgres::SqlError const& error, Table const& table, Act act) {
  Error refused = told(error, table, act);
  refused.cause = fmt::format("SQLSTATE {}: {}", error.sqlstate(), error.details().message);
  return refused;
}

}  // namespace hansa::product
