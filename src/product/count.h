// How many rows a query means, to the exactness that was asked for.
#pragma once

#include <cstdint>
#include <string_view>

#include "async/task.h"
#include "postgres/database.h"
#include "product/query.h"

namespace hansa::product {

// Below this the statistics of a table say less than the planner, and counting costs little anyway.
inline constexpr std::uint64_t statistics_rows_min = 10'000;

// exact: count(*). planned: the planner's estimate. estimated: pg_class.reltuples when there is no
// filter and the table is big by it, else the planner's. Requires query.count other than none.
[[nodiscard]] async::Task<std::uint64_t> count_rows(postgres::Lease& lease, Table const& table,
                                                    ReadQuery const& query);

// "Plan Rows" of the topmost node of EXPLAIN (FORMAT JSON); 0 if there is none. Pure.
[[nodiscard]] std::uint64_t planned_rows(std::string_view explained);

}  // namespace hansa::product
