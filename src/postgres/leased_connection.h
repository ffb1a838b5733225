// A connection that one caller has to itself: statements one after the other, transactions,
// cursors.
#pragma once

#include <chrono>
#include <string>

#include "async/deadline.h"
#include "async/readiness.h"
#include "async/task.h"
#include "postgres/connect.h"
#include "postgres/prepared.h"

namespace hansa::postgres {

class LeasedConnection {
 public:
  // Takes an open, non-blocking connection. A statement without an answer after `answer_max` counts
  // as lost; the server's own statement_timeout is expected to speak first.
  LeasedConnection(async::asio::io_context& context, Connection connection, std::uint64_t epoch,
                   std::size_t prepared_max, std::chrono::milliseconds answer_max);

  // Prepared and kept by its text. Throws SqlError or Failure. One call at a time.
  [[nodiscard]] async::Task<Rows> execute(std::string sql, Params params);
  // A transaction command, not prepared.
  [[nodiscard]] async::Task<void> command(std::string sql);
  // Throws Failure after a rollback if a statement of the transaction had failed.
  [[nodiscard]] async::Task<void> commit();

  // May be used again: no statement under way, connection up.
  [[nodiscard]] bool usable() const;
  [[nodiscard]] bool in_transaction() const;
  // For an idle one: whether the server still holds its end. Does not block.
  [[nodiscard]] bool alive();
  // Ends what is under way with database_unreachable; not usable afterwards.
  void break_off();

  std::chrono::steady_clock::time_point idle_since;

 private:
  async::Task<Answer> answer();
  async::Task<void> ready(async::Readiness::Direction direction);
  async::Task<Rows> execute_unnamed(std::string const& sql, Params const& params);
  async::Task<std::string> prepare(std::string const& sql);
  void require_sent(int sent);

  Connection connection_;
  async::Readiness readiness_;  // gone before the connection
  async::Alarm alarm_;
  PreparedStatements prepared_;
  std::vector<char const*> values_;
  std::chrono::milliseconds answer_max_;
  bool broken_ = false;
  bool late_ = false;
};

}  // namespace hansa::postgres
