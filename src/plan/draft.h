// A plan in the making for one domain: the live database as it will stand after the steps so far,
// and the steps, each with the phase that decides its place. The parts of the comparison share
// this.
#pragma once

#include <string>
#include <vector>

#include "base/code.h"
#include "plan/catalog.h"
#include "plan/plan.h"

namespace hansa::plan {

// In the order in which steps are safe: what others need comes first, what they used goes last.
enum class Phase : std::uint8_t {
  role,
  schema,
  rename,
  table,
  column,
  check,
  index,
  foreign_key,
  right,
  topic,
  function,
  trigger,
  view,
  comment,
  drop_trigger,
  drop_view,
  revoke,
  drop_foreign_key,
  drop_constraint,
  drop_index,
  drop_column,
  drop_table,
  drop_function,
  drop_topic,
  drop_schema,
};

struct Draft {
  Database const& desired;
  Database& live;  // a working copy of the observed database
  Plan& plan;      // receives refusals and notes
  DomainName domain;
  std::vector<std::pair<Phase, Step>> steps;
  std::set<std::string> blocked;  // schemas and "schema.table"s of strangers: not compared
  std::set<Address> created;      // tables this plan makes
  std::set<std::string> created_roles;

  Step& add(Phase phase, Step step);
  void refuse(Code code, std::string detail, std::string hint);
  // The applying role can act as `role`, now or once this plan made it a member.
  [[nodiscard]] bool may_become(std::string const& role) const;
  [[nodiscard]] Recorded const* recorded(PartKind kind, Address const& address,
                                         std::string const& part = {}) const;
  // Hansa wrote `declared` there, and PostgreSQL still prints what it printed then.
  enum class Standing : std::uint8_t { as_declared, unknown, declared_anew, changed_by_hand };
  [[nodiscard]] Standing standing(Recorded const* record, std::string const& declared,
                                  std::string const& observed) const;
};

// `where` of a desired object, or "changed by hand; " before it.
[[nodiscard]] std::string reason_of(Draft::Standing standing, std::string const& where);
// Why something live and undeclared goes: "no longer declared", or "not declared; added by hand".
[[nodiscard]] std::string undeclared(Recorded const* record);

[[nodiscard]] RecordChange write_record(PartKind kind, Address const& address,
                                        std::string const& part = {},
                                        std::string const& declared = {});
[[nodiscard]] RecordChange forget_record(PartKind kind, Address const& address,
                                         std::string const& part = {});
// Everything a fresh table is remembered by, and one new column of it.
[[nodiscard]] std::vector<RecordChange> records_of(Table const& table);
[[nodiscard]] std::vector<RecordChange> records_of(Address const& table, Column const& column);

// Of the rights on a view or view schema those that people gave to roles which are not the mesh's.
// They are how consumers use the SQL port: no drift, never revoked, given back with a view that is
// made anew.
[[nodiscard]] Privileges given_to_consumers(Draft const& draft, Privileges const& live);
// `desired` with the rights that consumers of `live` keep: on columns, only where they stay.
[[nodiscard]] View with_consumers(Draft const& draft, View desired, View const& live);
// "consumers of v1 lose it", of view schema "products_v1".
[[nodiscard]] std::string consumers_lose_it(std::string const& view_schema);
// Says in `step` that they come back, if there are any.
void note_consumers(Draft const& draft, View const& made, Step& step);

// An expression of the text "sku = A1, stock = 3", of columns that follow `prefix`.
[[nodiscard]] std::string named_values(std::vector<std::string> const& columns,
                                       std::string const& prefix);
// A SELECT of the keys of rows for which `condition` holds, for Probe::sql.
[[nodiscard]] std::string rows_where(Table const& table, std::string const& condition);

// The parts, in the order they are called. Each brings draft.live up to what its steps will do.
void compare_roles(Draft& draft);
void compare_schemas(Draft& draft);
void rename_tables_and_columns(Draft& draft);
void compare_tables(Draft& draft);  // creates, adopts, drops; calls the next four per table
void compare_columns(Draft& draft, Table const& desired, Table& live);  // leaves types to the next
void compare_types(Draft& draft, Table const& desired, Table& live);
void compare_checks(Draft& draft, Table const& desired, Table& live);
void compare_indexes(Draft& draft, Table const& desired, Table& live);
void compare_foreign_keys(Draft& draft, Table const& desired, Table& live);
void compare_unmanaged(Draft& draft, Table const& desired);
void compare_topics(Draft& draft);
void compare_functions(Draft& draft);  // after everything else that renames
void compare_triggers(Draft& draft);
void compare_views(Draft& draft);
void compare_rights(Draft& draft);
void compare_comments(Draft& draft);
void note_strangers(Draft& draft);

}  // namespace hansa::plan
