// Running a statement that is bounded and indexed, but may meet a lock.
#pragma once

#include "async/task.h"
#include "postgres/database.h"
#include "product/statement.h"

namespace hansa::product {

// On the pipelined lane; if a lock is not had there within its short lock_timeout (SQLSTATE 55P03,
// not executed), again on a lease, where waiting holds up nobody else. Suspends; throws as the
// lanes do. reads: the statement changes nothing and may share its unit with others.
enum class Effect : std::uint8_t { reads, writes };
[[nodiscard]] async::Task<postgres::Rows> run_short(postgres::Database& database,
                                                    Statement statement, Effect effect);

}  // namespace hansa::product
