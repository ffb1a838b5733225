// What a domain holds, as relations: its tables, and the events it appended and nobody sequenced.
//
// Blocking; confined to one thread, on a session of the role that applied, inside a transaction of
// the caller's. PostgreSQL refusing is a SqlError. Requires that the mesh is applied.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "events/relation.h"
#include "mesh/reaction_tests.h"
#include "postgres/session.h"

namespace hansa::events {

class DomainState {
 public:
  // `rows_max`: of one relation; more is an error and not read.
  DomainState(mesh::Mesh const& mesh, DomainName const& domain, postgres::Session& session,
              std::size_t rows_max = 10'000);

  // The table called so, which there must be.
  [[nodiscard]] mesh::Object const& table(ObjectName const& name) const;
  // As the domain's runtime role would.
  void insert(ObjectName const& table, mesh::TestRow const& row);
  // The next number of every identity column is the one behind those that are there, whatever was
  // given out and undone before.
  void restart_identities();

  // Every table, named "table <object>". Identity columns are incidental. Error:
  // reaction_test_failed for too many rows.
  [[nodiscard]] Result<std::vector<Relation>> tables();
  // Every emission's events, named "events <object>", with `_op` and `_key`. Error: the same.
  [[nodiscard]] Result<std::vector<Relation>> emitted();
  // Events of the changes of every published table, as compaction would leave them: those of one
  // key are one, or none, by how the row was before and is now. Error: the same.
  [[nodiscard]] Result<std::vector<Relation>> changed();

  // Values as PostgreSQL holds them, by their places among `columns`; what `columns` has besides
  // the columns of `object` is text or, of `_offset`, a number.
  [[nodiscard]] PartialRow canonical(std::vector<mesh::TestValue> const& values,
                                     std::vector<std::string> const& columns,
                                     mesh::Object const& object);
  // The key of an event with these values, as capture writes it; empty where the topic has none.
  [[nodiscard]] std::string key_of(std::vector<mesh::TestValue> const& values,
                                   mesh::Topic const& topic);

 private:
  struct Table {
    mesh::Object const* object;
    std::string sql_name;
  };
  [[nodiscard]] Table const& find(ObjectName const& name) const;
  void act_as_runtime();
  void act_as_self();
  [[nodiscard]] Result<Relation> read(Table const& table);
  [[nodiscard]] Result<Relation> read(mesh::Topic const& topic);
  [[nodiscard]] Result<std::vector<Relation>> streams(mesh::Topic::Source source);

  mesh::Mesh const& mesh_;
  DomainName const& domain_;
  postgres::Session& session_;
  std::size_t rows_max_;
  std::string runtime_;
  std::vector<Table> tables_;
};

[[nodiscard]] std::string table_relation(ObjectName const& object);   // "table product"
[[nodiscard]] std::string stream_relation(ObjectName const& object);  // "events product"
// Columns of relations that hold events of a topic: its fields, and `own`.
[[nodiscard]] std::vector<std::string> event_columns_of(mesh::Topic const& topic,
                                                        std::span<std::string_view const> own);

}  // namespace hansa::events
