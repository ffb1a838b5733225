// Both lanes of a database against a real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "postgres/database_harness.h"

namespace hansa::postgres {
namespace {

using namespace std::chrono_literals;
using async::Task;

TEST_F(DatabaseTest, ThousandsAtOnceGetTheirOwnAnswersAndErrors) {
  for (std::size_t const connections : {1U, 3U}) {
    auto& database = open({.pipelined_connections = connections, .pipelined_depth_max = 50});
    int done = 0;
    for (int n = 0; n < 400; ++n) spawn(many(database, n * 10, 10, done));
    run();
    EXPECT_EQ(done, 4000);
    database_.reset();
  }
}

TEST_F(DatabaseTest, BigParametersAndAnswersPassAFullSocket) {
  auto& database = open({.pipelined_timeout = 20s});
  std::map<std::string, int> counts;
  for (int n = 0; n < 40; ++n) {
    Params params{std::string(1'000'000, static_cast<char>('a' + n % 26))};
    spawn(count_outcome(
        database.execute("select length(repeat($1, 2)) || left($1, 1)", std::move(params)),
        counts));
  }
  for (int n = 0; n < 20; ++n)
    spawn(count_outcome(database.execute("select repeat('x', 2000000)", {}), counts));
  run();
  EXPECT_EQ(counts.size(), 27U);
  EXPECT_EQ(counts["ok:2000000a"], 2);
  EXPECT_EQ(counts["ok:" + std::string(2000000, 'x')], 20);
}

TEST_F(DatabaseTest, RefusesNulWithoutDisturbingOthers) {
  auto& database = open();
  Params bad{std::string("a\0b", 3)};
  spawn(expect(database.execute("select $1::text", std::move(bad)), "check-violation 22021"));
  Params good{"x"};
  spawn(expect(database.execute("select $1::text", std::move(good)), "ok:x"));
  run();
}

TEST_F(DatabaseTest, EveryUserOfABrokenStatementLearnsWhy) {
  auto& database = open();
  for (int n = 0; n < 20; ++n)
    spawn(expect(database.execute("select * from missing", {}), "database-error 42P01"));
  run();
  session_->script("create table missing (n int); insert into missing values (4)");
  run(expect(database.execute("select * from missing", {}), "ok:4"));
}

TEST_F(DatabaseTest, CatalogueChangesAreRetriedAndWritesHappenOnce) {
  session_->script("create table t (id int)");
  auto& database = open();
  Params params{"1"};
  run(expect(database.execute("insert into t (id) values ($1::int) returning *", params), "ok:1"));
  session_->script("alter table t add column extra text");
  for (int n = 2; n < 30; ++n) {
    Params next{std::to_string(n)};
    spawn(
        expect(database.execute("insert into t (id) values ($1::int) returning *", std::move(next)),
               "ok:" + std::to_string(n)));
  }
  run();
  EXPECT_EQ(one("select count(*) || ' ' || count(distinct id) from t"), "29 29");
}

TEST_F(DatabaseTest, DeallocatedStatementsAreFoundAgain) {
  auto& database = open();
  run(expect(database.execute("select 1 + 1", {}), "ok:2"));
  run(expect(database.execute("deallocate all", {}), "ok:"));
  spawn(expect(database.execute("select 1 + 1", {}), "ok:2"));
  spawn(expect(database.execute("select 1 + 1", {}), "ok:2"));
  run();
}

TEST_F(DatabaseTest, PreparedStatementsStayWithinTheirBound) {
  auto& database = open({.prepared_max = 5});
  std::vector<std::string> texts;
  for (int n = 0; n < 60; ++n) texts.push_back("select " + std::to_string(n % 20));
  for (int n = 0; n < 60; ++n)
    spawn(expect(database.execute(texts[static_cast<std::size_t>(n)], {}),
                 "ok:" + std::to_string(n % 20)));
  run();
  run(expect(database.execute("select count(*) <= 6 from pg_prepared_statements", {}), "ok:t"));
}

TEST_F(DatabaseTest, SlowStatementsEndAtTheTimeoutOfTheirLane) {
  auto& database = open({.pipelined_timeout = 100ms, .leased_timeout = 20s});
  spawn(expect(database.execute("select pg_sleep(20)", {}), "statement-timeout 57014"));
  spawn(expect(database.execute("select 1", {}), "ok:1"));
  run();
}

Task<void> hold_and_sleep(Database& database, bool& finished) {
  auto lease = co_await database.lease();
  Params params{"0.3"};
  co_await lease.execute("select pg_sleep($1::float8)", std::move(params));
  finished = true;
}

Task<void> point_reads(Database& database, bool const& neighbour_finished, int& reads) {
  for (; reads < 200; ++reads) {
    EXPECT_EQ(co_await outcome(database.execute("select 1", {})), "ok:1");
    EXPECT_FALSE(neighbour_finished);
  }
}

TEST_F(DatabaseTest, LeasedSlownessDoesNotDelayPipelinedReads) {
  auto& database = open();
  bool finished = false;
  int reads = 0;
  spawn(hold_and_sleep(database, finished));
  spawn(point_reads(database, finished, reads));
  run();
  EXPECT_TRUE(finished);
  EXPECT_EQ(reads, 200);
}

TEST_F(DatabaseTest, LeasedStatementsTimeOutAndTheLeaseStaysUsable) {
  auto& database = open({.leased_timeout = 100ms});
  auto work = [](Database& db) -> Task<void> {
    auto lease = co_await db.lease();
    EXPECT_EQ(co_await outcome(lease.execute("select pg_sleep(20)")), "statement-timeout 57014");
    EXPECT_EQ(co_await outcome(lease.execute("select 5")), "ok:5");
  };
  run(work(database));
}

Task<void> insert_and_forget(Database& database) {
  auto lease = co_await database.lease();
  co_await lease.begin();
  co_await lease.execute("insert into t values (1)");
}

Task<void> insert_and_commit(Database& database) {
  auto lease = co_await database.lease();
  co_await lease.begin("isolation level serializable");
  co_await lease.execute("insert into t values (2)");
  co_await lease.commit();
}

TEST_F(DatabaseTest, ADroppedLeaseRollsBackAndItsConnectionIsUsedAgain) {
  session_->script("create table t (id int)");
  auto& database = open({.leased_connections_max = 1});
  spawn(insert_and_forget(database));
  spawn(insert_and_commit(database));
  run();
  EXPECT_EQ(one("select string_agg(id::text, ',') from t"), "2");
  EXPECT_EQ(recorder_.leased, 1);
}

TEST_F(DatabaseTest, CommitOfAFailedTransactionIsAnError) {
  auto& database = open();
  auto work = [](Database& db) -> Task<void> {
    auto lease = co_await db.lease();
    co_await lease.begin();
    EXPECT_EQ(co_await outcome(lease.execute("select 1 / 0")), "check-violation 22012");
    bool refused = false;
    try {
      co_await lease.commit();
    } catch (Failure const&) {
      refused = true;
    }
    EXPECT_TRUE(refused);
    EXPECT_EQ(co_await outcome(lease.execute("select 1")), "ok:1");
  };
  run(work(database));
}

TEST_F(DatabaseTest, LeasedStatementsSurviveACatalogueChange) {
  session_->script("create table t (id int); insert into t values (1)");
  auto& database = open();
  auto read = [](Database& db) -> Task<void> {
    auto lease = co_await db.lease();
    EXPECT_EQ(co_await outcome(lease.execute("select * from t")), "ok:1");
  };
  run(read(database));
  session_->script("alter table t alter column id type bigint");
  run(read(database));
}

Task<void> lease_outcome(Database& database, std::map<std::string, int>& counts,
                         std::chrono::milliseconds hold) {
  try {
    auto lease = co_await database.lease();
    ++counts["leased"];
    Params params{std::to_string(static_cast<double>(hold.count()) / 1000)};
    co_await lease.execute("select pg_sleep($1::float8)", std::move(params));
  } catch (Failure const& failure) {
    ++counts[std::string(info(failure.error().code).name)];
  }
}

TEST_F(DatabaseTest, LeasesRunOutInOrderAndInTime) {
  auto& database = open({.leased_connections_max = 2, .lease_queue_max = 3, .lease_wait_max = 5s});
  std::map<std::string, int> counts;
  for (int n = 0; n < 10; ++n) spawn(lease_outcome(database, counts, 30ms));
  run();
  EXPECT_EQ(counts["leased"], 5);
  EXPECT_EQ(counts["connections-exhausted"], 5);
  EXPECT_EQ(recorder_.leased, 2);
}

TEST_F(DatabaseTest, WaitingForALeaseHasADeadline) {
  auto& database = open({.leased_connections_max = 1, .lease_wait_max = 50ms});
  std::map<std::string, int> counts;
  spawn(lease_outcome(database, counts, 600ms));
  spawn(lease_outcome(database, counts, 0ms));
  run();
  EXPECT_EQ(counts["leased"], 1);
  EXPECT_EQ(counts["connections-exhausted"], 1);
}

TEST_F(DatabaseTest, AFullQueueIsRefusedAtOnce) {
  auto& database = open({.pipelined_depth_max = 2, .pipelined_queue_max = 3});
  run(expect(database.execute("select 1", {}), "ok:1"));
  std::map<std::string, int> counts;
  for (int n = 0; n < 10; ++n)
    spawn(count_outcome(database.execute("select pg_sleep(0.01)", {}), counts));
  run();
  EXPECT_EQ(counts["ok:"], 5);
  EXPECT_EQ(counts["connections-exhausted"], 5);
}

TEST_F(DatabaseTest, AKilledBackendFailsWhatIsInFlightAndIsReplaced) {
  auto& database = open();
  run(expect(database.execute("select 1", {}), "ok:1"));
  std::map<std::string, int> counts;
  spawn(count_outcome(
      database.execute("select pg_terminate_backend(pg_backend_pid()), pg_sleep(5)", {}), counts));
  for (int n = 0; n < 5; ++n) spawn(count_outcome(database.execute("select 1", {}), counts));
  run();
  EXPECT_EQ(counts, (std::map<std::string, int>{{"database-unreachable", 6}}));
  // Waits for the next connection instead of failing.
  run(expect(database.execute("select 1", {}), "ok:1"));
  EXPECT_EQ(recorder_.lost, 1);
  EXPECT_EQ(recorder_.restored, 1);
}

TEST_F(DatabaseTest, AnIdleLeasedConnectionThatDiedIsNotLent) {
  auto& database = open({.leased_connections_max = 1});
  std::map<std::string, int> counts;
  run(lease_outcome(database, counts, 0ms));
  session_->execute(
      "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
      "where pid <> pg_backend_pid() and datname = current_database()");
  run(lease_outcome(database, counts, 0ms));
  EXPECT_EQ(counts, (std::map<std::string, int>{{"leased", 2}}));
}

TEST_F(DatabaseTest, IdleLeasedConnectionsClose) {
  auto& database = open({.leased_idle_max = 50ms});
  std::map<std::string, int> counts;
  run(lease_outcome(database, counts, 0ms));
  EXPECT_EQ(recorder_.leased, 1);
  auto const limit = std::chrono::steady_clock::now() + 10s;
  while (recorder_.leased > 0 && std::chrono::steady_clock::now() < limit) context_.run_one_for(1s);
  EXPECT_EQ(recorder_.leased, 0);
}

TEST_F(DatabaseTest, NoPlaceAtTheServerIsConnectionsExhausted) {
  auto const role = scratch_->unique_name() + "_few";
  session_->script("create role " + role + " login connection limit 0");
  auto target = scratch_->target();
  target.conninfo += " user=" + role;
  database_.emplace(context_, target, DatabaseOptions{.connect_timeout = 2s}, recorder_);
  std::map<std::string, int> counts;
  spawn(count_outcome(database_->execute("select 1", {}), counts));
  spawn(lease_outcome(*database_, counts, 0ms));
  run();
  EXPECT_EQ(counts, (std::map<std::string, int>{{"connections-exhausted", 2}}));
}

TEST_F(DatabaseTest, AnAbsentServerIsAFailureWithinTheDeadline) {
  database_.emplace(context_, Target{.conninfo = "host=/nowhere"},
                    DatabaseOptions{.connect_timeout = 200ms}, recorder_);
  std::map<std::string, int> counts;
  for (int n = 0; n < 3; ++n) spawn(count_outcome(database_->execute("select 1", {}), counts));
  spawn(lease_outcome(*database_, counts, 0ms));
  run();
  EXPECT_EQ(counts, (std::map<std::string, int>{{"database-unreachable", 4}}));
  EXPECT_FALSE(database_->connected());
  EXPECT_EQ(recorder_.lost, 1);
}

Task<void> give_up(Database& database, std::string sql) {
  auto const rows = co_await async::with_deadline(database.execute(sql, {}), 20ms);
  EXPECT_FALSE(rows.has_value());
}

Task<void> give_up_lease(Database& database) {
  auto work = [](Database& db) -> Task<void> {
    auto lease = co_await db.lease();
    co_await lease.execute("select pg_sleep(10)");
  };
  EXPECT_FALSE(co_await async::with_deadline(work(database), 50ms));
}

TEST_F(DatabaseTest, CallersMayGiveUp) {
  auto& database = open({.leased_connections_max = 1});
  run(expect(database.execute("select 1", {}), "ok:1"));
  spawn(give_up(database, "select pg_sleep(0.2)"));
  spawn(give_up(database, "select 2"));
  run();
  run(expect(database.execute("select 3", {}), "ok:3"));
  // The connection given up in the middle of a statement is closed, and its place is free again.
  spawn(give_up_lease(database));
  std::map<std::string, int> counts;
  spawn(lease_outcome(database, counts, 0ms));
  run();
  EXPECT_EQ(counts["leased"], 1);
}

TEST_F(DatabaseTest, CloseLetsWhatIsInFlightFinish) {
  auto& database = open();
  run(expect(database.execute("select 1", {}), "ok:1"));
  std::map<std::string, int> counts;
  spawn(count_outcome(database.execute("select 7 from pg_sleep(0.1)", {}), counts));
  spawn(lease_outcome(database, counts, 100ms));
  context_.restart();
  context_.poll();
  spawn(database.close(10s));
  context_.poll();
  spawn(count_outcome(database.execute("select 8", {}), counts));
  run();
  EXPECT_EQ(counts, (std::map<std::string, int>{{"ok:7", 1}, {"leased", 1}, {"shutting-down", 1}}));
  EXPECT_EQ(recorder_.pipelined, 0);
  EXPECT_EQ(recorder_.leased, 0);
}

TEST_F(DatabaseTest, CloseEndsWhatIsTooSlow) {
  auto& database = open({.pipelined_timeout = 30s});
  run(expect(database.execute("select 1", {}), "ok:1"));
  std::map<std::string, int> counts;
  spawn(count_outcome(database.execute("select pg_sleep(20)", {}), counts));
  spawn(lease_outcome(database, counts, 20s));
  context_.restart();
  context_.poll();
  spawn(database.close(100ms));
  auto const started = std::chrono::steady_clock::now();
  run();
  EXPECT_LT(std::chrono::steady_clock::now() - started, 5s);
  EXPECT_EQ(counts["database-unreachable"], 2);
}

TEST_F(DatabaseTest, TheEndOfADatabaseAnswersWhoWaits) {
  auto& database = open();
  std::map<std::string, int> counts;
  spawn(count_outcome(database.execute("select pg_sleep(20)", {}), counts));
  spawn(lease_outcome(database, counts, 20s));
  context_.restart();
  context_.poll();
  database_.reset();
  run();
  EXPECT_EQ(counts["database-unreachable"], 2);
}

TEST_F(DatabaseTest, TheEndOfTheLoopDestroysWhoWaits) {
  std::map<std::string, int> counts;
  async::asio::io_context context{1};
  Database database(context, scratch_->target(), {}, recorder_);
  auto slow = [](Database& db, std::map<std::string, int>& c) -> Task<void> {
    co_await count_outcome(db.execute("select pg_sleep(20)", {}), c);
  };
  async::asio::co_spawn(context, slow(database, counts), [](std::exception_ptr) {});
  while (!database.connected()) context.run_one();
  context.poll();
  EXPECT_EQ(recorder_.pipelined, 1);
}

}  // namespace
}  // namespace hansa::postgres
