// Statements that share a Sync: answers and errors stay with their callers.
#include "postgres/database_harness.h"

namespace hansa::postgres {
namespace {

Task<void> read_many(Database& database, int first, int count, int& done) {
  for (int n = first; n < first + count; ++n) {
    Params params{std::to_string(n)};
    // A third with a text of their own, so that some prepare in a unit where another fails.
    auto const* const sql = n % 3 == 0   ? "select 100 / ($1::int % 7) as a"
                            : n % 3 == 1 ? "select 100 / ($1::int % 7) as b"
                                         : "select 100 / ($1::int % 7) as c";
    auto const text = co_await outcome(database.read(sql, std::move(params)));
    EXPECT_EQ(text, n % 7 == 0 ? "check-violation 22012" : "ok:" + std::to_string(100 / (n % 7)));
    ++done;
  }
}

TEST_F(DatabaseTest, ReadsThatShareAUnitGetTheirOwnAnswersAndErrors) {
  for (std::size_t const unit : {1U, 2U, 16U, 64U}) {
    auto& database = open(
        {.pipelined_depth_max = 50, .read_unit_max = unit, .prepared_max = unit == 2 ? 2U : 256U});
    int done = 0;
    for (int n = 0; n < 200; ++n) spawn(read_many(database, n * 10, 10, done));
    for (int n = 0; n < 100; ++n) spawn(many(database, n * 10, 10, done));
    run();
    EXPECT_EQ(done, 3000);
    database_.reset();
  }
}

// What fails at the commit is its own statement's error, not that of the unit before or behind.
TEST_F(DatabaseTest, AnErrorOfACommitStaysWithItsStatement) {
  session_->script(
      "create table parent (id int primary key);"
      "create table child (parent int references parent deferrable initially deferred)");
  auto& database = open();
  std::map<std::string, int> counts;
  for (int n = 0; n < 50; ++n) {
    spawn(expect(database.read("select 1", {}), "ok:1"));
    spawn(
        expect(database.execute("insert into child values (7)", {}), "reference-violation 23503"));
    spawn(expect(database.read("select 2", {}), "ok:2"));
  }
  run();
  EXPECT_EQ(one("select count(*) from child"), "0");
}

}  // namespace
}  // namespace hansa::postgres
