#include "postgres/leased_connection.h"

#include <boost/system/system_error.hpp>

namespace hansa::postgres {

LeasedConnection::LeasedConnection(async::asio::io_context& context, Connection connection,
                                   std::uint64_t epoch, std::size_t prepared_max,
                                   std::chrono::milliseconds answer_max)
    : connection_(std::move(connection)),
      readiness_(context, PQsocket(connection_.get())),
      alarm_(context),
      prepared_(epoch, prepared_max),
      answer_max_(answer_max) {}

bool LeasedConnection::usable() const {
  return !broken_ && PQstatus(connection_.get()) == CONNECTION_OK &&
         PQtransactionStatus(connection_.get()) != PQTRANS_ACTIVE;
}

bool LeasedConnection::in_transaction() const {
  auto const status = PQtransactionStatus(connection_.get());
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

bool LeasedConnection::alive() {
  if (!usable() || PQconsumeInput(connection_.get()) != 1) return false;
  PQisBusy(connection_.get());  // takes in a farewell
  return PQconsumeInput(connection_.get()) == 1 && usable();
}

void LeasedConnection::break_off() {
  broken_ = true;
  readiness_.cancel();
}

void LeasedConnection::require_sent(int sent) {
  if (sent == 1) return;
  broken_ = true;
  throw lost_failure(connection_.get());
}

async::Task<void> LeasedConnection::ready(async::Readiness::Direction direction) {
  auto const [error] = co_await readiness_.wait(direction);
  if (late_) throw Failure(Code::statement_timeout, "PostgreSQL did not answer in time");
  if (broken_) throw Failure(Code::database_unreachable, "the database was closed");
  if (error) {
    broken_ = true;  // the caller gave up in the middle of a statement
    throw boost::system::system_error(error);
  }
}

async::Task<Answer> LeasedConnection::answer() {
  auto const give_up = [this] {
    late_ = true;
    break_off();
  };
  alarm_.arm(answer_max_, give_up);
  int flushed = PQflush(connection_.get());
  for (; flushed == 1; flushed = PQflush(connection_.get()))
    co_await ready(async::Readiness::Direction::write);
  require_sent(flushed == 0 ? 1 : 0);
  Answer last;
  while (true) {
    while (PQisBusy(connection_.get()) != 0) {
      co_await ready(async::Readiness::Direction::read);
      require_sent(PQconsumeInput(connection_.get()));
    }
    Answer next(PQgetResult(connection_.get()));
    if (!next) break;
    last = std::move(next);
    auto const status = PQresultStatus(last.get());
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
      broken_ = true;
      break;
    }
  }
  alarm_.disarm();
  co_return last;
}

async::Task<void> LeasedConnection::command(std::string sql) {
  require_sent(PQsendQuery(connection_.get(), sql.c_str()));
  static_cast<void>(rows_of(co_await answer(), connection_.get()));
}

async::Task<void> LeasedConnection::commit() {
  if (PQtransactionStatus(connection_.get()) != PQTRANS_INERROR)
    co_return co_await command("commit");
  // PostgreSQL would answer COMMIT with a rollback and no error.
  co_await command("rollback");
  throw Failure(Code::database_error, "a statement of the transaction had failed: rolled back");
}

async::Task<std::string> LeasedConnection::prepare(std::string const& sql) {
  // In a failed transaction nothing can be executed but its end; what is due waits.
  bool const failed = PQtransactionStatus(connection_.get()) == PQTRANS_INERROR;
  std::string const name(prepared_.add(sql));
  require_sent(PQsendPrepare(connection_.get(), name.c_str(), sql.c_str(), 0, nullptr));
  auto outcome = co_await answer();
  if (PQresultStatus(outcome.get()) != PGRES_COMMAND_OK) {
    prepared_.forget(sql, name);
    static_cast<void>(prepared_.take_dropped());
    static_cast<void>(rows_of(std::move(outcome), connection_.get()));
  }
  for (auto due = failed ? std::string() : prepared_.take_dropped(); !due.empty();
       due = prepared_.take_dropped()) {
    std::string deallocate = "deallocate " + due;
    co_await command(std::move(deallocate));
  }
  co_return name;
}

async::Task<Rows> LeasedConnection::execute_unnamed(std::string const& sql, Params const& params) {
  bind_text(params, values_);
  require_sent(PQsendQueryParams(connection_.get(), sql.c_str(), static_cast<int>(values_.size()),
                                 nullptr, values_.data(), nullptr, nullptr, 0));
  co_return rows_of(co_await answer(), connection_.get());
}

async::Task<Rows> LeasedConnection::execute(std::string sql, Params params) {
  require_bindable(params);
  if (broken_) throw Failure(Code::database_unreachable, "the connection was given up");
  std::string name(prepared_.find(sql));
  if (name.empty()) name = co_await prepare(sql);
  bind_text(params, values_);
  require_sent(PQsendQueryPrepared(connection_.get(), name.c_str(),
                                   static_cast<int>(values_.size()), values_.data(), nullptr,
                                   nullptr, 0));
  auto outcome = co_await answer();
  if (!is_stale(outcome.get())) co_return rows_of(std::move(outcome), connection_.get());
  prepared_.forget(sql, name);
  // Inside a transaction the error has aborted it; the caller starts again.
  if (in_transaction()) co_return rows_of(std::move(outcome), connection_.get());
  co_return co_await execute_unnamed(sql, params);
}

}  // namespace hansa::postgres
