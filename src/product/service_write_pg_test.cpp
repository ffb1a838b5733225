// Writing through the service against a real PostgreSQL.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "product/idempotency.h"
#include "product/shop_harness.h"

namespace hansa::product {
namespace {

using testing::header;
using testing::Shop;

constexpr char const* apple = R"({"name":"apple","price":1.50})";

void expect_refused(Result<Answer> const& answer, Code code, std::string_view says = "") {
  ASSERT_FALSE(answer) << answer->body;
  EXPECT_EQ(info(answer.error().code).name, info(code).name) << to_text(answer.error());
  EXPECT_NE(to_text(answer.error()).find(says), std::string::npos) << to_text(answer.error());
}

TEST(ServiceCreate, AnswersWithTheRow) {
  SKIP_WITHOUT_POSTGRES();
  Shop shop;
  auto const answer =
      shop.create(R"({"name":"apple","price":1.50,"created_at":"2026-01-01T00:00:00Z"})");
  ASSERT_TRUE(answer) << to_text(answer.error());
  EXPECT_EQ(answer->status, 201);
  EXPECT_EQ(header(*answer, "Location"), "/shop/v1/item/1");
  EXPECT_EQ(
      answer->body,
      R"({"id":1,"name":"apple","price":1.50,"stock":0,"sku":null,"active":null,"views":null,)"
      R"("details":null,"photo":null,"created_at":"2026-01-01T00:00:00Z"})");
  auto const got = shop.get("1");
  EXPECT_EQ(got->body, answer->body);
  EXPECT_EQ(header(*got, "ETag"), header(*answer, "ETag"));
}

TEST(ServiceCreate, HonoursReturn) {
  SKIP_WITHOUT_POSTGRES();
  Shop shop;
  auto const minimal = shop.create(apple, {.prefer = {"return=minimal"}});
  EXPECT_EQ(minimal->status, 201);
  EXPECT_EQ(minimal->body, "");
  EXPECT_EQ(header(*minimal, "Location"), "/shop/v1/item/1");
  EXPECT_EQ(header(*minimal, "Preference-Applied"), "return=minimal");
  auto const chosen = shop.create(apple, {.parameters = {{"select", "price,id"}}});
  EXPECT_EQ(chosen->body, R"({"price":1.50,"id":2})");
  EXPECT_EQ(header(*chosen, "ETag"), header(*shop.get("2"), "ETag"));
}

TEST(ServiceCreate, TakesManyRowsInOrderOrNone) {
  SKIP_WITHOUT_POSTGRES();
  Shop shop;
  auto const many = shop.create(
      R"([{"name":"a","price":1},)"
      R"({"name":"b\"\\,{}","price":2,"created_at":"2026-01-01T00:00:00Z"},)"
      R"({"name":"NULL","price":3,"details":{"k":"\"\\"}},{"name":"","price":4,"photo":"aGk="}])",
      {.parameters = {{"select", "name,details,photo"}}});
  ASSERT_TRUE(many) << to_text(many.error());
  EXPECT_EQ(many->body, R"([{"name":"a","details":null,"photo":null},)"
                        R"({"name":"b\"\\,{}","details":null,"photo":null},)"
                        R"({"name":"NULL","details":{"k": "\"\\"},"photo":null},)"
                        R"({"name":"","details":null,"photo":"aGk="}])");
  EXPECT_EQ(many->rows, 4U);
  EXPECT_EQ(header(*many, "Location"), "");
  expect_refused(
      shop.create(R"([{"name":"c","price":1,"sku":"s"},{"name":"d","price":1,"sku":"s"}])"),
      Code::unique_violation, "`sku`");
  EXPECT_EQ(shop.scalar("select count(*) from shop.item_store"), "4");
}

TEST(ServiceCreate, TakesAThousandRows) {
  SKIP_WITHOUT_POSTGRES();
  Shop shop;
  std::string body = "[";
  for (int i = 0; i < 1000; ++i) body += fmt::format(R"({{"name":"n{}","price":{}.25}},)", i, i);
  body.back() = ']';
  auto const answer = shop.create(body, {.prefer = {"return=minimal"}});
  ASSERT_TRUE(answer) << to_text(answer.error());
  EXPECT_EQ(answer->rows, 1000U);
  EXPECT_EQ(shop.scalar("select sum(price) from shop.item_store"), "499750.00");
  EXPECT_EQ(shop.scalar("select count(*) from shop.item_store where name = 'n' || (id - 1)"),
            "1000")
      << "identities follow the order of the body";
}

TEST(ServiceCreate, IsExact) {
  SKIP_WITHOUT_POSTGRES();
  Shop shop;
  auto const answer = shop.create(
      R"({"name":"x","price":99999999.99,"views":-9223372036854775808,"stock":2147483647})",
      {.parameters = {{"select", "price,views,stock"}}});
  ASSERT_TRUE(answer) << to_text(answer.error());
  EXPECT_EQ(answer->body,
            R"({"price":99999999.99,"views":-9223372036854775808,"stock":2147483647})");
  for (char const* const bad :
       {R"({"name":"x","price":1.005})", R"({"name":"x","price":100000000})",
        R"({"name":"x","price":1,"views":9223372036854775808})",
        R"({"name":"x","price":1,"details":{"a":["\u0000"]}})",
        R"({"name":"x","price":1,"stock":1.5})", R"({"name":"x","price":1e400})"})
    expect_refused(shop.create(bad), Code::invalid_body);
  EXPECT_EQ(shop.scalar("select count(*) from shop.item_store"), "1");
}

TEST(ServiceCreate, NamesWhatIsViolated) {
  SKIP_WITHOUT_POSTGRES();
  Shop shop;
  ASSERT_TRUE(shop.create(R"({"id":5,"name":"secret","price":1,"sku":"s-1"})"));
  auto const taken = shop.create(R"({"name":"y","price":1,"sku":"s-1"})");
  expect_refused(taken, Code::unique_violation, "`sku`");
  EXPECT_EQ(to_text(taken.error()).find("s-1"), std::string::npos) << "no data of other rows";
  EXPECT_EQ(taken.error().fields.front().path, "/sku");
  expect_refused(shop.create(R"({"id":5,"name":"y","price":1})"), Code::unique_violation, "`id`");
  expect_refused(shop.create(R"({"basket":"a","number":1,"item_id":99})", {}, 1),
                 Code::reference_violation, "`item_id`");
  ASSERT_TRUE(shop.create(R"({"basket":"a","number":1,"item_id":5})", {}, 1));
  expect_refused(shop.remove("5"), Code::reference_violation, "`line`");
  shop.session.script(
      "alter table shop.item_store drop constraint item_store_stock_range_check, "
      "add constraint item_store_stock_range_check check (stock > 100) not valid");
  expect_refused(shop.create(R"({"name":"y","price":1,"stock":7})"), Code::check_violation,
                 "`stock`");
  shop.session.script(
      "update shop.item_store set active = true, stock = 700; "
      "alter table shop.item_store alter column active set not null");
  expect_refused(shop.create(R"({"name":"y","price":1,"stock":700})"), Code::check_violation,
                 "`active`");
}

TEST(ServiceCreate, AdvancesIdentities) {
  SKIP_WITHOUT_POSTGRES();
  Shop shop;
  auto const id_of = [&](std::string const& body) {
    auto const answer = shop.create(body, {.parameters = {{"select", "id"}}});
    return answer ? answer->body : to_text(answer.error());
  };
  EXPECT_EQ(id_of(apple), R"({"id":1})");
  EXPECT_EQ(id_of(R"({"id":2,"name":"a","price":1})"), R"({"id":2})");
  EXPECT_EQ(id_of(apple), R"({"id":3})");
  EXPECT_EQ(id_of(R"({"id":700,"name":"a","price":1})"), R"({"id":700})");
  EXPECT_EQ(id_of(apple), R"({"id":701})");
  EXPECT_EQ(id_of(R"({"id":1000000,"name":"a","price":1})"), R"({"id":1000000})");
  EXPECT_EQ(id_of(apple), R"({"id":1000001})");
  EXPECT_EQ(id_of(R"([{"id":1000002,"name":"a","price":1},{"name":"b","price":1}])"),
            R"([{"id":1000002},{"id":1000003}])");
  EXPECT_EQ(id_of(R"({"id":50,"name":"a","price":1})"), R"({"id":50})");
  EXPECT_EQ(id_of(apple), R"({"id":1000004})");
  EXPECT_EQ(id_of(R"({"id":2147483647,"name":"a","price":1})"), R"({"id":2147483647})");
  EXPECT_EQ(id_of(apple), R"({"id":1000005})") << "one request cannot use up all that are left";
  EXPECT_EQ(id_of(R"({"id":-3,"name":"a","price":1})"), R"({"id":-3})");
}

TEST(ServiceIdempotency, ReplaysAndTellsConflicts) {
  SKIP_WITHOUT_POSTGRES();
  Shop shop;
  auto const first = shop.create(apple, {.idempotency_key = "k1"});
  ASSERT_TRUE(first) << to_text(first.error());
  auto const again = shop.create(apple, {.idempotency_key = "k1"});
  ASSERT_TRUE(again) << to_text(again.error());
  EXPECT_EQ(again->status, 201);
  EXPECT_EQ(again->body, first->body);
  EXPECT_EQ(header(*again, "Location"), header(*first, "Location"));
  EXPECT_EQ(header(*again, "ETag"), header(*first, "ETag"));
  EXPECT_EQ(header(*again, "Idempotency-Replayed"), "true");
  EXPECT_EQ(header(*first, "Idempotency-Replayed"), "");
  expect_refused(shop.create(R"({"name":"pear","price":1})", {.idempotency_key = "k1"}),
                 Code::idempotency_conflict);
  EXPECT_EQ(header(*shop.create(apple, {.idempotency_key = "k2"}), "Location"), "/shop/v1/item/2");
  for (std::string const& bad : {std::string(256, 'x'), std::string{"a\tb"}, std::string{"é"}})
    expect_refused(shop.create(apple, {.idempotency_key = bad}), Code::invalid_parameter);
}

TEST(ServiceIdempotency, KeepsNoErrors) {
  SKIP_WITHOUT_POSTGRES();
  Shop shop;
  std::string const body = R"({"name":"a","price":1,"sku":"s"})";
  ASSERT_TRUE(shop.create(body));
  expect_refused(shop.create(body, {.idempotency_key = "k"}), Code::unique_violation);
  shop.session.execute("delete from shop.item_store");
  EXPECT_TRUE(shop.create(body, {.idempotency_key = "k"}));
}

TEST(ServiceIdempotency, TwentyAtOnceMakeOneRow) {
  SKIP_WITHOUT_POSTGRES();
  Shop shop;
  for (int round = 0; round < 5; ++round) {
    std::vector<async::Task<Result<Answer>>> posts;
    for (int i = 0; i < 20; ++i)
      posts.push_back(shop.service.create(
          testing::served(shop.mesh),
          Shop::posting(apple, {.idempotency_key = fmt::format("race-{}", round)})));
    std::set<std::string> bodies;
    int fresh = 0;
    for (auto const& answer : shop.run_all(std::move(posts))) {
      ASSERT_TRUE(answer) << to_text(answer.error());
      bodies.insert(answer->body);
      fresh += header(*answer, "Idempotency-Replayed").empty() ? 1 : 0;
    }
    EXPECT_EQ(bodies.size(), 1U);
    EXPECT_EQ(fresh, 1);
    EXPECT_EQ(shop.scalar("select count(*) from shop.item_store"), std::to_string(round + 1));
  }
}

TEST(ServiceIdempotency, SaysWhenATwinRunsOn) {
  SKIP_WITHOUT_POSTGRES();
  Shop shop;
  shop.session.script(
      "begin; insert into hansa.idempotency_shop (key, fingerprint) values ('k', 'x')");
  expect_refused(shop.create(apple, {.idempotency_key = "k"}), Code::idempotency_in_progress);
  shop.session.script("rollback");
  EXPECT_TRUE(shop.create(apple, {.idempotency_key = "k"}));
}

TEST(ServiceIdempotency, Purges) {
  SKIP_WITHOUT_POSTGRES();
  Shop shop;
  ASSERT_TRUE(shop.create(apple, {.idempotency_key = "old"}));
  ASSERT_TRUE(shop.create(apple, {.idempotency_key = "new"}));
  shop.session.execute(
      "update hansa.idempotency_shop set created_at = now() - interval '25 hours' where key = "
      "'old'");
  EXPECT_EQ(shop.run(purge_idempotency(shop.database, DomainName{"shop"}, std::chrono::hours(24))),
            1U);
  EXPECT_EQ(shop.scalar("select string_agg(key, ',') from hansa.idempotency_shop"), "new");
}

TEST(ServicePatch, Merges) {
  SKIP_WITHOUT_POSTGRES();
  Shop shop;
  ASSERT_TRUE(shop.create(R"({"name":"a","price":1,"details":{"a":{"b":1,"c":2},"d":3}})"));
  auto const chosen = [](std::string columns) {
    return WriteRequest{.parameters = {{"select", std::move(columns)}}};
  };
  EXPECT_EQ(shop.patch("1", R"({"price":2.50,"stock":null})", chosen("price,stock"))->body,
            R"({"price":2.50,"stock":null})");
  EXPECT_EQ(shop.patch("1", R"({"details":{"a":{"b":null,"e":1.10}}})", chosen("details"))->body,
            R"({"details":{"a": {"c": 2, "e": 1.10}, "d": 3}})");
  EXPECT_EQ(shop.patch("1", R"({"details":null})", chosen("details"))->body, R"({"details":null})");
  EXPECT_EQ(shop.patch("1", R"({"details":{"x":null,"y":1}})", chosen("details"))->body,
            R"({"details":{"y": 1}})");
  auto const empty = shop.patch("1", "{}");
  EXPECT_EQ(empty->status, 200);
  EXPECT_EQ(empty->body, shop.get("1")->body);
  EXPECT_EQ(header(*empty, "ETag"), header(*shop.get("1"), "ETag"));
  auto const minimal = shop.patch("1", R"({"id":1,"stock":4})", {.prefer = {"return=minimal"}});
  EXPECT_EQ(minimal->status, 204);
  EXPECT_EQ(header(*minimal, "ETag"), header(*shop.get("1"), "ETag"));
  expect_refused(shop.patch("1", R"({"id":2})"), Code::invalid_body, "/id");
  expect_refused(shop.patch("1", R"({"name":null})"), Code::invalid_body, "/name");
  expect_refused(shop.patch("2", R"({"stock":1})"), Code::row_not_found);
  expect_refused(shop.patch("2", "{}"), Code::row_not_found);
  expect_refused(shop.patch("2", R"({"details":{}})"), Code::row_not_found);
  expect_refused(shop.patch("x", "{}"), Code::invalid_parameter);
  EXPECT_EQ(shop.scalar("select stock from shop.item_store"), "4");
}

TEST(ServicePatch, HonoursIfMatch) {
  SKIP_WITHOUT_POSTGRES();
  Shop shop;
  ASSERT_TRUE(shop.create(apple));
  auto const tag = header(*shop.get("1"), "ETag");
  auto const changed = shop.patch("1", R"({"stock":1})", {.if_match = tag});
  ASSERT_TRUE(changed) << to_text(changed.error());
  auto const new_tag = header(*changed, "ETag");
  EXPECT_EQ(new_tag, header(*shop.get("1"), "ETag"));
  EXPECT_NE(new_tag, tag);
  expect_refused(shop.patch("1", R"({"stock":2})", {.if_match = tag}), Code::precondition_failed);
  expect_refused(shop.patch("1", R"({"stock":2})", {.if_match = "W/" + new_tag}),
                 Code::precondition_failed);
  expect_refused(shop.patch("1", "{}", {.if_match = tag}), Code::precondition_failed);
  expect_refused(shop.remove("1", {.if_match = tag}), Code::precondition_failed);
  EXPECT_TRUE(shop.patch("1", R"({"stock":3})", {.if_match = "\"x\", " + new_tag}));
  EXPECT_TRUE(shop.patch("1", R"({"stock":4})", {.if_match = "*"}));
  EXPECT_EQ(shop.scalar("select stock from shop.item_store"), "4");
  expect_refused(shop.patch("2", "{}", {.if_match = "*"}), Code::row_not_found);
  EXPECT_TRUE(shop.remove("1", {.if_match = header(*shop.get("1"), "ETag")}));
  EXPECT_EQ(shop.scalar("select count(*) from shop.item_store"), "0");
}

// Of many who change what they have read, exactly one wins.
TEST(ServicePatch, IfMatchLosesNoUpdate) {
  SKIP_WITHOUT_POSTGRES();
  Shop shop;
  ASSERT_TRUE(shop.create(apple));
  auto const tag = header(*shop.get("1"), "ETag");
  std::vector<async::Task<Result<Answer>>> patches;
  for (int i = 1; i <= 10; ++i)
    patches.push_back(
        shop.service.patch(testing::served(shop.mesh), "1",
                           {.body = fmt::format(R"({{"stock":{}}})", i), .if_match = tag}));
  int won = 0;
  for (auto const& answer : shop.run_all(std::move(patches))) won += answer ? 1 : 0;
  EXPECT_EQ(won, 1);
}

TEST(ServiceRemove, RemovesOnce) {
  SKIP_WITHOUT_POSTGRES();
  Shop shop;
  ASSERT_TRUE(shop.create(apple));
  auto const removed = shop.remove("1");
  ASSERT_TRUE(removed) << to_text(removed.error());
  EXPECT_EQ(removed->status, 204);
  EXPECT_EQ(removed->body, "");
  expect_refused(shop.remove("1"), Code::row_not_found);
  ASSERT_TRUE(shop.create(R"({"basket":"a,b","number":1})", {}, 1));
  EXPECT_TRUE(shop.remove("a%2Cb,1", {}, 1));
}

TEST(ServiceRemove, RefusesDerivedTables) {
  SKIP_WITHOUT_POSTGRES();
  Shop shop;
  shop.mesh.domains.front().contracts.front().objects[1].kind = mesh::ObjectKind::view;
  expect_refused(shop.create("{}", {}, 1), Code::writes_not_allowed);
  expect_refused(shop.patch("a,1", "{}", {}, 1), Code::writes_not_allowed);
  expect_refused(shop.remove("a,1", {}, 1), Code::writes_not_allowed);
}

async::Task<int> place_among(async::Task<Result<Answer>> task, int& ended) {
  co_await std::move(task);
  co_return ended++;
}

TEST(ServicePatch, ALockedRowDelaysNobodyElse) {
  SKIP_WITHOUT_POSTGRES();
  Shop shop({.pipelined_timeout = std::chrono::seconds(5),
             .leased_timeout = std::chrono::milliseconds(400)});
  shop.create(R"([{"name":"a","price":1},{"name":"b","price":2}])");
  shop.session.script("begin; select * from shop.item_store where id = 1 for update");
  int ended = 0;
  mesh::Served const item = testing::served(shop.mesh, 0);
  std::vector<async::Task<int>> tasks;
  tasks.push_back(place_among(shop.service.patch(item, "1", {.body = R"({"stock":5})"}), ended));
  for (int reader = 0; reader < 3; ++reader)
    tasks.push_back(place_among(shop.service.get(item, "2", {}), ended));
  EXPECT_EQ(shop.run_all(std::move(tasks)).front(), 3) << "the readers were answered first";
  shop.session.script("rollback");
  EXPECT_TRUE(shop.patch("1", R"({"stock":5})"));
}

}  // namespace
}  // namespace hansa::product
