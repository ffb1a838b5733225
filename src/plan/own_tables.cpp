#include "plan/own_tables.h"

#include <algorithm>

#include "mesh/log_names.h"
#include "plan/capture_sql.h"
#include "plan/ddl.h"

namespace hansa::plan {
namespace {

Column column(std::string name, std::string type, std::string default_sql = {}) {
  return {.name = std::move(name),
          .type = std::move(type),
          .not_null = true,
          .default_sql = std::move(default_sql)};
}

Column optional_column(std::string name, std::string type) {
  return {.name = std::move(name), .type = std::move(type)};
}

Table own_table(DomainName const& domain, std::string const& kind,
                std::string const& runtime_role) {
  Table table{.address = {std::string(own_schema), kind + "_" + domain.text()}, .domain = domain};
  for (auto const* right : {"select", "insert", "update", "delete"})
    table.privileges.insert({runtime_role, right, ""});
  table.where = own_reason;
  return table;
}

Index primary_key(Table const& table, std::vector<std::string> columns) {
  return {.name = table.address.name + "_pkey",
          .columns = std::move(columns),
          .unique = true,
          .primary = true};
}

constexpr auto moment = "timestamp with time zone";

Table idempotency(DomainName const& domain, std::string const& runtime_role) {
  auto table = own_table(domain, "idempotency", runtime_role);
  table.comment = "Answers to requests that carried an Idempotency-Key";
  table.columns = {column("key", "text"),
                   column("fingerprint", "text"),
                   optional_column("status", "integer"),
                   optional_column("headers", "jsonb"),
                   optional_column("content_type", "text"),
                   optional_column("body", "text"),
                   column("created_at", moment, "now()")};
  table.indexes = {primary_key(table, {"key"}),
                   {.name = table.address.name + "_created_at_idx", .columns = {"created_at"}}};
  return table;
}

Table load(DomainName const& domain, std::string const& runtime_role) {
  auto table = own_table(domain, "load", runtime_role);
  table.comment = "How far each file was loaded";
  auto id = column("id", "bigint");
  id.sequence = table.address.name + "_id_seq";
  table.sequences[id.sequence] = {{runtime_role, "usage", ""}};
  table.columns = {id,
                   column("target", "text"),
                   column("digest", "text"),
                   optional_column("file", "text"),
                   column("line_done", "bigint", "0"),
                   column("byte_done", "bigint", "0"),
                   column("rows_loaded", "bigint", "0"),
                   column("lines_rejected", "bigint", "0"),
                   column("finished", "boolean", "false"),
                   column("started_at", moment, "now()"),
                   column("updated_at", moment, "now()")};
  table.indexes = {primary_key(table, {"id"}),
                   {.name = table.address.name + "_target_digest_key",
                    .columns = {"target", "digest"},
                    .unique = true}};
  return table;
}

// A sid is drawn by the function that appends, behind its lock, and not by a default.
Table pending(DomainName const& domain, std::string const& emission_role) {
  Table table{.address = pending_table(domain), .domain = domain};
  table.privileges.insert({emission_role, "insert", ""});
  table.where = own_reason;
  table.comment = "Events of ended transactions, until the sequencer moves them to their topics";
  auto sid = column("sid", "bigint");
  sid.sequence = mesh::pending_sequence(domain);
  table.sequences[sid.sequence] = {{emission_role, "usage", ""}};
  table.columns = {sid,
                   column("stream", "text"),
                   column("op", "text"),
                   column("key", "text"),
                   optional_column("row", "text"),
                   optional_column("trace", "text"),
                   optional_column("actor", "text"),
                   column("at", moment)};
  table.indexes = {primary_key(table, {"sid"})};
  return table;
}

}  // namespace

std::vector<Table> own_tables(DomainName const& domain, std::string const& runtime_role,
                              std::string const& emission_role) {
  return {idempotency(domain, runtime_role), load(domain, runtime_role),
          pending(domain, emission_role)};
}

}  // namespace hansa::plan
