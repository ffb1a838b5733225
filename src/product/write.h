// Writing a table: body, statement, rows, answer. Errors of the database leave as exceptions;
// service.cpp turns them into refusals. References are to what the Service keeps alive.
//
// A single row without conditions is one statement on the pipelined lane. Everything that needs a
// transaction (many rows, an explicit identity, Idempotency-Key, If-Match, a deep merge) takes a
// lease.
#pragma once

#include <string>

#include "async/task.h"
#include "postgres/database.h"
#include "product/service.h"
#include "product/table.h"

namespace hansa::product {

[[nodiscard]] async::Task<Result<Answer>> create_rows(postgres::Database& database,
                                                      Table const& table, Settings const& settings,
                                                      WriteRequest request);
[[nodiscard]] async::Task<Result<Answer>> patch_row(postgres::Database& database,
                                                    Table const& table, std::string key,
                                                    WriteRequest request);
[[nodiscard]] async::Task<Result<Answer>> remove_row(postgres::Database& database,
                                                     Table const& table, std::string key,
                                                     WriteRequest request);

}  // namespace hansa::product
