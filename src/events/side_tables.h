// Copies of the tables a projection writes, in a schema of their own beside the live ones, with the
// reaction's function over them; and the exchange of contents.
//
// Blocking; confined to one thread. Throws what postgres::Session throws. The runtime role of the
// domain may use what is made here, as the function runs as that role, and nobody else may.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "mesh/mesh.h"
#include "postgres/session.h"

namespace hansa::events {

// What the exchange did to a table; rows that are as they were count nowhere.
struct TableChange {
  std::string table;  // as stored
  std::uint64_t inserted = 0, updated = 0, deleted = 0;
};

// "hansa_rebuild_<domain>_<port>", bounded.
[[nodiscard]] std::string side_schema(mesh::Subscription const& port);

class SideTables {
 public:
  // Makes schema, tables and function, after removing what a killed run left behind. `session` is
  // the applying role's, and has not written the domain's tables. All references outlive this.
  // Requires that nobody else does the same for this port at the time. Throws Failure: not_applied
  // where a live table is missing, foreign_object where the schema is a stranger's.
  SideTables(mesh::Mesh const& mesh, mesh::Subscription const& port, postgres::Session& session);
  // Removes all that; what cannot be removed the next run removes.
  ~SideTables();
  SideTables(SideTables const&) = delete;
  SideTables& operator=(SideTables const&) = delete;

  // SQL that runs the reaction over these tables with $1, an array of events.
  [[nodiscard]] std::string const& call() const { return call_; }
  // How many rows of the live tables this transaction has written so far: the function must not
  // write any.
  [[nodiscard]] std::uint64_t live_writes();
  // Counts the rows, so that the exchange is planned well.
  void analyze();
  // Gives the live tables the contents of these, within the caller's transaction. Rows that differ
  // are written and rows that are not here deleted, so that change events tell of no others. What
  // the reaction left to a default that is computed, as now() is, stays as the live row has it.
  // Identity columns go on behind the largest number.
  [[nodiscard]] std::vector<TableChange> exchange();

 private:
  struct Side {
    std::string name, oid;
    std::vector<std::string> columns, key, identities;
    // Columns outside the key whose default is an expression, and that. Here they have none, so
    // that NULL tells where the reaction left them to it.
    std::map<std::string, std::string> computed;
  };
  void find_tables();
  void remove();
  void make();
  void make_function();
  void copy_foreign_keys();
  void order_by_references();
  void upsert(Side const& side, TableChange& change);
  void erase(Side const& side, TableChange& change);
  void advance(Side const& side);
  [[nodiscard]] std::string live(Side const& side) const;
  [[nodiscard]] std::string beside(Side const& side) const;
  [[nodiscard]] std::string oids() const;  // an array

  mesh::Mesh const& mesh_;
  mesh::Subscription const& port_;
  postgres::Session& session_;
  std::string store_, schema_, call_;
  std::vector<Side> sides_;  // what others refer to first
};

}  // namespace hansa::events
