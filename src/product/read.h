// Reading a table: query, statement, rows, answer. Errors of the database leave as exceptions;
// service.cpp turns them into refusals. References are to what the Service keeps alive.
#pragma once

#include <string>

#include "async/task.h"
#include "postgres/database.h"
#include "product/lookups.h"
#include "product/service.h"
#include "product/table.h"

namespace hansa::product {

[[nodiscard]] async::Task<Result<Answer>> list_rows(postgres::Database& database,
                                                    Table const& table, Settings const& settings,
                                                    ReadRequest request);
[[nodiscard]] async::Task<Result<Answer>> get_row(postgres::Database& database, Lookups& lookups,
                                                  Table const& table, std::string key,
                                                  ReadRequest request);

// row_not_found, naming the key as it was asked for.
[[nodiscard]] std::unexpected<Error> no_such_row(Table const& table, std::string_view key);

}  // namespace hansa::product
