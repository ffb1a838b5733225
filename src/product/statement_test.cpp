#include "product/statement.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "product/shop_fixture.h"
#include "product/write_statement.h"

namespace hansa::product {
namespace {

std::string shown(postgres::Params const& params) {
  std::string text;
  for (auto const& param : params) text += fmt::format("[{}]", param ? *param : "NULL");
  return text;
}

struct Compiled {
  mesh::Mesh mesh = testing::make_shop();
  Table table{testing::served(mesh)};

  Result<ReadQuery> read(Parameters parameters, Format format = Format::json) {
    return read_query(table, {.parameters = std::move(parameters), .format = format},
                      testing::settings());
  }
};

void check(Parameters parameters, std::string_view sql, std::string_view params, Lane expected_lane,
           std::optional<Cursor> cursor = {}) {
  Compiled compiled;
  parameters.emplace_back("select", "id");
  auto const query = compiled.read(parameters);
  ASSERT_TRUE(query) << to_text(query.error());
  auto const statement = page_statement(compiled.table, *query, cursor);
  EXPECT_EQ(statement.sql, sql);
  EXPECT_EQ(shown(statement.params), params);
  EXPECT_EQ(lane(compiled.table, *query, cursor), expected_lane) << sql;
}

constexpr std::string_view head = R"(select "id" from "shop_v1"."item")";

TEST(Statement, Filters) {
  auto const filtered = [](Parameters parameters, std::string_view where, std::string_view params,
                           Lane expected_lane) {
    check(std::move(parameters), fmt::format("{}{}", head, where), params, expected_lane);
  };
  using enum Lane;
  filtered({}, R"( order by "id" limit 101)", "", pipelined);
  filtered({{"offset", "5"}}, R"( order by "id" limit 101 offset $1::bigint)", "[5]", pipelined);
  filtered({{"offset", "1001"}}, R"( order by "id" limit 101 offset $1::bigint)", "[1001]", leased);
  filtered({{"price", "eq.1.50"}}, R"( where "price" = $1::numeric order by "id" limit 101)",
           "[1.50]", pipelined);
  filtered({{"id", "in.(1,2)"}}, R"( where "id" = any($1::integer[]) order by "id" limit 101)",
           R"([{"1","2"}])", pipelined);
  filtered({{"id", "gt.1"}}, R"( where "id" > $1::integer order by "id" limit 101)", "[1]",
           pipelined);
  filtered({{"price", "gt.1"}}, R"( where "price" > $1::numeric order by "id" limit 101)", "[1]",
           leased);
  filtered({{"name", "eq.x"}}, R"( where "name" = $1::text order by "id" limit 101)", "[x]",
           leased);
  filtered({{"name", "not.ilike.*x"}},
           R"( where not ("name" ilike $1::text) order by "id" limit 101)", "[%x]", leased);
  filtered({{"active", "is.unknown"}}, R"( where "active" is unknown order by "id" limit 101)", "",
           leased);
  filtered({{"stock", "isdistinct.3"}},
           R"( where "stock" is distinct from $1::integer order by "id" limit 101)", "[3]", leased);
  filtered({{"or", "(id.eq.1,not.and(name.is.null,stock.neq.2))"}},
           R"( where ("id" = $1::integer or not (("name" is null and "stock" <> $2::integer))))"
           R"( order by "id" limit 101)",
           "[1][2]", leased);
}

TEST(Statement, Keysets) {
  auto const continued = [](std::string order, std::vector<std::optional<std::string>> values,
                            std::string_view tail, std::string_view params, Lane expected_lane,
                            std::string_view columns) {
    check({{"order", std::move(order)}},
          fmt::format(R"(select {} from "shop_v1"."item" where {})", columns, tail), params,
          expected_lane, Cursor{0, std::move(values)});
  };
  using enum Lane;
  continued("id.desc", {"7"}, R"(("id") < ($1::integer) order by "id" desc limit 101)", "[7]",
            pipelined, R"("id")");
  continued("price", {"1.00", "7"},
            R"(("price", "id") > ($1::numeric, $2::integer) order by "price", "id" limit 101)",
            "[1.00][7]", pipelined, R"("id", "price")");
  continued("price.desc,id.asc", {"1.00", "7"},
            R"("price" <= $1::numeric and ("price" < $1::numeric or ("price" = $1::numeric and )"
            R"(("id" > $2::integer))) order by "price" desc, "id" limit 101)",
            "[1.00][7]", leased, R"("id", "price")");
  continued("stock", {"3", "7"},
            R"(("stock" > $1::integer or "stock" is null or ("stock" = $1::integer and )"
            R"(("id" > $2::integer))) order by "stock", "id" limit 101)",
            "[3][7]", leased, R"("id", "stock")");
  continued("stock", {std::nullopt, "7"},
            R"((("stock" is null and ("id" > $1::integer))) order by "stock", "id" limit 101)",
            "[7]", leased, R"("id", "stock")");
  continued("stock.desc", {std::nullopt, "7"},
            R"(("stock" is not null or ("stock" is null and ("id" < $1::integer))) )"
            R"(order by "stock" desc, "id" desc limit 101)",
            "[7]", leased, R"("id", "stock")");
}

// The planner sees every limit up to that of a page, and its texts are few.
TEST(Statement, Limits) {
  auto const limited = [](std::string limit, std::string_view text, std::string_view params) {
    Compiled compiled;
    auto const query =
        compiled.read({{"select", "id"}, {"limit", std::move(limit)}}, Format::ndjson);
    auto const statement = page_statement(compiled.table, *query, {});
    EXPECT_EQ(statement.sql, text);
    EXPECT_EQ(shown(statement.params), params);
  };
  auto const ordered = fmt::format("{} order by \"id\"", head);
  limited("20", ordered + " limit 21", "");
  limited("1000", ordered + " limit 1001", "");
  auto const around = [&](std::string_view step) {
    return fmt::format("select \"id\" from ({} limit {}) page limit $1::bigint", ordered, step);
  };
  limited("0", around("2"), "[1]");
  limited("21", around("51"), "[22]");
  limited("999", around("1001"), "[1000]");
  limited("1001", ordered + " limit $1::bigint", "[1002]");
}

TEST(Statement, Counts) {
  Compiled compiled;
  auto const query = compiled.read({{"name", "eq.x"}, {"order", "price"}, {"limit", "3"}});
  EXPECT_EQ(count_statement(compiled.table, *query).sql,
            R"(select count(*) from "shop_v1"."item" where "name" = $1::text)");
  EXPECT_EQ(explain_statement(compiled.table, *query).sql,
            R"(explain (format json) select 1 from "shop_v1"."item" where "name" = $1::text)");
}

TEST(Statement, Writes) {
  Compiled compiled;
  Table const& table = compiled.table;
  NewRow const row{{1, 4}, {"a", std::nullopt}};
  auto const one = insert_one(table, row, {});
  EXPECT_EQ(one.sql,
            R"(insert into "shop"."item_store" ("name", "sku_code") values ($1::text, $2::text))"
            " returning " +
                table.returning);
  EXPECT_EQ(shown(one.params), "[a][NULL]");
  NewRow const other{{1, 4}, {"b\"\\,}", "NULL"}};
  std::vector<NewRow const*> const rows{&row, &other};
  auto const many = insert_many(table, rows, {});
  EXPECT_EQ(many.sql,
            R"(insert into "shop"."item_store" ("name", "sku_code") select given.c0, given.c1 )"
            R"(from unnest($1::text[], $2::text[], $3::integer[]) as given(c0, c1, n) )"
            R"(order by given.n returning )" +
                table.returning);
  EXPECT_EQ(shown(many.params), R"([{"a","b\"\\,}"}][{NULL,"NULL"}][{"0","1"}])");
  EXPECT_EQ(insert_one(table, {}, {}).sql,
            R"(insert into "shop"."item_store" default values returning )" + table.returning);
  auto const update = update_one(table, {4}, {"x"}, {"7"}, {});
  EXPECT_EQ(update.sql,
            R"(update "shop"."item_store" set "sku_code" = $1::text where "id" = $2::integer)"
            " returning " +
                table.returning);
  EXPECT_EQ(shown(update.params), "[x][7]");
}

TEST(Statement, TellsWhereAChangeComesFrom) {
  mesh::Mesh const mesh = testing::make_publishing_shop();
  Table const table{mesh, testing::served(mesh)};
  Origin const origin{.trace = "t", .actor = "a"};
  auto const told = [](int at) {
    return fmt::format(
        "(select left(set_config('hansa.trace', ${}::text, true) || "
        "set_config('hansa.actor', ${}::text, true), 0))",
        at, at + 1);
  };
  NewRow const row{{1}, {"n"}};
  auto const one = insert_one(table, row, origin);
  EXPECT_EQ(one.sql, R"(insert into "shop"."item_store" ("name") values ($1::text) returning )" +
                         table.returning + ", " + told(2));
  EXPECT_EQ(shown(one.params), "[n][t][a]");
  EXPECT_EQ(insert_one(table, {}, origin).sql,
            R"(insert into "shop"."item_store" default values returning )" + table.returning +
                ", " + told(1));
  std::vector<NewRow const*> const rows{&row, &row};
  auto const many = insert_many(table, rows, origin);
  EXPECT_TRUE(many.sql.ends_with(table.returning + ", " + told(3))) << many.sql;
  EXPECT_EQ(shown(many.params), R"([{"n","n"}][{"0","1"}][t][a])");
  auto const update = update_one(table, {4}, {"x"}, {"7"}, origin);
  EXPECT_TRUE(update.sql.ends_with(table.returning + ", " + told(3))) << update.sql;
  EXPECT_EQ(shown(update.params), "[x][7][t][a]");
  auto const gone = delete_one(table, {"7"}, origin);
  EXPECT_EQ(gone.sql,
            R"(delete from "shop"."item_store" where "id" = $1::integer returning )" + told(2));
  EXPECT_EQ(shown(gone.params), "[7][t][a]");

  Table const quiet{mesh, testing::served(mesh, 1)};
  EXPECT_EQ(delete_one(quiet, {"b", "1"}, origin).sql,
            R"(delete from "shop"."line" where "basket" = $1::text and "number" = $2::integer)");
}

TEST(Statement, BoundsWhoIsTold) {
  auto const told = [](std::string actor) {
    WriteRequest const request{.actor = std::move(actor)};
    return std::string{origin_of(request).actor};
  };
  EXPECT_EQ(told("zoë"), "zoë");
  EXPECT_EQ(told(std::string(300, 'a')), std::string(255, 'a'));
  EXPECT_EQ(told(std::string(254, 'a') + "ë" + std::string(50, 'b')), std::string(254, 'a'))
      << "no half of a character";
}

std::vector<std::string> nasty_values() {
  std::vector<std::string> values{"'; drop table item; --",
                                  "\" or 1=1 --",
                                  "$1",
                                  "$$x$$",
                                  "\\'; --",
                                  "1) or (1=1",
                                  "/* x */",
                                  "');select pg_sleep(9)--",
                                  "é\"é'",
                                  "{1,2}",
                                  "NULL",
                                  "%_\\\\%",
                                  "a\nb",
                                  "\t",
                                  "U&\"\\0041\"",
                                  "E'\\x41'"};
  for (int i = 0; values.size() < 200; ++i)
    values.push_back(fmt::format("canary{0}'\"\\\\;--/*{0}*/(),.$%{0}", i));
  return values;
}

// Whatever a client sends, the text of the statement is one of a few.
TEST(Statement, TextNeverHoldsValues) {
  Compiled compiled;
  std::set<std::string> texts;
  auto const compile = [&](Parameters parameters, std::string_view value) {
    auto const query = compiled.read(std::move(parameters));
    if (!query) return;
    auto const sql = page_statement(compiled.table, *query, {}).sql;
    texts.insert(sql);
    if (value.size() > 6) EXPECT_EQ(sql.find(value.substr(0, 7)), std::string::npos) << sql;
  };
  std::size_t accepted = 0;
  for (std::string const& value : nasty_values()) {
    for (char const* const op :
         {"eq", "neq", "gt", "gte", "lt", "lte", "like", "ilike", "isdistinct"}) {
      compile({{"name", fmt::format("{}.{}", op, value)}}, value);
      compile({{"name", fmt::format("not.{}.{}", op, value)}}, value);
      compile({{"price", fmt::format("{}.{}", op, value)}}, value);
      ++accepted;
    }
    std::string quoted;
    for (char const c : value)
      quoted += (c == '"' || c == '\\') ? std::string{'\\', c} : std::string{c};
    compile({{"name", "in.(\"" + quoted + "\")"}}, value);
    compile({{"or", "(name.eq.\"" + quoted + "\",name.is.null)"}}, value);
    compile({{"name", "is." + value}}, value);
    compile({{"order", value}}, value);
    compile({{"select", value}}, value);
    compile({{"limit", value}}, value);
    compile({{value, "eq.1"}}, value);
  }
  EXPECT_EQ(accepted, 1800U);
  EXPECT_LE(texts.size(), 20U);
  EXPECT_GE(texts.size(), 20U) << "nine operators, each negated, in and or";
}

}  // namespace
}  // namespace hansa::product
