#include "product/table.h"

#include <fmt/format.h>

#include <cassert>

#include "base/diagnostics.h"
#include "json/value.h"
#include "mesh/projections.h"
#include "postgres/rows.h"

namespace hansa::product {
namespace {

std::string cast_of(types::Type const& type) {
  return type.kind == types::Kind::numeric ? "numeric" : types::postgres_type(type);
}

Field make_field(mesh::Column const& column) {
  std::string json_name;
  json::write_string(column.name.text(), json_name);
  json_name.push_back(':');
  return {.column = &column,
          .view_name = postgres::quote_name(column.name.text()),
          .store_name = postgres::quote_name(column.physical_name),
          .cast = cast_of(column.type),
          .json_name = std::move(json_name)};
}

void append_listed(std::string& text, std::string_view item) {
  if (!text.empty()) text += ", ";
  text += item;
}

std::string many_sql(Table const& table) {
  std::string columns, arrays, names, matches;
  for (std::size_t const field : table.all)
    append_listed(columns, "v." + table.fields[field].view_name);
  for (std::size_t part = 0; part < table.key.size(); ++part) {
    Field const& field = table.fields[table.key[part]];
    append_listed(arrays, fmt::format("${}::{}[]", part + 1, field.cast));
    append_listed(names, fmt::format("k{}", part + 1));
    if (part > 0) matches += " and ";
    matches += fmt::format("v.{} = k.k{}", field.view_name, part + 1);
  }
  return fmt::format("select {}, k.n from unnest({}) with ordinality as k({}, n) join {} v on {}",
                     columns, arrays, names, table.view, matches);
}

}  // namespace

Table::Table(mesh::Served const& served_table) : served(served_table) {
  mesh::Object const& object = *served.object;
  auto const major = served.contract->major;
  auto const& domain = served.domain->name;
  identity = fmt::format("{}/v{}/{}", domain.text(), number(major), object.name.text());
  view = postgres::quote_name(mesh::view_schema(domain, major)) + "." +
         postgres::quote_name(object.name.text());
  store = postgres::quote_name(mesh::store_schema(domain)) + "." +
          postgres::quote_name(object.physical_name);
  for (mesh::Column const& column : object.columns) {
    all.push_back(fields.size());
    fields.push_back(make_field(column));
    append_listed(returning, fields.back().store_name + " as " + fields.back().view_name);
  }
  for (ColumnName const& column : object.primary_key) {
    auto const position = find(column.text());
    assert(position);
    key.push_back(*position);
    Field const& field = fields[*position];
    if (!key_sql.empty()) key_sql += " and ";
    key_sql += fmt::format("{} = ${}::{}", field.view_name, key.size(), field.cast);
  }
  assert(!key.empty());
  get_sql = fmt::format("select {} from {} where {}", view_columns(*this, all), view, key_sql);
  get_many_sql = many_sql(*this);
}

Table::Table(mesh::Mesh const& mesh, mesh::Served const& served_table) : Table(served_table) {
  topics = mesh.topics_of_table(served.domain->name, served.object->name);
  for (Field& field : fields) field.announced_in = announcing_topic(mesh, *field.column);
}

std::optional<std::size_t> Table::find(std::string_view column) const {
  for (std::size_t i = 0; i < fields.size(); ++i)
    if (fields[i].column->name.text() == column) return i;
  return std::nullopt;
}

std::string Table::suggestion(std::string_view column) const {
  constexpr std::size_t slip_bytes_max = 100;
  if (column.size() > slip_bytes_max) return {};
  std::vector<std::string_view> names;
  for (Field const& field : fields) names.push_back(field.column->name.text());
  std::string_view const near = nearest(column, names);
  return near.empty() ? std::string{} : fmt::format("did you mean `{}`?", near);
}

std::string Table::column_names() const {
  std::string text;
  for (Field const& field : fields) append_listed(text, "`" + field.column->name.text() + "`");
  return text;
}

std::string Table::orderable_names() const {
  std::string text;
  for (Field const& field : fields)
    if (field.column->orderable) append_listed(text, "`" + field.column->name.text() + "`");
  return text;
}

std::string view_columns(Table const& table, FieldList const& fields) {
  std::string text;
  for (std::size_t const field : fields) append_listed(text, table[field].view_name);
  return text;
}

}  // namespace hansa::product
