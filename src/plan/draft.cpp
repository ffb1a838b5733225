#include "plan/draft.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "plan/ddl.h"

namespace hansa::plan {

Step& Draft::add(Phase phase, Step step) {
  step.domain = domain;
  return steps.emplace_back(phase, std::move(step)).second;
}

void Draft::refuse(Code code, std::string detail, std::string hint) {
  plan.refusals.push_back({code, std::move(detail), std::move(hint)});
}

bool Draft::may_become(std::string const& role) const {
  if (live.applier.superuser || role == live.applier.name) return true;
  if (live.applier.may_become.contains(role) || desired.roles.contains(role)) return true;
  auto const found = live.roles.find(role);
  return found != live.roles.end() && found->second.reachable;
}

Recorded const* Draft::recorded(PartKind kind, Address const& address,
                                std::string const& part) const {
  auto const found = live.records.find({kind, address.schema, address.name, part});
  return found == live.records.end() ? nullptr : &found->second;
}

Draft::Standing Draft::standing(Recorded const* record, std::string const& declared,
                                std::string const& observed) const {
  if (record == nullptr) return Standing::unknown;
  if (record->declared != declared) return Standing::declared_anew;
  bool const comparable = record->server_major == live.applier.server_version / 10000;
  return comparable && record->observed != observed ? Standing::changed_by_hand
                                                    : Standing::as_declared;
}

std::string reason_of(Draft::Standing standing, std::string const& where) {
  return (standing == Draft::Standing::changed_by_hand ? "changed by hand; " : "") + where;
}

std::string undeclared(Recorded const* record) {
  return record == nullptr ? "not declared; added by hand" : "no longer declared";
}

RecordChange write_record(PartKind kind, Address const& address, std::string const& part,
                          std::string const& declared) {
  return {.key = {kind, address.schema, address.name, part}, .declared = declared};
}

RecordChange forget_record(PartKind kind, Address const& address, std::string const& part) {
  return {.act = RecordChange::Act::forget, .key = {kind, address.schema, address.name, part}};
}

std::vector<RecordChange> records_of(Address const& table, Column const& column) {
  std::vector<RecordChange> out{write_record(PartKind::column, table, column.name, column.type)};
  if (!column.default_sql.empty())
    out.push_back(write_record(PartKind::default_value, table, column.name, column.default_sql));
  return out;
}

std::vector<RecordChange> records_of(Table const& table) {
  std::vector<RecordChange> out{write_record(PartKind::table, table.address)};
  for (Column const& column : table.columns)
    std::ranges::move(records_of(table.address, column), std::back_inserter(out));
  for (Check const& check : table.checks)
    out.push_back(write_record(PartKind::check, table.address, check.name, check.expression));
  for (Index const& index : table.indexes)
    out.push_back(write_record(PartKind::index, table.address, index.name));
  return out;
}

std::string named_values(std::vector<std::string> const& columns, std::string const& prefix) {
  std::vector<std::string> parts;
  for (auto const& name : columns)
    parts.push_back(fmt::format("concat({}, {}{})", literal(name + " = "), prefix, quoted(name)));
  return fmt::format("concat_ws(', ', {})", fmt::join(parts, ", "));
}

std::string rows_where(Table const& table, std::string const& condition) {
  auto const key = table.key();
  return fmt::format("select {} from {} where {} limit {}",
                     named_values(key.empty() ? std::vector<std::string>{"ctid"} : key, ""),
                     quoted(table.address), condition, probe_rows_max + 1);
}

}  // namespace hansa::plan
