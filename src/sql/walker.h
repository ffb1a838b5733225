// The walk over one parse tree that fills a Statement: who is read and written, what is called, and
// which columns of which relation, by PostgreSQL's rules of scope. Requires a tree in which
// find_unknown() was asked for; what is unknown is passed over here. Pure; used once.
#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sql/sql.h"
#include "sql/tree.h"

namespace hansa::sql {

// Relations whose rows reach a row source without being made unique: indices into relations.
using Sources = std::vector<std::size_t>;

// A name that columns can be asked of, in one level of a query.
struct RangeItem {
  std::string name;
  std::string schema;             // of a real relation without alias
  std::vector<std::size_t> read;  // relations whose columns the name gives
  Sources sources;
  // Of a function in FROM: its rows may be bare values, and PostgreSQL reads `alias.f` as a call of
  // the function f with that value unless f is one of these columns.
  std::optional<std::vector<std::string>> only_columns = {};
};

struct VisibleCte {
  std::string name;
  Sources sources;
};

// One query level: what its expressions can see, and the levels around it.
struct Level {
  Level const* outer = nullptr;
  std::vector<RangeItem> items = {};
  std::vector<VisibleCte> ctes = {};
};

class Walker {
 public:
  explicit Walker(Statement& statement) : statement_(statement) {}

  // Any node; statements give the sources of the rows they return.
  Sources walk(Node const& node, Level& level, std::size_t offset);

  // The byte of the first mention of a relation over relations_max. The Statement is not complete
  // then and must not be judged.
  [[nodiscard]] std::optional<std::size_t> overflow() const { return overflow_; }

 private:
  // walk_query.cpp
  Sources select(Node const& node, Level const& outer, std::size_t offset);
  Sources plain_select(Node const& node, Level& level, std::size_t offset);
  void with(Node const& clause, Level& level, std::size_t offset);
  void common_table(Node const& node, Level& level, std::size_t offset);
  void from(Node const& node, Level& level, std::size_t offset);
  void from_list(Node const& node, std::string_view field, Level& level, std::size_t offset);
  void from_relation(Node const& node, Level& level, std::size_t offset);
  void from_subquery(Node const& node, Level& level, std::size_t offset);
  void from_function(Node const& node, Level& level, std::size_t offset);
  void from_join(Node const& node, Level& level, std::size_t offset);
  void rename_columns(Node const& alias, RangeItem& item);

  // walk_write.cpp
  Sources insert(Node const& node, Level const& outer, std::size_t offset);
  Sources update(Node const& node, Level const& outer, std::size_t offset);
  Sources remove(Node const& node, Level const& outer, std::size_t offset);
  Sources merge(Node const& node, Level const& outer, std::size_t offset);
  std::size_t target(Node const& node, Level& level, std::size_t offset);
  void assigned(Node const& node, std::string_view field, std::size_t target);
  void repeated(Kind kind, std::size_t target, Sources const& sources);

  // walk_expression.cpp
  void call(Node const& node, Level& level, std::size_t offset);
  void column(Node const& node, Level& level, std::size_t offset);
  void column_of(std::vector<std::string> const& names, Level const& level, std::size_t offset);
  void bare_column(std::string const& name, Level const& level, std::size_t offset);
  void cast(Node const& node, Level& level, std::size_t offset);
  void type(Node const& node, Level& level, std::size_t offset);
  void operator_in(Node const& node, std::string_view field, std::size_t offset);
  void value_function(Node const& node, std::size_t offset);
  void indirection(Node const& node, std::string_view field, std::size_t offset);
  void collation(Node const& node, std::size_t offset);

  // Every child that no handler looked at, so that nothing is left out.
  void walk_rest(Node const& node, Level& level, std::size_t offset,
                 std::initializer_list<std::string_view> done = {});
  // Adds it, or the last one again once there are too many.
  std::size_t relation(Relation relation);
  void feature(Feature::Kind kind, std::size_t offset, std::string_view text = {});
  void read_all(RangeItem const& item);
  void read_column(std::size_t relation, std::string const& name, std::size_t offset, bool certain);

  Statement& statement_;
  // Aggregates without OVER met so far; a level compares before and after its own lists.
  std::size_t aggregates_ = 0;
  std::optional<std::size_t> overflow_;
  // By relation and name, where a column stands in Relation::columns.
  std::map<std::pair<std::size_t, std::string>, std::size_t> columns_;
};

// Adds what is not there yet.
void join(Sources& sources, Sources const& more);

[[nodiscard]] Kind kind_of(Node const& node);

// A name of one or two parts, as written.
struct QualifiedName {
  std::string schema;
  std::string name;
};
[[nodiscard]] QualifiedName qualified(std::vector<std::string> names);

}  // namespace hansa::sql
