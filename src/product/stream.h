// Rows of any number as NDJSON in bounded memory: a cursor of a read-only transaction on a leased
// connection, fetched as fast as the client reads.
#pragma once

#include "async/task.h"
#include "postgres/database.h"
#include "product/service.h"
#include "product/statement.h"

namespace hansa::product {

// Begins the transaction on `lease` and fetches the first rows, so that a refused query is an error
// here and not in the midst of an answer. The stream gives chunks of whole lines, at least one row
// each, and nullopt at the end; it throws Failure when the world fails. `table` outlives it.
[[nodiscard]] async::Task<Stream> open_stream(postgres::Lease lease, Table const& table,
                                              ReadQuery const& query, Statement statement);

}  // namespace hansa::product
