// Reads by key that arrive together, asked of PostgreSQL together: those of one turn of the loop
// for one table become one statement over an array of keys. What PostgreSQL spends on a statement
// is several times what it spends on a row, so this is worth most when there is most to do; a
// single request is one statement as before.
//
// Of one thread. An error of the common statement is no caller's: each is then asked alone.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "async/suspended.h"
#include "postgres/database.h"
#include "product/table.h"

namespace hansa::product {

// A row among those that were read with it: every column of the table, in the contract's order.
struct Found {
  std::shared_ptr<postgres::Rows const> rows;
  std::size_t row = 0;
};

class Lookups {
 public:
  static constexpr std::size_t keys_max = 64;  // in one statement

  // The row of `key` (values in key order, as PostgreSQL's text input), if there is one. Suspends;
  // throws as run_short() does. `database` and `table` outlive this.
  [[nodiscard]] async::Task<std::optional<Found>> find(postgres::Database& database,
                                                       Table const& table, postgres::Params key);

  struct Group;

 private:
  std::map<std::pair<postgres::Database*, Table const*>, std::shared_ptr<Group>> groups_;
};

}  // namespace hansa::product
