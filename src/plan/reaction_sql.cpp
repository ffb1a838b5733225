#include "plan/reaction_sql.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cassert>

#include "plan/ddl.h"
#include "plan/own_tables.h"
#include "plan/sql_words.h"
#include "plan/stored.h"

namespace hansa::plan {
namespace {

// The length of `word` if `text` begins with it, in any case, as a whole word; 0 otherwise.
std::size_t word_at(std::string_view text, std::string_view word) {
  if (text.size() < word.size()) return 0;
  for (std::size_t i = 0; i < word.size(); ++i)
    if ((text[i] | 0x20) != word[i]) return 0;
  if (text.size() == word.size()) return word.size();
  char const next = text[word.size()];
  bool const goes_on = next == '_' || next == '$' || (next >= '0' && next <= '9') ||
                       ((next | 0x20) >= 'a' && (next | 0x20) <= 'z') || (next & 0x80) != 0;
  return goes_on ? 0 : word.size();
}

// PostgreSQL's type of a column of `events` that is no field of the event.
std::string_view own_type(std::string_view name) {
  if (name == "_partition") return "integer";
  if (name == "_offset") return "bigint";
  return name == "_time" ? "timestamp with time zone" : "text";
}

// How the relation `events` is read from JSON.
struct Reading {
  std::vector<std::string> names;   // quoted
  std::vector<std::string> record;  // "name type", as JSON is read
  std::vector<std::string> values;  // what is selected of that, as "value as name"

  // "select ... from json_to_recordset(hansa_batch) as hansa_e(...)".
  [[nodiscard]] std::string from_batch(std::string_view besides = {}) const {
    return fmt::format("select {}{} from json_to_recordset(hansa_batch) as hansa_e({})",
                       fmt::join(values, ", "), besides, fmt::join(record, ", "));
  }
  // Of one event, which stands in a variable: PostgreSQL then knows that it is one row.
  [[nodiscard]] std::string from_variable(std::string_view besides = {}) const {
    std::string out = "select ";
    for (auto const& name : names)
      out += fmt::format("{}hansa_event.{} as {}", out.size() > 7 ? ", " : "", name, name);
    return out.append(besides);
  }
};

Reading reading_of(mesh::Subscription const& subscription, mesh::Object const& object) {
  Reading reading;
  bool traced = false;
  auto const add = [&reading](std::string const& name, std::string_view type, bool bytes) {
    auto const column = quoted(name);
    reading.names.push_back(column);
    reading.record.push_back(fmt::format("{} {}", column, bytes ? "text" : type));
    // Bytes are base64 in JSON.
    reading.values.push_back(bytes ? fmt::format("decode(hansa_e.{0}, 'base64') as {0}", column)
                                   : fmt::format("hansa_e.{0} as {0}", column));
  };
  for (ColumnName const& name : subscription.reaction.needs) {
    mesh::Column const* const column = object.find(name.text());
    traced = traced || name.text() == "_trace";
    if (column == nullptr)
      add(name.text(), own_type(name.text()), false);
    else
      add(name.text(), types::postgres_type(column->type), column->type.kind == types::Kind::bytes);
  }
  if (!traced) add("_trace", "text", false);
  return reading;
}

// A message may quote a value of any length; what is kept of it is short.
constexpr std::string_view each_body = R"(
#variable_conflict use_column
declare
  hansa_event record;
  hansa_number integer := 0;
  hansa_traced text;
begin
  perform set_config('hansa.actor', {}, true);
  for hansa_event in {} loop
    if hansa_event."_trace" is distinct from hansa_traced then
      hansa_traced := hansa_event."_trace";
      perform set_config('hansa.trace', coalesce(hansa_traced, ''), true);
    end if;
    begin
      {}
      ;
    exception when data_exception or integrity_constraint_violation or raise_exception then
      get stacked diagnostics hansa_state = returned_sqlstate, hansa_reason = message_text;
      hansa_reason := left(hansa_reason, 2000);
      hansa_place := hansa_number;{}
      return next;
    end;
    hansa_number := hansa_number + 1;
  end loop;
end )";

// Of several events nobody knows yet which is at fault.
constexpr std::string_view batch_body = R"(
#variable_conflict use_column
begin
  perform set_config('hansa.actor', {}, true);
  begin
    {}
    ;
  exception when data_exception or integrity_constraint_violation or raise_exception then
    if json_array_length(hansa_batch) > 1 then
      raise;
    end if;
    get stacked diagnostics hansa_state = returned_sqlstate, hansa_reason = message_text;
    hansa_reason := left(hansa_reason, 2000);
    hansa_place := 0;{}
    return next;
  end;
end )";

constexpr std::string_view why_rejected = ", hansa_reason as _error, hansa_state as _sqlstate";

// Behind the reason in a handler: nothing, or the rejected SQL over `events`.
std::string rejection(mesh::Reaction const& reaction, std::string_view events) {
  if (reaction.rejected_sql.empty()) return {};
  return "\n      " + with_relation(reaction.rejected_sql, "events", events) + "\n      ;";
}

}  // namespace

std::string reaction_function_name(mesh::Subscription const& subscription) {
  return bounded_name(fmt::format("react_{}_{}", subscription.domain.text(), subscription.port));
}

std::string reaction_call(Address const& function) {
  return fmt::format("select hansa_place, hansa_state, hansa_reason from {}($1::json)",
                     quoted(function));
}

std::string reaction_call(mesh::Subscription const& subscription) {
  return reaction_call({std::string(own_schema), reaction_function_name(subscription)});
}

std::vector<std::string> written_tables(mesh::Mesh const& mesh,
                                        mesh::Subscription const& subscription) {
  std::vector<std::string> out;
  mesh::Domain const* const domain = mesh.find_domain(subscription.domain.text());
  assert(domain != nullptr);
  for (ObjectName const& name : subscription.reaction.writes)
    if (auto const* const object = stored_table(*domain, name)) out.push_back(physical(*object));
  return out;
}

std::string with_relation(std::string_view statement, std::string_view name,
                          std::string_view definition) {
  auto const start = skip_blanks(statement);
  auto const rest = statement.substr(start);
  auto const with = word_at(rest, "with");
  if (with == 0) return fmt::format("with {} as ({})\n{}", name, definition, statement);
  auto behind = with + skip_blanks(rest.substr(with));
  auto const recursive = word_at(rest.substr(behind), "recursive");
  behind += recursive + skip_blanks(rest.substr(behind + recursive));
  return fmt::format("with {}{} as ({}),\n{}", recursive > 0 ? "recursive " : "", name, definition,
                     rest.substr(behind));
}

std::string reaction_body(mesh::Subscription const& subscription, mesh::Object const& object) {
  auto const& reaction = subscription.reaction;
  auto const reading = reading_of(subscription, object);
  auto const actor = literal(subscription.group);
  if (reaction.batch > 0)
    return fmt::format(batch_body, actor,
                       with_relation(reaction.sql, "events", reading.from_batch()),
                       rejection(reaction, reading.from_batch(why_rejected)));
  // The fields of a variable are parameters of one plan that is kept, and one row to the planner,
  // who then meets tables by index. An event read as JSON by each statement costs twice as much.
  return fmt::format(each_body, actor, reading.from_batch(),
                     with_relation(reaction.sql, "events", reading.from_variable()),
                     rejection(reaction, reading.from_variable(why_rejected)));
}

Function reaction_function(mesh::Mesh const& mesh, mesh::Subscription const& subscription,
                           std::string_view beside) {
  auto const* const topic = mesh.find_topic(subscription.topic);
  assert(topic != nullptr);
  auto const schema = beside.empty() ? own_schema : beside;
  Function function{.address = {std::string(schema), reaction_function_name(subscription)},
                    .domain = subscription.domain,
                    .owner = role_name(mesh.name, subscription.domain, mesh::RoleKind::runtime),
                    .arguments = "json",
                    .where = place_of(subscription.where)};
  auto const store = mesh::store_schema(subscription.domain);
  auto const schemas = (beside.empty() ? "" : quoted(beside) + ", ") + quoted(store);
  auto body = subscription;
  if (!beside.empty()) {
    auto const tables = written_tables(mesh, subscription);
    for (auto* const sql : {&body.reaction.sql, &body.reaction.rejected_sql})
      *sql = with_tables_moved(*sql, store, tables, beside);
  }
  // pg_temp is named, and last: else a temporary table would stand before the domain's.
  function.definition = fmt::format(
      "create or replace function {}(hansa_batch json) returns table (hansa_place integer, "
      "hansa_state text, hansa_reason text) language plpgsql\nsecurity definer\n"
      "set search_path = pg_catalog, {}, pg_temp\nas {}",
      quoted(function.address), schemas, literal(reaction_body(body, mesh.object_of(*topic))));
  return function;
}

std::vector<Function> reactions_of(mesh::Mesh const& mesh, DomainName const& domain) {
  std::vector<Function> out;
  for (mesh::Subscription const& subscription : mesh.subscriptions)
    if (subscription.domain == domain && mesh.find_topic(subscription.topic) != nullptr)
      out.push_back(reaction_function(mesh, subscription));
  return out;
}

}  // namespace hansa::plan
