// Reactions: the SQL of on/<port>.sql and on/<port>.rejected.sql, read, parsed and judged for the
// domain whose port it is. Pure.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "base/diagnostics.h"
#include "mesh/mesh.h"
#include "mesh/sql_names.h"

namespace hansa::mesh {

struct ReactionContext {
  DomainTables const& tables;  // of the port's domain
  Topic const& topic;
  // Stated by on/<port>.odcs.yaml: then the reaction reads no others. Absent: there is no such
  // file.
  std::optional<std::vector<ColumnName>> const& stated;
  Diagnostics& diagnostics;
};

// What a reaction does to a table.
struct Writing {
  ObjectName table;
  bool inserts = false, updates = false, removes = false;

  auto operator<=>(Writing const&) const = default;
};

struct ReadReaction {
  Reaction reaction;
  std::set<Writing> writings;
};

// nullopt after adding what is wrong: invalid_reaction, missing_reference, and those of
// read_statement(). Warning: batch_hazard.
[[nodiscard]] std::optional<ReadReaction> read_reaction(SqlFile const& file,
                                                        ReactionContext const& context);

// Adds the SQL for rejected events to a reaction, and what it reads and writes.
void read_rejection(SqlFile const& file, ReactionContext const& context, ReadReaction& read);

}  // namespace hansa::mesh
