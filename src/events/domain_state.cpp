#include "events/domain_state.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <utility>

#include "log/log.h"
#include "mesh/log_names.h"

namespace hansa::events {
namespace {

using postgres::quote_literal;
using postgres::quote_name;

types::Type const text_type{.kind = types::Kind::text};
types::Type const offset_type{.kind = types::Kind::int64};

types::Type const& type_of(std::string_view name, mesh::Object const& object) {
  if (auto const* const column = object.find(name)) return column->type;
  return name == "_offset" ? offset_type : text_type;
}

std::string_view operation(std::string_view op) {
  if (op == "c") return "create";
  if (op == "u") return "update";
  return op == "d" ? "delete" : "event";
}

Cell text_cell(std::string_view text) { return Cell::of(text, text_type); }

std::optional<std::string_view> value_of(postgres::Rows const& rows, std::size_t row,
                                         std::size_t column) {
  if (rows.is_null(row, column)) return std::nullopt;
  return rows.value(row, column);
}

std::unexpected<Error> too_many(std::string const& relation, std::size_t rows_max) {
  return failure(Code::reaction_test_failed,
                 fmt::format("{} holds more than {} rows", relation, rows_max),
                 "a test is about few rows");
}

// Events of one key as one; _op and _key are the last two columns.
std::vector<Row> net_effects(std::vector<Row> const& rows) {
  static Cell const created = text_cell("create"), updated = text_cell("update"),
                    gone = text_cell("delete");
  std::map<Cell, std::pair<std::size_t, std::size_t>> spans;  // by key: first and last event
  for (std::size_t at = 0; at < rows.size(); ++at)
    spans.try_emplace(rows[at].back(), at, at).first->second.second = at;
  std::vector<Row> out;
  for (auto const& [key, span] : spans) {
    auto row = rows[span.second];
    bool const was_there = rows[span.first][row.size() - 2] != created;
    auto& op = row[row.size() - 2];
    bool const is_there = op != gone;
    if (is_there) op = was_there ? updated : created;
    if (was_there || is_there) out.push_back(std::move(row));
  }
  return out;
}

}  // namespace

DomainState::DomainState(mesh::Mesh const& mesh, DomainName const& domain,
                         postgres::Session& session, std::size_t rows_max)
    : mesh_(mesh),
      domain_(domain),
      session_(session),
      rows_max_(rows_max),
      runtime_(mesh::role_name(mesh.name, domain, mesh::RoleKind::runtime)) {
  auto const schema = quote_name(mesh::store_schema(domain));
  for (mesh::Contract const& contract : mesh.find_domain(domain.text())->contracts)
    for (mesh::Object const& object : contract.objects)
      if (object.kind == mesh::ObjectKind::table)
        tables_.push_back({&object, schema + "." + quote_name(object.physical_name)});
}

void DomainState::act_as_runtime() { session_.execute("set local role " + quote_name(runtime_)); }
void DomainState::act_as_self() { session_.execute("reset role"); }

mesh::Object const& DomainState::table(ObjectName const& name) const { return *find(name).object; }

DomainState::Table const& DomainState::find(ObjectName const& name) const {
  return *std::ranges::find_if(tables_,
                               [&](Table const& each) { return each.object->name == name; });
}

void DomainState::insert(ObjectName const& table, mesh::TestRow const& row) {
  auto const& [object, sql_name] = find(table);
  std::vector<std::string> names, values;
  postgres::Params params;
  for (mesh::TestValue const& value : row.values) {
    auto const& column = *object->find(value.name);
    names.push_back(quote_name(column.physical_name));
    params.push_back(value.text);
    values.push_back(fmt::format("${}::{}", params.size(), types::postgres_type(column.type)));
  }
  act_as_runtime();
  if (names.empty())
    session_.execute(fmt::format("insert into {} default values", sql_name));
  else
    session_.execute(fmt::format("insert into {} ({}) values ({})", sql_name,
                                 fmt::join(names, ", "), fmt::join(values, ", ")),
                     params);
  act_as_self();
}

void DomainState::restart_identities() {
  act_as_runtime();
  for (Table const& table : tables_)
    for (mesh::Column const& column : table.object->columns)
      if (column.identity)
        session_.execute(
            fmt::format("select pg_catalog.setval(pg_catalog.pg_get_serial_sequence($1, $2), "
                        "greatest(coalesce(max({0}), 1), 1), coalesce(max({0}), 0) >= 1) from {1}",
                        quote_name(column.physical_name), table.sql_name),
            {table.sql_name, column.physical_name});
  act_as_self();
}

Result<std::vector<Relation>> DomainState::tables() {
  std::vector<Relation> out;
  act_as_runtime();
  for (Table const& table : tables_) {
    HANSA_TRY(auto relation, read(table));
    out.push_back(std::move(relation));
  }
  act_as_self();
  return out;
}

Result<Relation> DomainState::read(Table const& table) {
  Relation out{.name = table_relation(table.object->name)};
  std::vector<std::string> names;
  for (mesh::Column const& column : table.object->columns) {
    if (column.identity) out.incidental.insert(out.columns.size());
    out.columns.push_back(column.name.text());
    names.push_back(quote_name(column.physical_name));
  }
  auto const rows = session_.execute(fmt::format(
      "select {} from {} limit {}", fmt::join(names, ", "), table.sql_name, rows_max_ + 1));
  if (rows.size() > rows_max_) return too_many(out.name, rows_max_);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    auto& cells = out.rows.emplace_back();
    for (std::size_t i = 0; i < names.size(); ++i)
      cells.push_back(Cell::of(value_of(rows, row, i), table.object->columns[i].type));
  }
  return out;
}

Result<std::vector<Relation>> DomainState::streams(mesh::Topic::Source source) {
  std::vector<Relation> out;
  for (mesh::Topic const& topic : mesh_.topics) {
    if (topic.domain != domain_ || topic.source != source) continue;
    HANSA_TRY(auto relation, read(topic));
    out.push_back(std::move(relation));
  }
  return out;
}

Result<std::vector<Relation>> DomainState::emitted() {
  return streams(mesh::Topic::Source::emission);
}

Result<std::vector<Relation>> DomainState::changed() {
  HANSA_TRY(auto out, streams(mesh::Topic::Source::changes));
  for (Relation& relation : out) relation.rows = net_effects(relation.rows);
  return out;
}

// The typed record brings every value into PostgreSQL's own text, as a table's columns have it.
Result<Relation> DomainState::read(mesh::Topic const& topic) {
  auto const& object = mesh_.object_of(topic);
  std::vector<std::string> names, record;
  for (ColumnName const& field : topic.fields) {
    auto const name = quote_name(field.text());
    names.push_back("hansa_r." + name);
    record.push_back(name + " " + types::postgres_type(object.find(field.text())->type));
  }
  Relation out{.name = stream_relation(topic.object),
               .columns = event_columns_of(topic, mesh::stream_columns)};
  auto const rows = session_.execute(
      fmt::format("select {}, p.op, p.key from hansa.{} p left join lateral "
                  "json_to_record(p.row::json) as hansa_r({}) on true "
                  "where p.stream = {} order by p.sid limit {}",
                  fmt::join(names, ", "), quote_name(mesh::pending_table(domain_)),
                  fmt::join(record, ", "), quote_literal(topic.object.text()), rows_max_ + 1));
  if (rows.size() > rows_max_) return too_many(out.name, rows_max_);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    auto& cells = out.rows.emplace_back();
    for (std::size_t i = 0; i < names.size(); ++i)
      cells.push_back(Cell::of(value_of(rows, row, i), type_of(out.columns[i], object)));
    cells.push_back(text_cell(operation(rows.value(row, names.size()))));
    cells.push_back(text_cell(rows.value(row, names.size() + 1)));
  }
  return out;
}

PartialRow DomainState::canonical(std::vector<mesh::TestValue> const& values,
                                  std::vector<std::string> const& columns,
                                  mesh::Object const& object) {
  if (values.empty()) return {};
  std::vector<std::string> selected;
  postgres::Params params;
  for (mesh::TestValue const& value : values) {
    params.push_back(value.text);
    selected.push_back(
        fmt::format("${}::{}", params.size(), types::postgres_type(type_of(value.name, object))));
  }
  auto const row = session_.execute(fmt::format("select {}", fmt::join(selected, ", ")), params);
  PartialRow out;
  for (std::size_t i = 0; i < values.size(); ++i) {
    auto const column = std::ranges::find(columns, values[i].name) - columns.begin();
    out.emplace_back(static_cast<std::size_t>(column),
                     Cell::of(value_of(row, 0, i), type_of(values[i].name, object)));
  }
  std::ranges::sort(out, {}, &PartialRow::value_type::first);
  return out;
}

std::string DomainState::key_of(std::vector<mesh::TestValue> const& values,
                                mesh::Topic const& topic) {
  if (topic.key.empty()) return {};
  auto const& object = mesh_.object_of(topic);
  std::vector<std::string> parts;
  postgres::Params params;
  for (ColumnName const& name : topic.key) {
    auto const value = std::ranges::find(values, name.text(), &mesh::TestValue::name);
    params.push_back(value == values.end() ? std::nullopt : value->text);
    parts.push_back(fmt::format("${}::{}::text", params.size(),
                                types::postgres_type(type_of(name.text(), object))));
  }
  auto const sql = parts.size() == 1
                       ? "select " + parts.front()
                       : fmt::format("select json_build_array({})::text", fmt::join(parts, ", "));
  return std::string(session_.execute(sql, params).value(0, 0));
}

std::string table_relation(ObjectName const& object) { return "table " + object.text(); }
std::string stream_relation(ObjectName const& object) { return "events " + object.text(); }

std::vector<std::string> event_columns_of(mesh::Topic const& topic,
                                          std::span<std::string_view const> own) {
  std::vector<std::string> out;
  for (ColumnName const& field : topic.fields) out.push_back(field.text());
  out.insert(out.end(), own.begin(), own.end());
  return out;
}

}  // namespace hansa::events
