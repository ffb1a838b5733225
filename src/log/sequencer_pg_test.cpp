// The sequencer against a real server: what becomes of rows, whom it waits for, and that it may be
// cut off at any statement.
#include <gmock/gmock.h>

#include <thread>

#include "log/fetch.h"
#include "log/log_harness.h"
#include "log/schema_ids.h"
#include "log/sequencer.h"
#include "mesh/log_names.h"

namespace hansa::log {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class SequencerTest : public testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_POSTGRES();
    harness.emplace();
  }
  void write(std::string_view sql) { harness->session.script(sql); }
  std::uint64_t run(Sequencer& sequencer) { return harness->run(sequencer); }
  std::vector<std::string> keys(std::string const& topic) {
    std::vector<std::string> keys;
    for (auto const& record : harness->read(topic))
      keys.push_back(record.key + (record.value ? "" : "-"));
    return keys;
  }
  std::optional<LogHarness> harness;
};

TEST_F(SequencerTest, RowsBecomeRecordsOfEveryMajor) {
  Sequencer sequencer(harness->options());
  EXPECT_EQ(run(sequencer), 0U);
  write("set hansa.trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'");
  write("set hansa.actor = 'ada'");
  write("insert into shop.item values (1, 'ann', 7), (2, null, 8)");
  write("reset hansa.trace; reset hansa.actor");
  write("update shop.item set id = 3, n = 9 where id = 2");
  write("delete from shop.item where id = 1");
  EXPECT_EQ(run(sequencer), 5U);
  EXPECT_EQ(harness->one("select count(*) from hansa.pending_shop"), "0");
  EXPECT_THAT(keys("shop-item-v2"), ElementsAre("1", "2", "2-", "3", "1-"));
  EXPECT_THAT(keys("shop-item-v1"), testing::UnorderedElementsAre("1", "2", "2-", "3", "1-"));

  auto const records = harness->read("shop-item-v2");
  EXPECT_EQ(records[0].value, R"({"id":1,"owner":"ann"})");
  EXPECT_EQ(records[1].value, R"({"id":2,"owner":null})");
  auto headers = records[0].headers;
  EXPECT_THAT(headers["ce_time"], testing::MatchesRegex("20..-..-..T..:..:...*Z"));
  headers.erase("ce_time");
  EXPECT_THAT(
      headers,
      ElementsAre(
          std::pair("ce_id", "shop-1"), std::pair("ce_source", "/shop/catalog"),
          std::pair("ce_specversion", "1.0"), std::pair("ce_subject", "1"),
          std::pair("ce_type", "shop.item.v2"), std::pair("content-type", "application/json"),
          std::pair("hansa_actor", "ada"), std::pair("hansa_op", "create"),
          std::pair("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")));
  EXPECT_FALSE(records[2].headers.contains("content-type"));
  EXPECT_FALSE(records[2].headers.contains("traceparent"));
  EXPECT_EQ(records[3].headers.at("hansa_op"), "update");
  EXPECT_EQ(records[4].headers.at("hansa_op"), "delete");
  for (auto const& record : harness->read("shop-item-v1"))
    if (record.key == "3")
      EXPECT_EQ(harness->decode("shop-item-v1", *record.value), R"({"id":3,"owner":null,"n":9})");
  EXPECT_EQ(harness->heard.events, 5U);
  EXPECT_EQ(harness->heard.records, 10U);
}

// The interleaving that loses events for whoever asks for what is greater than the last.
TEST_F(SequencerTest, WaitsForWhoCommitsLate) {
  Sequencer sequencer(harness->options());
  auto late = harness->open();
  late.script("begin; insert into shop.item values (1, 'late')");
  write("insert into shop.item values (2, 'early')");
  auto const naive = [&](std::string const& last) {
    return harness->one("select coalesce(max(sid), 0) from hansa.naive where sid > " + last);
  };
  EXPECT_EQ(naive("0"), "2");
  auto const progress = sequencer.run_once();
  EXPECT_TRUE(progress.waiting);
  EXPECT_EQ(progress.events, 0U);
  late.script("commit");
  EXPECT_EQ(naive("2"), "0");  // lost: sid 1 is there and will never be asked for
  EXPECT_EQ(harness->one("select count(*) from hansa.naive"), "2");
  EXPECT_EQ(run(sequencer), 2U);
  EXPECT_THAT(keys("shop-item-v2"), ElementsAre("1", "2"));
}

TEST_F(SequencerTest, WaitsForPreparedTransactions) {
  Sequencer sequencer(harness->options());
  write("begin; insert into shop.item values (1, 'p'); prepare transaction 'p1'");
  write("begin; insert into shop.item values (2, 'p'); prepare transaction 'p2'");
  write("insert into shop.item values (3, 'x')");
  EXPECT_TRUE(sequencer.run_once().waiting);
  write("rollback prepared 'p2'");
  EXPECT_TRUE(sequencer.run_once().waiting);
  write("commit prepared 'p1'");
  EXPECT_EQ(run(sequencer), 2U);
  EXPECT_THAT(keys("shop-item-v2"), ElementsAre("1", "3"));
}

TEST_F(SequencerTest, WhatIsRolledBackIsNoEvent) {
  Sequencer sequencer(harness->options());
  write(
      "begin; insert into shop.item values (1, 'a'); savepoint s; "
      "insert into shop.item values (2, 'b'); rollback to s; "
      "insert into shop.item values (3, 'c'); commit");
  write("begin; savepoint s; insert into shop.item values (4, 'd'); rollback to s; commit");
  write("begin; insert into shop.item values (5, 'e'); rollback");
  EXPECT_EQ(run(sequencer), 2U);
  EXPECT_THAT(keys("shop-item-v2"), ElementsAre("1", "3"));
  EXPECT_FALSE(sequencer.run_once().more);
}

TEST_F(SequencerTest, StrangersDelayNothing) {
  Sequencer sequencer(harness->options());
  postgres::ScratchDatabase elsewhere;
  auto foreign = postgres::Session::open(elsewhere.target());
  foreign.script("create table t (id int); begin; insert into t values (1)");
  // The same lock in another database, a transaction here that appends nothing, and one of another
  // domain.
  foreign.execute("select pg_advisory_xact_lock_shared($1::int, $2::int)",
                  {std::to_string(mesh::log_lock_class),
                   std::to_string(mesh::log_lock_number(harness->mesh, DomainName("shop")))});
  auto idle = harness->open(), neighbour = harness->open();
  idle.script("create table public.t (id int); begin; insert into public.t values (1)");
  neighbour.script("begin; insert into other.thing values (1, 'x')");
  write("insert into shop.item values (1, 'a')");
  EXPECT_EQ(sequencer.run_once().events, 1U);
  neighbour.script("commit");
  EXPECT_EQ(run(sequencer), 1U);
}

TEST_F(SequencerTest, ALongBacklogComesInBatches) {
  write("insert into shop.item select i, repeat('x', 1000), i from generate_series(1, 1000) i");
  auto options = harness->options();
  options.limits = {.rows_max = 300, .bytes_max = 1 << 20};
  Sequencer by_rows(options);
  auto const first = by_rows.run_once();
  EXPECT_TRUE(first.more);
  EXPECT_EQ(first.events, 300U);
  EXPECT_EQ(run(by_rows), 700U);
  write("update shop.item set n = n + 1");
  EXPECT_EQ(run(by_rows), 1000U);
  auto const records = harness->read("shop-item-v2");
  ASSERT_EQ(records.size(), 2000U);
  for (std::size_t i = 0; i < 1000; ++i) EXPECT_EQ(records[i].key, std::to_string(i + 1));
}

TEST_F(SequencerTest, ABatchIsBoundedInBytesAndSegmentsTooButOneEventMayBeLarger) {
  write("insert into shop.item select i, repeat('x', 300000), i from generate_series(1, 10) i");
  auto options = harness->options();
  options.limits = {.rows_max = 1000, .bytes_max = 500'000};
  Sequencer sequencer(options);
  EXPECT_EQ(sequencer.run_once().events, 2U);
  EXPECT_EQ(run(sequencer), 8U);
  EXPECT_EQ(harness->one("select max(records) from hansa.segment"), "1");
  EXPECT_EQ(harness->read("shop-item-v1").size(), 10U);
}

TEST_F(SequencerTest, OneWorksAndTheOtherTakesOver) {
  Sequencer first(harness->options()), second(harness->options());
  write("insert into shop.item values (1, 'a')");
  EXPECT_EQ(run(first), 1U);
  write("insert into shop.item values (2, 'b')");
  EXPECT_FALSE(second.run_once().leading);
  write(kill_leader);
  EXPECT_EQ(run(second), 1U);
  write("insert into shop.item values (3, 'c')");
  EXPECT_THROW(first.run_once(), Failure);
  EXPECT_FALSE(first.run_once().leading);
  EXPECT_EQ(run(second), 1U);
  EXPECT_THAT(keys("shop-item-v2"), ElementsAre("1", "2", "3"));
  EXPECT_EQ(harness->heard.leases, 2U);
}

// At every statement of a run, again and again until all have been reached.
TEST_F(SequencerTest, MayBeCutOffAtAnyStatement) {
  auto const cut = [&](std::string const& step) {
    auto options = harness->options();
    bool armed = false;
    auto killer = harness->open();
    options.fail_point = [&](std::string_view at) {
      if (at != step || !std::exchange(armed, false)) return;
      killer.execute(kill_leader);
    };
    Sequencer sequencer(options);
    static_cast<void>(sequencer.run_once());  // nothing to do: connected
    armed = true;
    write("insert into shop.item (id, owner) select max(id) + 1, '" + step + "' from shop.item");
    write("update shop.item set n = n + 1 where id <= 2");
    for (int i = 0; i < 4 && armed; ++i) try {
        static_cast<void>(sequencer.run_once());
      } catch (Failure const&) {
      }
    EXPECT_FALSE(armed) << step << " was not reached";
    for (int i = 0; i < 3; ++i) try {
        static_cast<void>(run(sequencer));
      } catch (Failure const&) {  // noticed at the next statement only
      }
  };
  write("insert into shop.item values (1, 'a'), (2, 'b')");
  std::vector<std::string> const steps = {"look", "read", "write", "commit", "committed"};
  for (auto const& step : steps) cut(step);
  std::map<std::string, int> per_key;
  for (auto const& record : harness->read("shop-item-v1")) {
    auto const said = harness->decode("shop-item-v1", *record.value);
    auto& n = per_key[record.key];
    EXPECT_THAT(said, HasSubstr("\"n\":" + std::to_string(n) + "}"));  // each, once, in order
    ++n;
  }
  EXPECT_EQ(per_key.size(), 2 + steps.size());
  EXPECT_EQ(per_key["1"], static_cast<int>(steps.size()) + 1);
  EXPECT_EQ(harness->one("select count(*) from hansa.pending_shop"), "0");
}

TEST_F(SequencerTest, WhatCannotBeSequencedStopsItsDomainAlone) {
  Sequencer sequencer(harness->options());
  write("insert into shop.item values (1, 'a')");
  write(
      "insert into hansa.pending_shop (stream, op, key, \"row\", at) "
      "values ('item', 'c', '9', '{\"id\":\"nine\",\"n\":1}', now())");
  write("insert into shop.item values (2, 'b')");
  write("insert into other.thing values (1, 'a')");
  EXPECT_EQ(run(sequencer), 2U);
  EXPECT_THAT(keys("shop-item-v2"), ElementsAre("1"));
  EXPECT_THAT(keys("other-thing-v1"), ElementsAre("1"));
  ASSERT_EQ(harness->heard.stops.size(), 1U);
  EXPECT_THAT(harness->heard.stops[0], HasSubstr("event shop-2: field `id`"));
  write("insert into other.thing values (2, 'a')");
  EXPECT_EQ(run(sequencer), 1U);
}

TEST_F(SequencerTest, AnEventOfAnUnknownStreamIsKept) {
  write(
      "insert into hansa.pending_shop (stream, op, key, \"row\", at) "
      "values ('order', 'c', '9', '{}', now())");
  Sequencer sequencer(harness->options());
  EXPECT_EQ(run(sequencer), 0U);
  ASSERT_EQ(harness->heard.stops.size(), 1U);
  EXPECT_THAT(harness->heard.stops[0], HasSubstr("not-applied"));
  EXPECT_EQ(harness->one("select count(*) from hansa.pending_shop"), "1");
}

TEST_F(SequencerTest, AlarmsNameWhoKeepsTheLogWaiting) {
  auto options = harness->options();
  options.stall_alarm = std::chrono::milliseconds(0);
  Sequencer sequencer(options);
  auto late = harness->open();
  late.script("begin; insert into shop.item values (1, 'late')");
  write("begin; insert into shop.item values (2, 'p'); prepare transaction 'p'");
  static_cast<void>(sequencer.run_once());
  ASSERT_EQ(harness->heard.stalls.size(), 1U);
  EXPECT_THAT(harness->heard.stalls[0], HasSubstr("backend " + std::to_string(late.backend_pid())));
  EXPECT_THAT(harness->heard.stalls[0], HasSubstr("a prepared transaction"));
  write("rollback prepared 'p'");
}

TEST_F(SequencerTest, ADomainThatStoppedGoesOnOnceItIsMended) {
  auto options = harness->options();
  options.stop_retry = std::chrono::milliseconds(0);
  Sequencer sequencer(options);
  write("update hansa.topic set name = 'elsewhere' where name = 'shop-item-v1'");
  write(
      "delete from hansa.topic_partition where topic = "
      "(select id from hansa.topic where name = 'shop-item-v2')");
  write("insert into shop.item values (1, 'a')");
  EXPECT_EQ(run(sequencer), 0U);
  EXPECT_EQ(harness->heard.stops.size(), 1U);
  write("update hansa.topic set name = 'shop-item-v1' where name = 'elsewhere'");
  EXPECT_EQ(run(sequencer), 1U);
  EXPECT_EQ(harness->read("shop-item-v1").size(), 1U);
}

TEST_F(SequencerTest, WorksWithoutADomainThatWasNotApplied) {
  write("drop table hansa.pending_other cascade");
  Sequencer sequencer(harness->options());
  write("insert into shop.item values (1, 'a')");
  EXPECT_EQ(run(sequencer), 1U);
}

TEST_F(SequencerTest, AnEndThatSomebodyElseMovedIsNoticed) {
  Sequencer sequencer(harness->options());
  EXPECT_EQ(run(sequencer), 0U);
  write(
      "update hansa.topic_partition set next_offset = next_offset + 5, "
      "start_offset = start_offset + 5");
  write("insert into shop.item values (1, 'a')");
  EXPECT_THROW(sequencer.run_once(), Failure);
  EXPECT_EQ(run(sequencer), 1U);
  EXPECT_EQ(harness->one("select min(base_offset) from hansa.segment"), "5");
}

TEST_F(SequencerTest, RunsUntilStoppedAndWakesWhenPoked) {
  Sequencer sequencer(harness->options());
  std::jthread runner([&](std::stop_token stop) { sequencer.run(std::move(stop)); });
  for (int i = 1; i <= 20; ++i) {
    write("insert into shop.item values (" + std::to_string(i) + ", 'a')");
    sequencer.poke();
    while (harness->one("select count(*) from hansa.pending_shop") != "0")
      std::this_thread::yield();
  }
  runner.request_stop();
  runner.join();
  EXPECT_EQ(harness->read("shop-item-v2").size(), 20U);
  EXPECT_EQ(harness->heard.failures, 0U);
}

TEST_F(SequencerTest, OneSchemaHasOneIdWhoeverAsks) {
  std::vector<std::uint32_t> ids(160);
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < 8; ++t)
      threads.emplace_back([&, t] {
        auto session = harness->open();
        for (std::size_t i = 0; i < 20; ++i)
          ids[t * 20 + i] = schema_id(session, "s-value", "schema " + std::to_string(i % 10));
      });
  }
  for (std::size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(ids[i], ids[i % 10]);
  EXPECT_EQ(harness->one("select count(*) || ' ' || max(version) || ' ' || count(distinct id) "
                         "from hansa.event_schema where subject = 's-value'"),
            "10 10 10");
}

}  // namespace
}  // namespace hansa::log
