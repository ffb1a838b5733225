// The blocking session against a real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "postgres/scratch.h"
#include "postgres/session.h"

namespace hansa::postgres {
namespace {

using testing::HasSubstr;

class SessionTest : public testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_POSTGRES();
    scratch_.emplace();
    session_.emplace(Session::open(scratch_->target()));
  }
  std::string one(std::string_view sql, Params const& params = {}) {
    return std::string(session_->execute(sql, params).value(0, 0));
  }
  std::optional<ScratchDatabase> scratch_;
  std::optional<Session> session_;
};

template <class Work>
std::string sqlstate_of(Work const& work) {
  try {
    work();
  } catch (SqlError const& error) {
    return std::string(error.sqlstate());
  }
  return "no error";
}

TEST_F(SessionTest, SpeaksOneDialectWhateverTheServerPrefers) {
  session_->execute("alter database " + scratch_->unique_name() + " set timezone = 'Asia/Tokyo'");
  session_->execute("alter database " + scratch_->unique_name() + " set datestyle = 'German'");
  session_.emplace(Session::open(scratch_->target()));
  EXPECT_EQ(one("select timestamptz '2026-01-02 03:04:05+00'"), "2026-01-02 03:04:05+00");
  EXPECT_EQ(one("select interval '1 day 2 hours'"), "P1DT2H");
  EXPECT_EQ(one("select bytea '\\x01ff'"), "\\x01ff");
  EXPECT_EQ(one("select current_setting('application_name')"), "test");
  EXPECT_EQ(one("select current_setting('client_encoding')"), "UTF8");
}

TEST_F(SessionTest, BindsTextAndNull) {
  auto const rows =
      session_->execute("select $1::text, $2::int is null", {"l'été; --", std::nullopt});
  EXPECT_EQ(rows.value(0, 0), "l'été; --");
  EXPECT_EQ(rows.value(0, 1), "t");
  EXPECT_EQ(rows.columns(), 2U);
}

TEST_F(SessionTest, GivesBinaryWhereAsked) {
  auto const rows =
      session_->execute_binary("select $1::bytea, 258::int8, null::bytea, 'text'", {"\\x00ff0a"});
  EXPECT_EQ(rows.value(0, 0), std::string_view("\0\xff\n", 3));
  EXPECT_EQ(rows.value(0, 1), std::string_view("\0\0\0\0\0\0\1\2", 8));
  EXPECT_TRUE(rows.is_null(0, 2));
  EXPECT_EQ(rows.value(0, 3), "text");
  EXPECT_EQ(one("select bytea '\\x00'"), "\\x00");
}

TEST_F(SessionTest, ActsAsTheRoleGiven) {
  auto const role = scratch_->unique_name() + "_Odd \\role";
  session_->execute("create role " + quote_name(role));
  auto target = scratch_->target();
  target.role = role;
  session_.emplace(Session::open(target));
  EXPECT_EQ(one("select current_user"), role);
}

TEST_F(SessionTest, ReportsRefusalsAndStaysUsable) {
  session_->script(
      "create table t (id int primary key, n int check (n > 0)); insert into t values (1, 1)");
  EXPECT_EQ(sqlstate_of([&] { session_->execute("insert into t values (1, 2)"); }), "23505");
  EXPECT_EQ(sqlstate_of([&] { session_->execute("insert into t values (2, 0)"); }), "23514");
  EXPECT_EQ(sqlstate_of([&] { session_->execute("selekt"); }), "42601");
  EXPECT_EQ(session_->execute("insert into t values (3, 3), (4, 4)").affected(), 2U);
}

TEST_F(SessionTest, TransactionsRollBackWhenTheWorkThrows) {
  session_->script("create table t (id int)");
  EXPECT_THROW(session_->transaction([&] {
    session_->execute("insert into t values (1)");
    EXPECT_TRUE(session_->in_transaction());
    throw std::runtime_error("no");
  }),
               std::runtime_error);
  EXPECT_FALSE(session_->in_transaction());
  session_->transaction([&] { session_->execute("insert into t values (2)"); });
  EXPECT_EQ(one("select string_agg(id::text, ',') from t"), "2");
}

TEST_F(SessionTest, ATransactionThatSendsNothingIsNone) {
  session_->transaction([&] { EXPECT_TRUE(session_->in_transaction()); });
  EXPECT_FALSE(session_->in_transaction());
  EXPECT_THROW(session_->transaction([] { throw std::runtime_error("no"); }), std::runtime_error);
  EXPECT_FALSE(session_->in_transaction());
  session_->script("create table t (id int)");
  session_->transaction([&] { session_->script("insert into t values (1)"); });
  EXPECT_THROW(session_->transaction([&] {
    session_->script("insert into t values (2)");
    throw std::runtime_error("no");
  }),
               std::runtime_error);
  EXPECT_EQ(one("select string_agg(id::text, ',') from t"), "1");
}

TEST_F(SessionTest, RunsSeveralStatementsInOneRoundTrip) {
  session_->script("create table t (id int, data bytea)");
  auto const bytes = std::string("\0\xff'", 3);
  // Often enough for pg_ statements to be prepared on the way.
  for (int i = 1; i <= 8; ++i) {
    std::vector<Statement> const statements{
        {.sql = "insert into t values ($1::int, $2)",
         .params = {std::to_string(i)},
         .bytes = bytes},
        {.sql = "select count(*), pg_backend_pid() from t where data = $1", .bytes = bytes},
        {.sql = "delete from t where id < $1::int", .params = {std::to_string(i)}}};
    auto const rows = session_->execute_all(statements);
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[0].affected(), 1U);
    EXPECT_EQ(rows[1].value(0, 0), i == 1 ? "1" : "2");
    EXPECT_EQ(rows[2].affected(), i == 1 ? 0U : 1U);
  }
}

TEST_F(SessionTest, AFailureAmongSeveralUndoesThemAll) {
  session_->script("create table t (id int primary key)");
  std::vector<Statement> const statements{
      {.sql = "insert into t values (1)"},
      {.sql = "select 1 / (count(*) - 1) from t, pg_backend_pid()"},
      {.sql = "insert into t values (2)"}};
  for (int i = 0; i < 8; ++i) {
    try {
      session_->execute_all(statements);
      FAIL() << "accepted";
    } catch (SqlError const& error) {
      EXPECT_EQ(error.sqlstate(), "22012");
    }
    EXPECT_FALSE(session_->in_transaction());
  }
  EXPECT_THROW(session_->transaction([&] { session_->execute_all(statements); }), SqlError);
  EXPECT_EQ(one("select count(*) from t"), "0");
}

TEST_F(SessionTest, PreparesAnewWhatWasForgotten) {
  session_->script("create table t (id int)");
  std::vector<Statement> const statements{{.sql = "insert into t values (1)"},
                                          {.sql = "select pg_backend_pid()"}};
  for (int i = 0; i < 8; ++i) {
    if (i == 6) session_->script("deallocate all");
    EXPECT_EQ(session_->execute_all(statements).size(), 2U);
  }
  EXPECT_EQ(one("select count(*) from t"), "8");
}

TEST_F(SessionTest, CopiesRows) {
  session_->script("create table t (id int, name text)");
  session_->copy_begin("copy t from stdin");
  session_->copy_write("1\ta\n2\t");
  session_->copy_write(std::string(3 << 20, 'x') + "\n");
  EXPECT_EQ(session_->copy_end(), 2U);
  EXPECT_EQ(one("select sum(length(name)) from t"), std::to_string((3 << 20) + 1));
}

TEST_F(SessionTest, CopyNamesTheBadLineAndLeavesTheSessionUsable) {
  session_->script("create table t (id int)");
  session_->copy_begin("copy t from stdin");
  session_->copy_write("1\n2\nthree\n4\n");
  try {
    session_->copy_end();
    FAIL() << "accepted";
  } catch (SqlError const& error) {
    EXPECT_EQ(error.sqlstate(), "22P02");
    EXPECT_THAT(error.details().context, HasSubstr("COPY t, line 3, column id: \"three\""));
  }
  EXPECT_EQ(one("select count(*) from t"), "0");
}

TEST_F(SessionTest, CopyAbortedCopiesNothingAlsoInATransaction) {
  session_->script("create table t (id int)");
  session_->copy_begin("copy t from stdin");
  session_->copy_write("1\n");
  session_->copy_abort("changed my mind");
  EXPECT_THROW(session_->transaction([&] {
    session_->copy_begin("copy t from stdin");
    session_->copy_write("2\n");
    throw std::runtime_error("no");
  }),
               std::runtime_error);
  EXPECT_EQ(one("select count(*) from t"), "0");
  EXPECT_THROW(session_->copy_begin("select 1"), Failure);
  EXPECT_EQ(one("select 1"), "1");
}

TEST_F(SessionTest, CollectsNotices) {
  session_->script("do $$ begin raise warning 'careful'; raise notice 'fyi'; end $$");
  EXPECT_THAT(session_->take_notices(), testing::ElementsAre("WARNING: careful", "NOTICE: fyi"));
  EXPECT_THAT(session_->take_notices(), testing::IsEmpty());
}

TEST_F(SessionTest, LostConnectionIsAFailureNotASignal) {
  auto other = Session::open(scratch_->target());
  other.execute("select pg_terminate_backend($1::int, 5000)",
                {std::to_string(session_->backend_pid())});
  auto const code = [&] {
    try {
      session_->execute("select 1");
    } catch (Failure const& failure) {
      return failure.error().code;
    }
    return Code::internal;
  };
  EXPECT_EQ(code(), Code::database_unreachable);
  EXPECT_EQ(code(), Code::database_unreachable);
}

TEST_F(SessionTest, CancelStopsAStatementFromAnotherThread) {
  session_->execute("create table started ()");
  session_->script("begin; lock table started");
  auto waiting = Session::open(scratch_->target());
  std::thread canceller([&] {
    auto observer = Session::open(scratch_->target());
    auto const pid = std::to_string(waiting.backend_pid());
    while (observer.execute("select 1 from pg_locks where not granted and pid = $1::int", {pid})
               .size() == 0)
      std::this_thread::yield();
    waiting.cancel();
  });
  EXPECT_EQ(sqlstate_of([&] { waiting.execute("select * from started"); }), "57014");
  canceller.join();
}

TEST_F(SessionTest, OpeningExplainsWhatIsWrong) {
  auto const check = [](std::string const& conninfo, std::string const& role,
                        std::string_view hint) {
    try {
      static_cast<void>(
          Session::open({.conninfo = conninfo, .role = role}, std::chrono::seconds(2)));
      FAIL() << "opened " << conninfo;
    } catch (Failure const& failure) {
      EXPECT_EQ(failure.error().code, Code::database_unreachable);
      EXPECT_THAT(failure.error().hint, HasSubstr(std::string(hint))) << failure.what();
    }
  };
  check(scratch_->conninfo() + " dbname=missing_db", "", "create the database");
  check(scratch_->conninfo() + " user=missing_user", "", "user exists");
  check(scratch_->conninfo(), "missing_role", "role to act as does not exist");
  check("host=/nowhere port=5432", "", "is PostgreSQL running");
  check("host=127.0.0.1 port=1", "", "is PostgreSQL running there");
}

}  // namespace
}  // namespace hansa::postgres
