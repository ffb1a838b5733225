#include "product/short_statement.h"

namespace hansa::product {

async::Task<postgres::Rows> run_short(postgres::Database& database, Statement statement,
                                      Effect effect) {
  postgres::Params params = statement.params;
  try {
    if (effect == Effect::reads) co_return co_await database.read(statement.sql, std::move(params));
    co_return co_await database.execute(statement.sql, std::move(params));
  } catch (postgres::SqlError const& error) {
    if (error.sqlstate() != "55P03") throw;
  }
  auto lease = co_await database.lease();
  co_return co_await lease.execute(std::move(statement.sql), std::move(statement.params));
}

}  // namespace hansa::product
