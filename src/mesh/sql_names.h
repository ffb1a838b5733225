// What the SQL of the mesh may name: tables and their columns as they are stored, and the relations
// that are given (`events`, `inserted`, `deleted`). Finds names that lead nowhere before PostgreSQL
// does, and keeps the promise sql.h asks of its caller: a column named through an alias is one of
// the contract. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "mesh/mesh.h"
#include "mesh/sql_file.h"

namespace hansa::mesh {

// The tables of one domain. Points into the mesh it was made of.
class DomainTables {
 public:
  explicit DomainTables(Domain const& domain);

  // By the name in PostgreSQL, or by the object's; nullptr if there is none.
  [[nodiscard]] Object const* stored(std::string_view physical_name) const;
  [[nodiscard]] Object const* named(std::string_view object) const;
  [[nodiscard]] std::vector<std::string_view> stored_names() const;
  [[nodiscard]] std::vector<std::string_view> names() const;
  [[nodiscard]] bool has_topic(std::string_view object) const;
  [[nodiscard]] DomainName const& domain() const { return domain_->name; }

 private:
  Domain const* domain_;
  std::map<std::string_view, Object const*> stored_, named_;
};

// A relation the frame gives.
struct GivenRelation {
  std::vector<std::string> columns;
  std::map<std::string, std::string>
      missing;  // columns one may look for, and why they are not here
};
using GivenRelations = std::map<std::string, GivenRelation, std::less<>>;

// Adds missing_reference for every table and column that `statement` names and that is not there.
// Requires that the statement passed the judge with the domain's schema as its only one. Names that
// may belong to a subquery or a function are left to PostgreSQL.
void check_names(SqlFile const& file, sql::Statement const& statement, DomainTables const& tables,
                 GivenRelations const& given, Diagnostics& diagnostics);

// The stored columns of a table.
[[nodiscard]] std::vector<std::string> stored_columns(Object const& table);

// The name as SQL writes it: in quotes where PostgreSQL would read another one.
[[nodiscard]] std::string as_identifier(std::string_view name);

}  // namespace hansa::mesh
