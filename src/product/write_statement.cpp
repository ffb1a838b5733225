#include "product/write_statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "product/array.h"

namespace hansa::product {
namespace {

void append_listed(std::string& text, std::string_view item) {
  if (!text.empty()) text += ", ";
  text += item;
}

std::string store_columns(Table const& table, FieldList const& fields) {
  std::string text;
  for (std::size_t const field : fields) append_listed(text, table[field].store_name);
  return text;
}

std::string store_key(Table const& table, std::size_t first_param) {
  std::string text;
  for (std::size_t i = 0; i < table.key.size(); ++i) {
    Field const& field = table[table.key[i]];
    if (i > 0) text += " and ";
    text += fmt::format("{} = ${}::{}", field.store_name, first_param + i, field.cast);
  }
  return text;
}

std::int64_t upper_half(types::Kind kind) {
  switch (kind) {
    case types::Kind::int16:
      return std::numeric_limits<std::int16_t>::max() / 2;
    case types::Kind::int32:
      return std::numeric_limits<std::int32_t>::max() / 2;
    default:
      return std::numeric_limits<std::int64_t>::max() / 2;
  }
}

// What the statement answers with. Triggers of a statement fire when all of its rows are done, so
// what a column of RETURNING sets is set for them. Uncorrelated, it is computed once, not for each
// row; cut to nothing, it travels nowhere.
void append_returning(Statement& statement, Table const& table, std::string_view columns,
                      Origin const& origin) {
  std::string list{columns};
  if (!table.topics.empty()) {
    std::size_t const next = statement.params.size() + 1;
    append_listed(list, fmt::format("(select left(set_config('hansa.trace', ${}::text, true) || "
                                    "set_config('hansa.actor', ${}::text, true), 0))",
                                    next, next + 1));
    statement.params.emplace_back(origin.trace);
    statement.params.emplace_back(origin.actor);
  }
  if (!list.empty()) statement.sql += " returning " + list;
}

}  // namespace

Origin origin_of(WriteRequest const& request) {
  constexpr std::size_t actor_bytes_max = 255;
  constexpr unsigned char continues = 0x80;  // of a byte within a character, the upper two bits
  std::string_view actor = request.actor;
  if (actor.size() > actor_bytes_max) {
    std::size_t end = actor_bytes_max;
    while (end > 0 && (static_cast<unsigned char>(actor[end]) & 0xC0U) == continues) --end;
    actor = actor.substr(0, end);
  }
  return {.trace = request.trace, .actor = actor};
}

Statement insert_one(Table const& table, NewRow const& row, Origin const& origin) {
  std::string values;
  for (std::size_t i = 0; i < row.fields.size(); ++i)
    append_listed(values, fmt::format("${}::{}", i + 1, table[row.fields[i]].cast));
  std::string const what =
      row.fields.empty()
          ? std::string{" default values"}
          : fmt::format(" ({}) values ({})", store_columns(table, row.fields), values);
  Statement statement{.sql = "insert into " + table.store + what, .params = row.values};
  append_returning(statement, table, table.returning, origin);
  return statement;
}

Statement insert_many(Table const& table, std::span<NewRow const* const> rows,
                      Origin const& origin) {
  FieldList const& fields = rows.front()->fields;
  std::vector<ArrayLiteral> arrays(fields.size() + 1);
  for (std::size_t n = 0; n < rows.size(); ++n) {
    for (std::size_t i = 0; i < fields.size(); ++i) arrays[i].add(rows[n]->values[i]);
    arrays.back().add(std::to_string(n));
  }
  std::string unnested, names, chosen;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    append_listed(unnested, fmt::format("${}::{}[]", i + 1, table[fields[i]].cast));
    append_listed(names, fmt::format("c{}", i));
    append_listed(chosen, fmt::format("given.c{}", i));
  }
  append_listed(unnested, fmt::format("${}::integer[]", fields.size() + 1));
  append_listed(names, "n");
  Statement statement;
  statement.sql =
      fmt::format("insert into {} ({}) select {} from unnest({}) as given({}) order by given.n",
                  table.store, store_columns(table, fields), chosen, unnested, names);
  for (ArrayLiteral& array : arrays) statement.params.emplace_back(std::move(array).finish());
  append_returning(statement, table, table.returning, origin);
  return statement;
}

Statement update_one(Table const& table, FieldList const& fields, postgres::Params values,
                     postgres::Params const& key, Origin const& origin) {
  std::string set;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    Field const& field = table[fields[i]];
    append_listed(set, fmt::format("{} = ${}::{}", field.store_name, i + 1, field.cast));
  }
  Statement statement;
  statement.sql = fmt::format("update {} set {} where {}", table.store, set,
                              store_key(table, fields.size() + 1));
  statement.params = std::move(values);
  statement.params.insert(statement.params.end(), key.begin(), key.end());
  append_returning(statement, table, table.returning, origin);
  return statement;
}

Statement delete_one(Table const& table, postgres::Params key, Origin const& origin) {
  Statement statement{.sql = "delete from " + table.store + " where " + store_key(table, 1),
                      .params = std::move(key)};
  append_returning(statement, table, "", origin);
  return statement;
}

Statement lock_one(Table const& table, postgres::Params key) {
  return {.sql = fmt::format("select {} from {} where {} for update", table.returning, table.store,
                             store_key(table, 1)),
          .params = std::move(key)};
}

std::optional<std::size_t> given_identity(Table const& table, NewRow const& row) {
  for (std::size_t const field : row.fields)
    if (table[field].column->identity) return field;
  return std::nullopt;
}

Statement advance_identity(Table const& table, std::size_t field, std::int64_t value) {
  Field const& identity = table[field];
  auto const most = upper_half(identity.column->type.kind);
  Statement statement;
  statement.sql =
      "with s as (select pg_get_serial_sequence($1::text, $2::text)::regclass as name), "
      "l as materialized (select name, $3::bigint - coalesce(pg_sequence_last_value(name), 0) "
      "as gap from s where $3::bigint <= $4::bigint) "
      "select setval(name, $3::bigint) from l where gap > 1000 union all "
      "select nextval(name) from l, generate_series(1, l.gap) where gap <= 1000";
  statement.params = {table.store, identity.column->physical_name, std::to_string(value),
                      std::to_string(most)};
  return statement;
}

}  // namespace hansa::product
