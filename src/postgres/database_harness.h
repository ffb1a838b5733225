// For tests: a database of both lanes over a scratch database, and coroutines that say how a
// statement ended.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <map>
#include <optional>
#include <string>

#include "async/deadline.h"
#include "postgres/database.h"
#include "postgres/scratch.h"

namespace hansa::postgres {

using async::Task;

struct Recorder final : Observer {
  void observe(Event const& event) noexcept override {
    if (std::holds_alternative<DatabaseLost>(event)) ++lost;
    if (std::holds_alternative<DatabaseRestored>(event)) ++restored;
    if (auto const* changed = std::get_if<DatabaseConnectionsChanged>(&event))
      (changed->lane == DatabaseLane::leased ? leased : pipelined) += changed->delta;
  }
  int lost = 0, restored = 0;
  std::int64_t leased = 0, pipelined = 0;
};

class DatabaseTest : public testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_POSTGRES();
    scratch_.emplace();
    session_.emplace(Session::open(scratch_->target()));
  }
  void TearDown() override {
    if (!scratch_) return;
    database_.reset();
    context_.restart();
    context_.run();
    EXPECT_EQ(recorder_.leased, 0);
    EXPECT_EQ(recorder_.pipelined, 0);
  }
  Database& open(DatabaseOptions options = {}) {
    database_.emplace(context_, scratch_->target(), std::move(options), recorder_);
    return *database_;
  }
  // Coroutines spawned here have ended when run() returns; what they throw, it throws.
  void spawn(Task<void> task) {
    ++tasks_;
    async::asio::co_spawn(context_, std::move(task), [this](std::exception_ptr error) {
      if (error && !error_) error_ = error;
      --tasks_;
    });
  }
  void run() {
    context_.restart();
    auto const limit = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (tasks_ > 0 && std::chrono::steady_clock::now() < limit)
      context_.run_one_for(std::chrono::seconds(1));
    EXPECT_EQ(tasks_, 0) << "a coroutine hangs";
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  }
  void run(Task<void> task) {
    spawn(std::move(task));
    run();
  }
  std::string one(std::string_view sql) { return std::string(session_->execute(sql).value(0, 0)); }

  std::optional<ScratchDatabase> scratch_;
  std::optional<Session> session_;
  Recorder recorder_;
  async::asio::io_context context_{1};
  std::optional<Database> database_;
  int tasks_ = 0;
  std::exception_ptr error_;
};

// "ok:<value>" or the name of the error and, if it has one, the SQLSTATE.
inline Task<std::string> outcome(Task<Rows> task) {
  try {
    auto const rows = co_await std::move(task);
    co_return "ok:" + (rows.size() > 0 ? std::string(rows.value(0, 0)) : std::string());
  } catch (SqlError const& error) {
    co_return std::string(info(error.error().code).name) + " " + std::string(error.sqlstate());
  } catch (Failure const& failure) {
    co_return std::string(info(failure.error().code).name);
  }
}

inline Task<void> expect(Task<Rows> task, std::string expected) {
  EXPECT_EQ(co_await outcome(std::move(task)), expected);
}

inline Task<void> count_outcome(Task<Rows> task, std::map<std::string, int>& counts) {
  auto const text = co_await outcome(std::move(task));
  ++counts[text];
}

inline Task<void> many(Database& database, int first, int count, int& done) {
  for (int n = first; n < first + count; ++n) {
    Params params{std::to_string(n)};
    auto const text =
        co_await outcome(database.execute("select 100 / ($1::int % 7)", std::move(params)));
    EXPECT_EQ(text, n % 7 == 0 ? "check-violation 22012" : "ok:" + std::to_string(100 / (n % 7)));
    ++done;
  }
}

}  // namespace hansa::postgres
