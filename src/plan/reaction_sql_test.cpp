#include "plan/reaction_sql.h"

#include <gtest/gtest.h>

#include "plan/sql_words.h"

namespace hansa::plan {
namespace {

TEST(ReactionSql, ARelationIsAddedToAnyStatement) {
  auto const check = [](std::string_view statement, std::string_view expected) {
    EXPECT_EQ(with_relation(statement, "events", "select 1"), expected);
  };
  check("update t set a = 1", "with events as (select 1)\nupdate t set a = 1");
  check("with x as (select 2) insert into t select * from x",
        "with events as (select 1),\nx as (select 2) insert into t select * from x");
  check("WITH RECURSIVE x as (select 2) select 1",
        "with recursive events as (select 1),\nx as (select 2) select 1");
  check("-- why\n/* and /* how */ */ With/**/recursive x as (select 2) select 1",
        "with recursive events as (select 1),\nx as (select 2) select 1");
  check("within", "with events as (select 1)\nwithin");
  check("with recursively as (select 2) select 1",
        "with events as (select 1),\nrecursively as (select 2) select 1");
  check("with_x", "with events as (select 1)\nwith_x");
  check("", "with events as (select 1)\n");
}

TEST(ReactionSql, TablesAreMovedWhereTheirSchemaIsSaid) {
  auto const check = [](std::string_view sql, std::string_view expected) {
    EXPECT_EQ(with_tables_moved(sql, "orders", {"order", "line"}, "side"), expected) << sql;
  };
  auto const check_stays = [&check](std::string_view sql) { check(sql, sql); };
  check("insert into orders.line select * from events",
        R"(insert into "side"."line" select * from events)");
  check(R"(update ORDERS /* the */ . "order" o set a = orders.line.id)",
        R"(update "side"."order" o set a = "side"."line".id)");
  check(R"("orders"."line" "Orders".line orders.other line)",
        R"("side"."line" "Orders".line orders.other line)");
  check(R"('orders.line''orders.line' E'\'orders.line''\'' e'\\' orders.line)",
        R"('orders.line''orders.line' E'\'orders.line''\'' e'\\' "side"."line")");
  check_stays("1e5.orders.line");
  check_stays("x.orders.line, orders.order_id, my_orders.line, orders$.line");
  check_stays("$$orders.line$$ $a$ $$ orders.line $a$ $1 -- orders.line\n/* orders.line */ 1e5");
  for (auto const* const cut : {"'orders.line", "\"orders", "orders. ", "orders.",
                                "$x$ orders.line", "E'orders.line\\", "$", "/*", "orders./*"})
    check_stays(cut);
}

}  // namespace
}  // namespace hansa::plan
