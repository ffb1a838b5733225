// Reading through the service against a real PostgreSQL.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "json/value.h"
#include "product/shop_harness.h"

namespace hansa::product {
namespace {

using testing::header;
using testing::Shop;

void fill(Shop& shop) {
  shop.session.execute(
      "insert into shop.item_store (name, price, stock, sku_code, created_at) select "
      "'n' || n, (n % 7) + 0.10, case when n % 3 = 0 then null else n % 5 end, 's' || n, "
      "'2026-01-01 00:00:00+00' from generate_series(1, 100) n");
}

std::vector<std::string> ids(std::string_view body) {
  auto const rows = json::parse(body);
  std::vector<std::string> list;
  for (json::Value const& row : *rows->as_array())
    list.push_back(row.find("id")->as_number()->digits);
  return list;
}

// Follows rel="next" to the end.
std::vector<std::string> walk(Shop& shop, Parameters const& parameters, std::size_t limit,
                              std::function<void(std::size_t page)> between = {}) {
  std::vector<std::string> seen;
  std::string cursor;
  for (std::size_t page = 0; page < 500; ++page) {
    Parameters asked = parameters;
    asked.emplace_back("limit", std::to_string(limit));
    if (!cursor.empty()) asked.emplace_back("cursor", cursor);
    auto const answer = shop.list(asked);
    if (!answer) {
      ADD_FAILURE() << to_text(answer.error());
      return seen;
    }
    for (std::string& id : ids(answer->body)) seen.push_back(std::move(id));
    cursor = testing::next_cursor(*answer);
    if (cursor.empty()) return seen;
    if (between) between(page);
  }
  ADD_FAILURE() << "the walk does not end";
  return seen;
}

std::vector<std::string> expected(Shop& shop, std::string_view tail) {
  auto const rows = shop.session.execute(fmt::format("select id from shop_v1.item {}", tail));
  std::vector<std::string> list;
  for (std::size_t row = 0; row < rows.size(); ++row) list.emplace_back(rows.value(row, 0));
  return list;
}

TEST(ServiceRead, WalksEveryOrder) {
  SKIP_WITHOUT_POSTGRES();
  Shop shop;
  fill(shop);
  struct Case {
    std::string order, sql;
  };
  for (Case const& example :
       {Case{"id", "id"},
        {"id.desc", "id desc"},
        {"price", "price, id"},
        {"price.desc", "price desc, id desc"},
        {"price.desc,id.asc", "price desc, id"},
        {"price,stock.desc", "price, stock desc, id desc"},
        {"stock", "stock, id"},
        {"stock.desc", "stock desc, id desc"},
        {"stock.nullsfirst", "stock nulls first, id"},
        {"stock.desc.nullslast", "stock desc nulls last, id desc"},
        {"stock.desc.nullslast,price,id.desc", "stock desc nulls last, price, id desc"}})
    for (std::size_t const limit : {1U, 7U, 100U})
      EXPECT_EQ(walk(shop, {{"order", example.order}}, limit),
                expected(shop, "order by " + example.sql))
          << example.order << " by " << limit;
}

TEST(ServiceRead, FiltersAsSqlDoes) {
  SKIP_WITHOUT_POSTGRES();
  Shop shop;
  fill(shop);
  struct Case {
    Parameters parameters;
    std::string sql;
  };
  for (Case const& example :
       {Case{{{"stock", "gte.3"}}, "stock >= 3"},
        {{{"stock", "neq.3"}}, "stock <> 3"},
        {{{"stock", "not.eq.3"}}, "not (stock = 3)"},
        {{{"stock", "isdistinct.3"}}, "stock is distinct from 3"},
        {{{"stock", "is.null"}}, "stock is null"},
        {{{"stock", "not.is.null"}}, "stock is not null"},
        {{{"name", "like.n*5"}}, "name like 'n%5'"},
        {{{"name", "ilike.N_"}}, "name ilike 'N_'"},
        {{{"id", "in.(1,5,500)"}}, "id in (1,5,500)"},
        {{{"id", "in.()"}}, "false"},
        {{{"sku", R"(in.("s1","s\"2",s3))"}}, "sku in ('s1','s\"2','s3')"},
        {{{"active", "is.unknown"}}, "active is unknown"},
        {{{"created_at", "gt.2025-12-31T23:59:59Z"}}, "created_at > '2025-12-31 23:59:59+00'"},
        {{{"price", "eq.1.1"}, {"id", "gt.50"}}, "price = 1.1 and id > 50"},
        {{{"or", "(id.lt.3,not.and(stock.eq.1,price.gt.2))"}},
         "id < 3 or not (stock = 1 and price > 2)"}})
    EXPECT_EQ(walk(shop, example.parameters, 9),
              expected(shop, "where " + example.sql + " order by id"))
        << example.sql;
}

// C3 scenario 6.2: whatever is there throughout is seen exactly once.
TEST(ServiceRead, WalksWhileRowsCome) {
  SKIP_WITHOUT_POSTGRES();
  for (char const* const order : {"price", "price.desc,id.asc", "stock.desc.nullslast", "stock"}) {
    Shop shop;
    fill(shop);
    auto const there = expected(shop, "");
    auto const seen = walk(shop, {{"order", order}}, 6, [&](std::size_t page) {
      shop.session.execute(
          fmt::format("insert into shop.item_store (name, price, stock) select 'new', n % 8, "
                      "case when n % 2 = 0 then n % 6 end from generate_series({0}, {0} + 9) n",
                      page));
    });
    std::map<std::string, int> count;
    for (std::string const& id : seen) ++count[id];
    for (std::string const& id : there) EXPECT_EQ(count[id], 1) << order << " " << id;
    for (auto const& [id, times] : count) EXPECT_EQ(times, 1) << order << " " << id;
    EXPECT_GT(seen.size(), there.size()) << "rows that came before the cursor's place are seen";
  }
}

TEST(ServiceRead, RefusesForeignCursors) {
  SKIP_WITHOUT_POSTGRES();
  Shop shop;
  fill(shop);
  auto const cursor = testing::next_cursor(*shop.list({{"limit", "5"}}));
  ASSERT_FALSE(cursor.empty());
  EXPECT_TRUE(shop.list({{"cursor", cursor}}));
  EXPECT_EQ(shop.list({{"cursor", cursor}, {"order", "price"}}).error().code, Code::invalid_cursor);
  EXPECT_EQ(shop.list({{"cursor", cursor}}, {}, 1).error().code, Code::invalid_cursor);
  EXPECT_EQ(shop.list({{"cursor", "A" + cursor}}).error().code, Code::invalid_cursor);
}

TEST(ServiceRead, PagesByOffsetAndSaysWhere) {
  SKIP_WITHOUT_POSTGRES();
  Shop shop;
  fill(shop);
  auto const answer = shop.list({{"limit", "10"}, {"offset", "95"}, {"select", "id"}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(header(*answer, "Content-Range"), "95-99/*");
  EXPECT_EQ(header(*answer, "Link"), "</shop/v1/item?limit=10&select=id>; rel=\"first\"");
  EXPECT_EQ(answer->body, R"([{"id":96},{"id":97},{"id":98},{"id":99},{"id":100}])");
  EXPECT_EQ(answer->rows, 5U);
  auto const none = shop.list({{"limit", "0"}});
  EXPECT_EQ(none->body, "[]");
  EXPECT_EQ(header(*none, "Content-Range"), "*/*");
  EXPECT_EQ(header(*shop.list({{"offset", "1000000"}}), "Content-Range"), "*/*");
  auto const first = shop.list({{"limit", "10"}});
  auto const second = shop.list({{"limit", "10"}, {"cursor", testing::next_cursor(*first)}});
  EXPECT_EQ(header(*second, "Content-Range"), "10-19/*");
}

TEST(ServiceRead, Counts) {
  SKIP_WITHOUT_POSTGRES();
  Shop shop;
  fill(shop);
  shop.session.execute("analyze shop.item_store");
  auto const counted = [&](std::string prefer, Parameters parameters) {
    parameters.emplace_back("limit", "2");
    auto const answer = shop.list(parameters, {.prefer = {prefer}});
    EXPECT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(header(*answer, "Preference-Applied"), prefer);
    return header(*answer, "Content-Range");
  };
  EXPECT_EQ(counted("count=exact", {}), "0-1/100");
  EXPECT_EQ(counted("count=exact", {{"stock", "is.null"}}), "0-1/33");
  EXPECT_EQ(counted("count=planned", {}), "0-1/100");
  EXPECT_EQ(counted("count=estimated", {}), "0-1/100");
  shop.session.execute(
      "insert into shop.item_store (name, price) select 'x', 1 from generate_series(1, 20000)");
  shop.session.execute("analyze shop.item_store");
  EXPECT_EQ(counted("count=estimated", {}), "0-1/20100");
}

TEST(ServiceRead, GetsOneRow) {
  SKIP_WITHOUT_POSTGRES();
  Shop shop;
  shop.session.execute(
      "insert into shop.item_store values (9, 'Crème \"brûlée\"', 1299.90, 3, 'a', true, "
      "9223372036854775807, '{\"a\": [1.10, null]}', '\\x6869', '2026-01-01 10:00:00.25+02')");
  auto const answer = shop.get("9");
  ASSERT_TRUE(answer) << to_text(answer.error());
  EXPECT_EQ(
      answer->body,
      R"({"id":9,"name":"Crème \"brûlée\"","price":1299.90,"stock":3,"sku":"a","active":true,)"
      R"("views":9223372036854775807,"details":{"a": [1.10, null]},"photo":"aGk=",)"
      R"("created_at":"2026-01-01T08:00:00.25Z"})");
  EXPECT_EQ(answer->content_type, "application/json");
  auto const tag = header(*answer, "ETag");
  EXPECT_EQ(shop.get("9", {.if_none_match = tag})->status, 304);
  EXPECT_EQ(shop.get("9", {.if_none_match = "\"other\", W/" + tag})->status, 304);
  EXPECT_EQ(shop.get("9", {.if_none_match = "\"other\""})->status, 200);
  EXPECT_EQ(shop.get("9", {.parameters = {{"select", "price,id"}}})->body,
            R"({"price":1299.90,"id":9})");
  EXPECT_EQ(shop.get("8").error().code, Code::row_not_found);
  EXPECT_EQ(shop.get("x").error().code, Code::invalid_parameter);
  EXPECT_EQ(shop.get("9", {.parameters = {{"limit", "1"}}}).error().code, Code::unknown_parameter);
}

TEST(ServiceRead, GetsByCompositeKey) {
  SKIP_WITHOUT_POSTGRES();
  Shop shop;
  shop.session.execute("insert into shop.line values ('a,b', 1, null), ('a', 2, null)");
  EXPECT_EQ(shop.get("a%2Cb,1", {}, 1)->body, R"({"basket":"a,b","number":1,"item_id":null})");
  EXPECT_EQ(shop.get("a,2", {}, 1)->body, R"({"basket":"a","number":2,"item_id":null})");
  EXPECT_EQ(shop.get("a", {}, 1).error().code, Code::invalid_parameter);
}

struct Streamed {
  std::size_t rows = 0, chunks = 0, largest = 0;
};

async::Task<Streamed> drain(Stream stream) {
  Streamed streamed;
  while (auto const chunk = co_await stream()) {
    ++streamed.chunks;
    streamed.largest = std::max(streamed.largest, chunk->size());
    streamed.rows += static_cast<std::size_t>(std::ranges::count(*chunk, '\n'));
  }
  co_return streamed;
}

TEST(ServiceRead, StreamsAnyNumberInBoundedMemory) {
  SKIP_WITHOUT_POSTGRES();
  Shop shop;
  shop.session.execute(
      "insert into shop.item_store (name, price, details) select 'x' || n, 1, "
      "jsonb_build_object('n', n) from generate_series(1, 50000) n");
  auto answer = shop.list({}, {.format = Format::ndjson});
  ASSERT_TRUE(answer) << to_text(answer.error());
  EXPECT_EQ(answer->content_type, "application/x-ndjson");
  auto const all = shop.run(drain(std::move(answer->stream)));
  EXPECT_EQ(all.rows, 50'000U);
  EXPECT_LT(all.largest, 300'000U);
  EXPECT_GE(all.chunks, 100U);
  auto some = shop.list({{"limit", "1234"}, {"name", "like.x*"}}, {.format = Format::ndjson});
  EXPECT_EQ(shop.run(drain(std::move(some->stream))).rows, 1234U);
  auto none = shop.list({{"id", "lt.0"}}, {.format = Format::ndjson});
  EXPECT_EQ(shop.run(drain(std::move(none->stream))).rows, 0U);
}

TEST(ServiceRead, StreamsWideRowsInSmallChunks) {
  SKIP_WITHOUT_POSTGRES();
  Shop shop;
  shop.session.execute(
      "insert into shop.item_store (name, price, details) select 'x', 1, "
      "jsonb_build_object('n', repeat('x', 20000)) from generate_series(1, 600) n");
  auto answer = shop.list({}, {.format = Format::ndjson});
  auto const all = shop.run(drain(std::move(answer->stream)));
  EXPECT_EQ(all.rows, 600U);
  EXPECT_LT(all.largest, 1'100'000U);
}

// A client that goes away leaves no transaction behind.
TEST(ServiceRead, AbandonedStreamsGiveTheirConnectionBack) {
  SKIP_WITHOUT_POSTGRES();
  Shop shop{{.leased_connections_max = 1}};
  shop.session.execute(
      "insert into shop.item_store (name, price) select 'x', 1 from generate_series(1, 5000) n");
  for (int i = 0; i < 5; ++i) {
    auto answer = shop.list({}, {.format = Format::ndjson});
    ASSERT_TRUE(answer) << to_text(answer.error());
    answer->stream = {};
  }
  EXPECT_TRUE(shop.list({{"name", "eq.x"}, {"limit", "1"}}));
}

TEST(ServiceRead, TurnsTimeoutsIntoAnswers) {
  SKIP_WITHOUT_POSTGRES();
  Shop shop{{.pipelined_timeout = std::chrono::milliseconds(300),
             .leased_timeout = std::chrono::milliseconds(300)}};
  shop.session.script(
      "create or replace view shop_v1.item as select id, name || pg_sleep(2)::text as name, price, "
      "stock, sku_code as sku, active, views, details, photo, created_at from shop.item_store; "
      "insert into shop.item_store (name, price) values ('x', 1)");
  auto const slow = shop.list({{"name", "eq.x"}});
  ASSERT_FALSE(slow);
  EXPECT_EQ(slow.error().code, Code::statement_timeout);
  EXPECT_NE(slow.error().hint.find("`price`"), std::string::npos);
}

TEST(ServiceRead, SaysWhenTheTableIsGone) {
  SKIP_WITHOUT_POSTGRES();
  Shop shop;
  shop.session.script("drop view shop_v1.item");
  auto const answer = shop.list({});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::contracts_changing);
  EXPECT_EQ(answer.error().detail.find("shop_v1"), std::string::npos) << answer.error().detail;
}

// Whatever arrives with it, a request gets its own row, its own absence or its own error.
TEST(ServiceRead, RowsReadTogetherStayApart) {
  SKIP_WITHOUT_POSTGRES();
  Shop shop;
  fill(shop);
  std::vector<std::string> keys;
  std::vector<async::Task<Result<Answer>>> asked;
  for (int n = 0; n < 300; ++n) {
    keys.push_back(std::to_string(n * 7 % 130));  // some twice, those over 100 are not there
    ReadRequest request;
    if (n % 5 == 0) request.parameters = {{"select", "name"}};
    asked.push_back(shop.service.get(testing::served(shop.mesh), keys.back(), std::move(request)));
  }
  auto const answers = shop.run_all(std::move(asked));
  for (std::size_t n = 0; n < keys.size(); ++n) {
    int const id = std::stoi(keys[n]);
    if (id == 0 || id > 100) {
      ASSERT_FALSE(answers[n]) << keys[n];
      EXPECT_EQ(answers[n].error().code, Code::row_not_found);
      continue;
    }
    ASSERT_TRUE(answers[n]) << keys[n];
    auto const row = json::parse(answers[n]->body);
    EXPECT_EQ(*row->find("name")->as_string(), "n" + keys[n]);
    EXPECT_EQ(row->find("id") != nullptr, n % 5 != 0);
  }
}

TEST(ServiceRead, RowsOfCompositeKeysAreReadTogether) {
  SKIP_WITHOUT_POSTGRES();
  Shop shop;
  shop.session.execute(
      "insert into shop.line (basket, number) "
      "select case when n % 2 = 0 then '{\"\\,}' || n else 'plain' || n end, n "
      "from generate_series(1, 40) n");
  std::vector<async::Task<Result<Answer>>> asked;
  for (int n = 1; n <= 40; ++n) {
    auto const basket = n % 2 == 0 ? fmt::format("{{\"\\%2C}}{}", n) : fmt::format("plain{}", n);
    asked.push_back(shop.service.get(testing::served(shop.mesh, 1),
                                     fmt::format("{},{}", basket, n % 5 == 0 ? 0 : n), {}));
  }
  auto const answers = shop.run_all(std::move(asked));
  for (int n = 1; n <= 40; ++n) {
    auto const& answer = answers[static_cast<std::size_t>(n - 1)];
    ASSERT_EQ(answer.has_value(), n % 5 != 0) << n;
    if (answer)
      EXPECT_EQ(json::parse(answer->body)->find("number")->as_number()->digits, std::to_string(n));
  }
}

}  // namespace
}  // namespace hansa::product
