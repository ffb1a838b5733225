// What a write tells of itself to triggers that make events of it, and who is told of the write.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "product/shop_harness.h"

namespace hansa::product {
namespace {

using testing::Shop;

// In the shape of capture: statement triggers with transition tables, which read the settings.
constexpr char const* recorder_sql = R"(
create table shop.seen (n bigint generated always as identity, text text);
create function shop.record() returns trigger language plpgsql as $$
begin
  insert into shop.seen (text)
  select concat_ws(' ', lower(tg_op), string_agg(name, '+' order by id),
    coalesce(nullif(current_setting('hansa.trace', true), ''), '-'),
    coalesce(nullif(current_setting('hansa.actor', true), ''), '-')) from changed;
  return null;
end $$;
create trigger a after insert on shop.item_store referencing new table as changed
  for each statement execute function shop.record();
create trigger b after update on shop.item_store referencing new table as changed
  for each statement execute function shop.record();
create trigger c after delete on shop.item_store referencing old table as changed
  for each statement execute function shop.record();
)";

class PublishingShop : public Shop {
 public:
  explicit PublishingShop(postgres::DatabaseOptions options = {},
                          mesh::Mesh mesh = testing::make_publishing_shop())
      : Shop(std::move(options), testing::settings(), std::move(mesh)) {
    session.script(recorder_sql);
    wrote = [this](DomainName const& domain) {
      EXPECT_EQ(domain.text(), "shop");
      ++told;
      // Another session sees what is committed, and nothing else.
      names_when_told = scalar("select string_agg(name, ' ' order by name) from shop.item_store");
    };
  }

  // What triggers saw since the last look, a line for each statement.
  std::string seen() {
    return scalar(
        "with gone as (delete from shop.seen returning n, text) "
        "select coalesce(string_agg(text, e'\n' order by n), '') from gone");
  }

  int told = 0;
  std::string names_when_told;
};

WriteRequest from(std::string trace, WriteRequest request = {}) {
  request.trace = std::move(trace);
  request.actor = "zoe";
  return request;
}

constexpr char const* setting =
    "select coalesce(current_setting('hansa.trace', true), '') || "
    "coalesce(current_setting('hansa.actor', true), '')";

TEST(ServiceEvents, TellsTriggersWhereEachWriteComesFrom) {
  SKIP_WITHOUT_POSTGRES();
  PublishingShop shop;
  auto const made = [&](std::string const& body, WriteRequest request) {
    auto const answer = shop.create(body, std::move(request));
    EXPECT_TRUE(answer) << to_text(answer.error());
    return shop.seen();
  };
  EXPECT_EQ(made(R"({"name":"a","price":1})", from("t1")), "insert a t1 zoe");
  EXPECT_EQ(made(R"({"name":"b","price":1})", from("t2", {.idempotency_key = "k"})),
            "insert b t2 zoe");
  EXPECT_EQ(made(R"({"name":"b","price":1})", from("t3", {.idempotency_key = "k"})), "")
      << "a replay changes nothing";
  EXPECT_EQ(made(R"({"id":9,"name":"c","price":1})", from("t4")), "insert c t4 zoe");
  EXPECT_EQ(
      made(R"([{"name":"d","price":1},{"name":"e","price":1,"created_at":"2026-01-01T00:00:00Z"},)"
           R"({"name":"f","price":1}])",
           from("t5")),
      "insert d+f t5 zoe\ninsert e t5 zoe");

  auto const changed = [&](Result<Answer> const& answer) {
    EXPECT_TRUE(answer) << to_text(answer.error());
    return shop.seen();
  };
  EXPECT_EQ(changed(shop.patch("1", R"({"stock":5})", from("t6"))), "update a t6 zoe");
  EXPECT_EQ(changed(shop.patch("1", R"({"stock":6})", from("t7", {.if_match = "*"}))),
            "update a t7 zoe");
  EXPECT_EQ(changed(shop.patch("1", R"({"details":{"a":1}})", from("t8"))), "update a t8 zoe");
  EXPECT_EQ(changed(shop.patch("1", "{}", from("t9"))), "");
  EXPECT_EQ(changed(shop.remove("1", from("t10"))), "delete a t10 zoe");
  EXPECT_EQ(changed(shop.remove("2", from("t11", {.if_match = "*"}))), "delete b t11 zoe");
}

// The shop has one pipelined connection and takes leased ones up again, so the next statement meets
// what the last has left.
TEST(ServiceEvents, LeavesNothingToTheNextRequest) {
  SKIP_WITHOUT_POSTGRES();
  PublishingShop shop;
  auto const alone = [&] { return shop.run(shop.database.read(setting, {})); };
  auto const leased = [&]() -> async::Task<postgres::Rows> {
    auto lease = co_await shop.database.lease();
    co_return co_await lease.execute(setting);
  };
  ASSERT_TRUE(shop.create(R"({"name":"a","price":1,"sku":"s"})", from("t1")));
  EXPECT_EQ(alone().value(0, 0), "");
  ASSERT_TRUE(shop.create(R"([{"name":"b","price":1}])", from("t2")));
  EXPECT_EQ(shop.run(leased()).value(0, 0), "");
  EXPECT_FALSE(shop.create(R"({"id":1,"name":"b","price":1})", from("t3")));
  EXPECT_FALSE(shop.create(R"({"name":"b","price":1,"sku":"s"})", from("t4")));
  EXPECT_EQ(alone().value(0, 0), "");
  EXPECT_EQ(shop.run(leased()).value(0, 0), "");
  shop.seen();
  ASSERT_TRUE(shop.create(R"({"name":"c","price":1})"));
  ASSERT_TRUE(shop.create(R"([{"name":"d","price":1}])"));
  EXPECT_EQ(shop.seen(), "insert c - -\ninsert d - -");
}

TEST(ServiceEvents, KeepsRequestsOfOneConnectionApart) {
  SKIP_WITHOUT_POSTGRES();
  PublishingShop shop;
  std::vector<async::Task<Result<Answer>>> posts;
  std::string expected;
  for (int i = 10; i < 60; ++i) {
    posts.push_back(shop.service.create(
        testing::served(shop.mesh), Shop::posting(fmt::format(R"({{"name":"n{}","price":1}})", i),
                                                  from(fmt::format("t{}", i)))));
    expected += fmt::format("{}insert n{} t{} zoe", i == 10 ? "" : "\n", i, i);
  }
  for (auto const& answer : shop.run_all(std::move(posts))) EXPECT_TRUE(answer);
  EXPECT_EQ(shop.seen(), expected);
  EXPECT_EQ(shop.told, 50);
}

TEST(ServiceEvents, TakesTheOriginAlongToALease) {
  SKIP_WITHOUT_POSTGRES();
  PublishingShop shop({.pipelined_lock_timeout = std::chrono::milliseconds(5)});
  ASSERT_TRUE(shop.create(R"({"name":"a","price":1})"));
  shop.seen();
  postgres::Session locker = postgres::Session::open(shop.scratch.target());
  locker.script("begin; select * from shop.item_store where id = 1 for update");
  bool ended = false;
  auto const release = [&]() -> async::Task<Result<Answer>> {
    // Until the writer waits for the lock on a connection of its own.
    auto const deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!ended && std::chrono::steady_clock::now() < deadline) {
      auto const rows = co_await shop.database.read(
          "select 1 from pg_stat_activity where wait_event_type = 'Lock' and "
          "query like 'update%' and now() - query_start > interval '50 ms'",
          {});
      if (rows.size() > 0) break;
    }
    locker.script("rollback");
    co_return Answer{};
  };
  auto const patch = [&]() -> async::Task<Result<Answer>> {
    auto answer = co_await shop.service.patch(testing::served(shop.mesh), "1",
                                              from("t1", {.body = R"({"stock":5})"}));
    ended = true;
    co_return answer;
  };
  std::vector<async::Task<Result<Answer>>> tasks;
  tasks.push_back(patch());
  tasks.push_back(release());
  auto const answers = shop.run_all(std::move(tasks));
  ASSERT_TRUE(answers.front()) << to_text(answers.front().error());
  EXPECT_EQ(shop.seen(), "update a t1 zoe");
}

TEST(ServiceEvents, SaysNothingOfTablesWithoutTopics) {
  SKIP_WITHOUT_POSTGRES();
  PublishingShop shop({}, testing::make_shop());
  ASSERT_TRUE(shop.create(R"({"name":"a","price":1})", from("t1")));
  ASSERT_TRUE(shop.create(R"([{"name":"b","price":1}])", from("t2")));
  ASSERT_TRUE(shop.remove("1", from("t3")));
  EXPECT_EQ(shop.seen(), "insert a - -\ninsert b - -\ndelete a - -");
  EXPECT_EQ(shop.told, 0);
}

TEST(ServiceEvents, TellsOfEachWriteOnceAndWhenItIsCommitted) {
  SKIP_WITHOUT_POSTGRES();
  PublishingShop shop;
  ASSERT_TRUE(shop.create(R"({"name":"a","price":1})"));
  EXPECT_EQ(shop.told, 1);
  EXPECT_EQ(shop.names_when_told, "a");
  ASSERT_TRUE(shop.create(R"([{"name":"b","price":1},{"name":"c","price":1,"stock":1}])"));
  EXPECT_EQ(shop.told, 2);
  EXPECT_EQ(shop.names_when_told, "a b c");
  ASSERT_TRUE(shop.create(R"({"name":"d","price":1})", {.idempotency_key = "k"}));
  EXPECT_EQ(shop.told, 3);
  ASSERT_TRUE(shop.create(R"({"name":"d","price":1})", {.idempotency_key = "k"}));
  EXPECT_FALSE(shop.create(R"({"id":1,"name":"d","price":1})"));
  EXPECT_FALSE(shop.create("{}"));
  EXPECT_FALSE(shop.patch("77", R"({"stock":1})"));
  EXPECT_FALSE(shop.remove("77"));
  ASSERT_TRUE(shop.patch("1", "{}"));
  ASSERT_TRUE(shop.patch("1", "{}", {.if_match = "*"}));
  ASSERT_TRUE(shop.create(R"({"basket":"x","number":1})", {}, 1));
  ASSERT_TRUE(shop.get("1"));
  EXPECT_EQ(shop.told, 3) << "what changed nothing, or feeds no topic, wakes nobody";
  ASSERT_TRUE(shop.patch("1", R"({"name":"A"})"));
  EXPECT_EQ(shop.told, 4);
  EXPECT_EQ(shop.names_when_told, "A b c d");
  ASSERT_TRUE(shop.patch("1", R"({"name":"a"})", {.if_match = "*"}));
  EXPECT_EQ(shop.told, 5);
  ASSERT_TRUE(shop.remove("1"));
  ASSERT_TRUE(shop.remove("2", {.if_match = "*"}));
  EXPECT_EQ(shop.told, 7);
  EXPECT_EQ(shop.names_when_told, "c d");
}

}  // namespace
}  // namespace hansa::product
