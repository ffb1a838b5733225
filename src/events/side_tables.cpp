#include "events/side_tables.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "log/decimal_text.h"
#include "plan/ddl.h"
#include "plan/reaction_sql.h"
#include "plan/stored.h"

namespace hansa::events {
namespace {

using plan::quoted;
using postgres::SqlError;

constexpr std::string_view mark = "Made by `hansa events rebuild`; gone when that ends";
constexpr std::string_view unique_violation = "23505";

constexpr std::string_view read_mark =
    "select coalesce(obj_description(oid, 'pg_namespace'), '') from pg_namespace where nspname = "
    "$1";
constexpr std::string_view read_columns =
    "select a.attrelid::oid, a.attname, a.attidentity from pg_attribute a "
    "where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped "
    "and a.attgenerated = '' order by a.attnum";
// A name is printed without its schema where search_path leads to it.
constexpr std::string_view read_foreign_keys =
    "select c.relname, f.conname, pg_get_constraintdef(f.oid), r.relname "
    "from pg_constraint f join pg_class c on c.oid = f.conrelid "
    "join pg_class r on r.oid = f.confrelid where f.contype = 'f' "
    "and f.conrelid = any($1::oid[]) and f.confrelid = any($1::oid[]) order by f.oid";
constexpr std::string_view count_writes =
    "select coalesce(sum(pg_stat_get_xact_tuples_inserted(t) + pg_stat_get_xact_tuples_updated(t) "
    "+ pg_stat_get_xact_tuples_deleted(t)), 0) from unnest($1::oid[]) t";

// "l.id = s.id and l.no = s.no".
std::string same_key(std::vector<std::string> const& key, std::string_view a, std::string_view b) {
  std::vector<std::string> parts;
  for (std::string const& name : key)
    parts.push_back(fmt::format("{0}.{2} = {1}.{2}", a, b, quoted(name)));
  return fmt::format("{}", fmt::join(parts, " and "));
}

}  // namespace

std::string side_schema(mesh::Subscription const& port) {
  return plan::bounded_name(fmt::format("hansa_rebuild_{}_{}", port.domain.text(), port.port));
}

SideTables::SideTables(mesh::Mesh const& mesh, mesh::Subscription const& port,
                       postgres::Session& session)
    : mesh_(mesh),
      port_(port),
      session_(session),
      store_(mesh::store_schema(port.domain)),
      schema_(side_schema(port)) {
  find_tables();
  session_.transaction([this] {
    remove();
    make();
  });
}

SideTables::~SideTables() {
  try {
    session_.script("set statement_timeout = 0");
    remove();
  } catch (std::exception const&) {
    // The connection is gone, most likely; the schema is marked, and goes with the next run.
  }
}

std::string SideTables::live(Side const& side) const {
  return quoted(plan::Address{.schema = store_, .name = side.name});
}

std::string SideTables::beside(Side const& side) const {
  return quoted(plan::Address{.schema = schema_, .name = side.name});
}

std::string SideTables::oids() const {
  std::vector<std::string> out;
  for (Side const& side : sides_) out.push_back(side.oid);
  return fmt::format("{{{}}}", fmt::join(out, ","));
}

void SideTables::find_tables() {
  mesh::Domain const& domain = *mesh_.find_domain(port_.domain.text());
  for (ObjectName const& name : port_.reaction.writes) {
    mesh::Object const* const object = plan::stored_table(domain, name);
    if (object == nullptr) continue;
    Side side{.name = plan::physical(*object)};
    for (ColumnName const& column : object->primary_key)
      side.key.push_back(plan::physical(*object->find(column.text())));
    for (mesh::Column const& column : object->columns) {
      auto const& value = column.default_value;
      auto const physical = plan::physical(column);
      bool const in_key = std::ranges::find(side.key, physical) != side.key.end();
      if (value && value->kind == mesh::Default::Kind::expression && !in_key)
        side.computed.emplace(physical, value->text);
    }
    auto const rows = session_.execute(read_columns, {live(side)});
    if (rows.size() == 0)
      throw Failure(Code::not_applied,
                    fmt::format("table {} is not in the database",
                                plan::to_text({.schema = store_, .name = side.name})),
                    "run `hansa apply` first");
    side.oid = rows.value(0, 0);
    for (std::size_t row = 0; row < rows.size(); ++row) {
      side.columns.emplace_back(rows.value(row, 1));
      if (!rows.value(row, 2).empty()) side.identities.push_back(side.columns.back());
    }
    sides_.push_back(std::move(side));
  }
  order_by_references();
}

// A table behind those it refers to, as far as there is no circle.
void SideTables::order_by_references() {
  auto const rows = session_.execute(read_foreign_keys, {oids()});
  std::vector<Side> ordered;
  auto const waits = [&](Side const& side) {
    for (std::size_t row = 0; row < rows.size(); ++row) {
      auto const to = rows.value(row, 3);
      bool const to_another = rows.value(row, 0) == side.name && to != side.name;
      if (to_another && std::ranges::find(ordered, to, &Side::name) == ordered.end()) return true;
    }
    return false;
  };
  while (!sides_.empty()) {
    auto next = std::ranges::find_if_not(sides_, waits);
    if (next == sides_.end()) next = sides_.begin();
    ordered.push_back(std::move(*next));
    sides_.erase(next);
  }
  sides_ = std::move(ordered);
}

void SideTables::remove() {
  auto const there = session_.execute(read_mark, {schema_});
  if (there.size() == 0) return;
  if (there.value(0, 0) != mark)
    throw Failure(Code::foreign_object,
                  fmt::format("schema {} exists and was not made by Hansa", schema_),
                  fmt::format("rename it: alter schema {} rename to ...", quoted(schema_)));
  session_.execute(fmt::format("drop schema {} cascade", quoted(schema_)));
}

void SideTables::make() {
  auto const runtime = quoted(role_name(mesh_.name, port_.domain, mesh::RoleKind::runtime));
  auto const schema = quoted(schema_);
  session_.script(fmt::format(
      "create schema {0}; comment on schema {0} is {2}; revoke all on schema {0} from public; "
      "grant usage, create on schema {0} to {1}",
      schema, runtime, plan::literal(mark)));
  // What a crash would leave of them nobody wants: they need not be logged.
  for (Side const& side : sides_) {
    session_.script(fmt::format(
        "create unlogged table {0} (like {1} including defaults including constraints including "
        "indexes including generated including identity); revoke all on {0} from public; "
        "grant select, insert, update, delete on {0} to {2}",
        beside(side), live(side), runtime));
    for (auto const& [column, expression] : side.computed)
      session_.execute(fmt::format(
          "alter table {0} alter column {1} drop default, alter column {1} drop not null",
          beside(side), quoted(column)));
  }
  copy_foreign_keys();
  make_function();
  session_.execute(fmt::format("revoke create on schema {} from {}", schema, runtime));
}

// Those between these tables: an event that would violate one live has to do so here.
void SideTables::copy_foreign_keys() {
  session_.execute(fmt::format("set local search_path = {}", quoted(store_)));
  auto const rows = session_.execute(read_foreign_keys, {oids()});
  session_.execute(fmt::format("set local search_path = {}", quoted(schema_)));
  for (std::size_t row = 0; row < rows.size(); ++row)
    session_.execute(fmt::format("alter table {} add constraint {} {}", quoted(rows.value(row, 0)),
                                 quoted(rows.value(row, 1)), rows.value(row, 2)));
  session_.execute("set local search_path to default");
}

void SideTables::make_function() {
  auto const function = plan::reaction_function(mesh_, port_, schema_);
  auto const self = std::string(session_.execute("select current_user").value(0, 0));
  session_.execute("set local role " + quoted(function.owner));
  session_.execute(function.definition);
  session_.execute(fmt::format("revoke all on function {} from public", signature(function)));
  session_.execute("set local role " + quoted(self));
  call_ = plan::reaction_call(function.address);
}

std::uint64_t SideTables::live_writes() {
  return log::to_number<std::uint64_t>(session_.execute(count_writes, {oids()}).value(0, 0));
}

void SideTables::analyze() {
  for (Side const& side : sides_) session_.execute("analyze " + beside(side));
}

// Values are compared as they print: what is equal but not the same (1.0 and 1.00) differs too.
void SideTables::upsert(Side const& side, TableChange& change) {
  auto const is_new = fmt::format("o.{} is null", quoted(side.key.front()));
  std::vector<std::string> values, of_live, of_side, sets;
  for (std::string const& column : side.columns) {
    auto const name = quoted(column);
    auto kept = "s." + name;
    auto value = kept;
    if (auto const computed = side.computed.find(column); computed != side.computed.end()) {
      kept = fmt::format("coalesce(s.{0}, o.{0})", name);
      value = fmt::format("case when {} then coalesce(s.{}, {}) else {} end", is_new, name,
                          computed->second, kept);
    }
    values.push_back(std::move(value));
    of_live.push_back("o." + name);
    of_side.push_back(std::move(kept));
    if (std::ranges::find(side.key, column) == side.key.end())
      sets.push_back(fmt::format("{0} = excluded.{0}", name));
  }
  auto const rows = session_.execute(fmt::format(
      "with written as (insert into {live} as l ({columns}) overriding system value "
      "select {values} from {side} s left join {live} o on {key} "
      "where {is_new} or row({of_live})::text <> row({of_side})::text "
      "on conflict ({conflict}) do {action} returning l.xmax = 0 as is_new) "
      "select count(*) filter (where is_new), count(*) filter (where not is_new) from written",
      fmt::arg("live", live(side)), fmt::arg("side", beside(side)),
      fmt::arg("columns", plan::quoted_list(side.columns)),
      fmt::arg("values", fmt::join(values, ", ")), fmt::arg("key", same_key(side.key, "o", "s")),
      fmt::arg("is_new", is_new), fmt::arg("of_live", fmt::join(of_live, ", ")),
      fmt::arg("of_side", fmt::join(of_side, ", ")),
      fmt::arg("conflict", plan::quoted_list(side.key)),
      fmt::arg("action",
               sets.empty() ? "nothing" : fmt::format("update set {}", fmt::join(sets, ", ")))));
  change.inserted = log::to_number<std::uint64_t>(rows.value(0, 0));
  change.updated = log::to_number<std::uint64_t>(rows.value(0, 1));
}

void SideTables::erase(Side const& side, TableChange& change) {
  auto const gone =
      session_.execute(fmt::format("delete from {} l where not exists (select from {} s where {})",
                                   live(side), beside(side), same_key(side.key, "l", "s")));
  change.deleted = gone.affected();
}

void SideTables::advance(Side const& side) {
  for (std::string const& column : side.identities)
    session_.execute(
        fmt::format("select setval(q.name, greatest(pg_sequence_last_value(q.name), m.top)) "
                    "from (select pg_get_serial_sequence($1, $2)::regclass as name) q, "
                    "(select max({})::bigint as top from {}) m where m.top is not null",
                    quoted(column), live(side)),
        {live(side), column});
}

std::vector<TableChange> SideTables::exchange() {
  std::vector<TableChange> changes;
  for (Side const& side : sides_) changes.push_back({.table = side.name});
  auto const write = [&] {
    for (std::size_t i = 0; i < sides_.size(); ++i) upsert(sides_[i], changes[i]);
  };
  auto const clear = [&] {
    for (std::size_t i = sides_.size(); i-- > 0;) erase(sides_[i], changes[i]);
  };
  session_.execute("savepoint exchange");
  try {
    // A row may have to let go of another before that is deleted.
    write();
    clear();
  } catch (SqlError const& error) {
    // Or a row may have to be deleted before another takes what was unique to it.
    if (error.sqlstate() != unique_violation) throw;
    session_.execute("rollback to savepoint exchange");
    clear();
    write();
  }
  for (Side const& side : sides_) advance(side);
  return changes;
}

}  // namespace hansa::events
