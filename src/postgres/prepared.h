// Which statements one connection has prepared, found by their text; the least recently used give
// way. Pure bookkeeping: whoever owns it sends PREPARE and DEALLOCATE.
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

namespace hansa::postgres {

// The answer says that a prepared statement does not fit the catalogue any more or is not where it
// was (0A000, 26000, 42P05): nothing was executed, and preparing anew may help. Null is not.
[[nodiscard]] bool is_stale(PGresult const* answer);

class PreparedStatements {
 public:
  // `epoch` numbers the connection: a name never means two statements, whatever stands in between.
  PreparedStatements(std::uint64_t epoch, std::size_t statements_max);

  // The name of the statement with this text, now the most recently used; empty if there is none.
  // The view lives until the statement is forgotten or dropped.
  [[nodiscard]] std::string_view find(std::string_view sql);

  // Names a text that find() does not know: "h<epoch>_<n>".
  std::string_view add(std::string_view sql);

  // Forgets the text, if it still goes by that name.
  void forget(std::string_view sql, std::string_view name);

  // The name of a statement to DEALLOCATE: one dropped or forgotten; empty if none is due.
  [[nodiscard]] std::string take_dropped();

  [[nodiscard]] std::size_t size() const { return recent_.size(); }

 private:
  struct Statement {
    std::string sql, name;
  };
  using Statements = std::list<Statement>;  // most recent first
  void drop(Statements::iterator statement);

  Statements recent_;
  std::unordered_map<std::string_view, Statements::iterator> by_text_;
  std::list<std::string> dropped_;
  std::string prefix_;
  std::uint64_t count_ = 0;
  std::size_t statements_max_;
};

}  // namespace hansa::postgres
