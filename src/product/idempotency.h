// Idempotency-Key: the answer of a POST is kept beside what it did, in the same transaction, and
// given again when the same request comes again.
//
// Table hansa."idempotency_<domain>" lies in the domain's database. Errors are never kept: their
// transaction is rolled back, and with it the key.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "async/task.h"
#include "base/ids.h"
#include "base/result.h"
#include "postgres/database.h"
#include "product/service.h"

namespace hansa::product {

// 1 to 255 printable ASCII characters. Error: invalid_parameter.
[[nodiscard]] Result<void> check_idempotency_key(std::string_view key);

// Tells requests that share a key apart: method, path, parameters and body.
[[nodiscard]] std::string request_fingerprint(std::string_view method, WriteRequest const& request);

struct IdempotencyClaim {
  std::string table;  // quoted, with its schema
  std::string key;
  std::string fingerprint;
};
[[nodiscard]] IdempotencyClaim make_claim(DomainName const& domain, WriteRequest const& request);

// Within a transaction of `lease`: claims the key, or finds the answer kept for it. Waits a bounded
// time for a twin that is running. Errors: idempotency_conflict, idempotency_in_progress.
[[nodiscard]] async::Task<Result<std::optional<Answer>>> claim(postgres::Lease& lease,
                                                               IdempotencyClaim const& claim);
// Keeps `answer` under the claimed key, in the same transaction.
[[nodiscard]] async::Task<void> keep(postgres::Lease& lease, IdempotencyClaim const& claim,
                                     Answer const& answer);

// Deletes kept answers older than $1 hours, some thousands at a time: for whoever runs the domain,
// with a session of its runtime role.
[[nodiscard]] std::string purge_statement(DomainName const& domain);
// The same on a lease; returns how many went.
[[nodiscard]] async::Task<std::size_t> purge_idempotency(postgres::Database& database,
                                                         DomainName domain,
                                                         std::chrono::hours kept);

}  // namespace hansa::product
