// One database as one thread of the server sees it, under one role: a pipelined lane and a leased
// lane (DESIGN section 5). Never shared between threads; every call runs on, and resumes on, the
// io_context given at construction.
//
// Errors: a refused statement is SqlError; a lost, full or unreachable database is Failure
// (database_unreachable, connections_exhausted, statement_timeout), always within a deadline.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "async/task.h"
#include "base/observe.h"
#include "postgres/rows.h"
#include "postgres/session.h"

namespace hansa::postgres {

struct DatabaseOptions {
  std::size_t pipelined_connections = 1;   // more only help where one backend saturates a core
  std::size_t pipelined_depth_max = 256;   // requests in flight per connection; more wait in order
  std::size_t pipelined_queue_max = 4096;  // waiting beyond depth; more are connections_exhausted
  std::size_t read_unit_max = 16;          // reads that share a Sync; 1: none do
  std::chrono::milliseconds pipelined_timeout{1000};     // statement_timeout of the lane
  std::chrono::milliseconds pipelined_lock_timeout{20};  // then 55P03, not executed: take a lease
  std::size_t leased_connections_max = 4;
  std::size_t lease_queue_max = 256;  // waiting for a lease; more are connections_exhausted
  std::chrono::milliseconds lease_wait_max{2000};    // then connections_exhausted
  std::chrono::milliseconds leased_idle_max{30000};  // an idle leased connection is closed
  std::chrono::milliseconds leased_timeout{30000};   // statement_timeout of the lane
  std::chrono::milliseconds connect_timeout{3000};
  std::size_t prepared_max = 256;  // statements prepared per connection, least recent dropped
  std::string domain;              // for events
};

// A connection held by one caller: transactions, cursors, slow statements. Move only. When it goes,
// an open transaction is rolled back and the connection returns, or is closed if that fails.
class Lease {
 public:
  Lease(Lease&&) noexcept;
  Lease& operator=(Lease&&) noexcept;
  ~Lease();

  // One statement with bound text parameters, prepared and kept by its text. Suspends.
  [[nodiscard]] async::Task<Rows> execute(std::string sql, Params params = {});
  [[nodiscard]] async::Task<void> begin(
      std::string_view mode = "");  // "read only", "isolation level ..."
  [[nodiscard]] async::Task<void> commit();
  [[nodiscard]] async::Task<void> rollback();

  struct Held;
  explicit Lease(std::unique_ptr<Held> held);

 private:
  std::unique_ptr<Held> held_;
};

class Database {
 public:
  // Connects in the background; requests that come earlier wait up to connect_timeout. Reconnects
  // for ever with a growing pause (50 ms to 1 s); what was in flight when a connection fell gets
  // database_unreachable: a write among it may or may not have happened.
  Database(async::asio::io_context& context, Target target, DatabaseOptions options,
           Observer& observer);
  ~Database();
  Database(Database const&) = delete;
  Database& operator=(Database const&) = delete;

  // A single bounded statement on the pipelined lane: its own implicit transaction, a Sync behind
  // it. `sql` is one of a finite set of texts; it is prepared once per connection and found again
  // by its text. SQLSTATE 0A000, 26000 and 42P05 are answered by preparing anew and one retry.
  [[nodiscard]] async::Task<Rows> execute(std::string_view sql, Params params);

  // The same for a statement that changes nothing: the reads of one turn of the loop share a Sync,
  // at most `read_unit_max` of them. If one fails, those behind it were not executed; they are
  // sent again, each alone, so that no caller learns of another's error. Never a statement that
  // writes, locks rows or calls a volatile function: its effects would share a fate with others.
  [[nodiscard]] async::Task<Rows> read(std::string_view sql, Params params);

  // Waits up to lease_wait_max for a connection of the leased lane.
  [[nodiscard]] async::Task<Lease> lease();

  // True while a pipelined connection is up.
  [[nodiscard]] bool connected() const;
  // Ends: nothing new is taken, what is in flight gets until `deadline`, then connections close.
  [[nodiscard]] async::Task<void> close(std::chrono::milliseconds deadline);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace hansa::postgres
