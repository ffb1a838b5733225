#include "product/query.h"

#include <gtest/gtest.h>

#include "product/shop_fixture.h"
#include "product/utf8.h"

namespace hansa::product {
namespace {

struct Asked {
  mesh::Mesh mesh = testing::make_shop();
  Table table{testing::served(mesh)};

  Result<ReadQuery> read(Parameters parameters, Format format = Format::json,
                         std::vector<std::string> prefer = {}) {
    return read_query(
        table, {.parameters = std::move(parameters), .prefer = std::move(prefer), .format = format},
        testing::settings());
  }
};

void check_filter(Parameters parameters, std::string_view expected) {
  Asked asked;
  auto const query = asked.read(parameters);
  ASSERT_TRUE(query) << to_text(query.error());
  EXPECT_EQ(to_text(asked.table, query->filters), expected);
}

void check_refused(Parameters parameters, Code code, std::string_view says = "") {
  Asked asked;
  auto const query = asked.read(parameters);
  ASSERT_FALSE(query) << parameters.front().first << "=" << parameters.front().second;
  EXPECT_EQ(info(query.error().code).name, info(code).name) << to_text(query.error());
  EXPECT_NE(to_text(query.error()).find(says), std::string::npos) << to_text(query.error());
}

TEST(Query, ReadsFilters) {
  check_filter({{"price", "gte.100"}}, "price.gte.3:100");
  check_filter({{"name", "eq.a.b,(c)\"d"}}, "name.eq.9:a.b,(c)\"d");
  check_filter({{"name", "not.like.A*"}}, "not.name.like.2:A%");
  check_filter({{"name", "ilike.*b*"}}, "name.ilike.3:%b%");
  check_filter({{"id", "in.(1,2,3)"}}, "id.in.1:1.1:2.1:3");
  check_filter({{"id", "in.()"}}, "id.in");
  check_filter({{"name", R"(in.(a,"b,c","d\"e"))"}}, "name.in.1:a.3:b,c.3:d\"e");
  check_filter({{"stock", "is.null"}}, "stock.is.null");
  check_filter({{"stock", "not.is.null"}}, "not.stock.is.null");
  check_filter({{"stock", "is.not_null"}}, "stock.is.not_null");
  check_filter({{"active", "is.unknown"}}, "active.is.unknown");
  check_filter({{"details", "is.null"}}, "details.is.null");
  check_filter({{"stock", "isdistinct.5"}}, "stock.isdistinct.1:5");
  check_filter({{"id", "gt.1"}, {"id", "lt.9"}}, "id.gt.1:1,id.lt.1:9");
}

TEST(Query, ReadsTrees) {
  check_filter({{"or", "(stock.eq.0,price.lt.5)"}}, "or(stock.eq.1:0,price.lt.1:5)");
  check_filter({{"not.and", "(stock.eq.0)"}}, "not.and(stock.eq.1:0)");
  check_filter({{"and", "(or(id.in.(1,2),name.is.null),not.or(id.eq.1,id.not.eq.2))"}},
               "and(or(id.in.1:1.1:2,name.is.null),not.or(id.eq.1:1,not.id.eq.1:2))");
  check_filter({{"or", "(name.eq.\"a,b\",name.like.\"x*)\")"}},
               "or(name.eq.3:a,b,name.like.3:x%))");
}

TEST(Query, RefusesFilters) {
  check_refused({{"prise", "eq.1"}}, Code::unknown_parameter, "did you mean `price`?");
  check_refused({{"limt", "1"}}, Code::unknown_parameter, "did you mean `limit`?");
  check_refused({{"price", "5"}}, Code::invalid_parameter, "operators here: eq, neq, gt");
  check_refused({{"price", "eq"}}, Code::invalid_parameter);
  check_refused({{"price", "between.1"}}, Code::invalid_parameter);
  check_refused({{"price", "eq.cheap"}}, Code::invalid_parameter, "numeric(10,2)");
  check_refused({{"id", "eq.2147483648"}}, Code::invalid_parameter, "integer");
  check_refused({{"id", "like.1*"}}, Code::invalid_parameter);
  check_refused({{"details", "eq.1"}}, Code::invalid_parameter);
  check_refused({{"photo", "gt.aGk="}}, Code::invalid_parameter);
  check_refused({{"stock", "is.true"}}, Code::invalid_parameter, "null, not_null");
  check_refused({{"name", "like.a\\"}}, Code::invalid_parameter, "backslash");
  check_refused({{"id", "in.1,2"}}, Code::invalid_parameter);
  check_refused({{"id", "in.(1,2"}}, Code::invalid_parameter);
  check_refused({{"id", "in.(1)2"}}, Code::invalid_parameter);
  check_refused({{"or", "stock.eq.0"}}, Code::invalid_parameter);
  check_refused({{"or", "()"}}, Code::invalid_parameter);
  check_refused({{"or", "(stock.eq.0"}}, Code::invalid_parameter);
  check_refused({{"or", "(stock.eq.0)x"}}, Code::invalid_parameter);
  check_refused({{"or", "(stok.eq.0)"}}, Code::unknown_column, "did you mean `stock`?");
  check_refused({{"or", "(name.eq.\"a)"}}, Code::invalid_parameter);
  check_refused({{"name", std::string("eq.a\0b", 6)}}, Code::invalid_parameter, "NUL");
  check_refused({{"name", "eq.\xff"}}, Code::invalid_parameter, "UTF-8");
}

TEST(Query, BoundsFilters) {
  check_refused({{"or", "(or(or(or(or(id.eq.1)))))"}}, Code::too_complex, "deeper than 4");
  check_refused({{"or", "(" + std::string(100'000, '(')}}, Code::invalid_parameter);
  Parameters many(21, {"id", "eq.1"});
  check_refused(many, Code::too_complex, "more than 20");
  std::string list = "in.(1";
  for (int i = 0; i < 200; ++i) list += ",1";
  check_refused({{"id", list + ")"}}, Code::too_complex, "more than 200");
  check_filter({{"or", "(or(or(or(id.eq.1))))"}}, "or(or(or(or(id.eq.1:1))))");
}

TEST(Query, ReadsSelect) {
  Asked asked;
  EXPECT_EQ(asked.read({})->select, asked.table.all);
  EXPECT_EQ(asked.read({{"select", "*"}})->select, asked.table.all);
  EXPECT_EQ(asked.read({{"select", "price,id"}})->select, (FieldList{2, 0}));
  check_refused({{"select", "x:price"}}, Code::invalid_parameter, "aliases");
  check_refused({{"select", "price,price"}}, Code::invalid_parameter, "twice");
  check_refused({{"select", ""}}, Code::unknown_column);
  check_refused({{"select", "prise"}}, Code::unknown_column, "did you mean `price`?");
  check_refused({{"select", "id"}, {"select", "id"}}, Code::invalid_parameter, "twice");
}

void check_order(std::string order, std::string_view expected) {
  Asked asked;
  auto const query = asked.read({{"order", order}});
  ASSERT_TRUE(query) << to_text(query.error());
  EXPECT_EQ(to_text(asked.table, query->order), expected);
}

TEST(Query, ReadsOrder) {
  check_order("price", "price:numeric(10,2) asc, id:integer asc");
  check_order("price.desc", "price:numeric(10,2) desc, id:integer desc");
  check_order("price.desc,id.asc", "price:numeric(10,2) desc, id:integer asc");
  check_order("id.desc", "id:integer desc");
  check_order("stock.nullsfirst", "stock:integer asc nulls first, id:integer asc");
  check_order("stock.desc.nullslast", "stock:integer desc nulls last, id:integer desc");
  check_order("stock.desc.nullsfirst", "stock:integer desc, id:integer desc");
  check_order("price.asc.nullsfirst", "price:numeric(10,2) asc, id:integer asc");
  check_refused({{"order", "name"}}, Code::order_not_indexed, "`id`, `price`, `stock`, `sku`");
  check_refused({{"order", "price.down"}}, Code::invalid_parameter, "down");
  check_refused({{"order", "price."}}, Code::invalid_parameter);
  check_refused({{"order", "price.desc.asc"}}, Code::invalid_parameter);
  check_refused({{"order", "price,price.desc"}}, Code::invalid_parameter, "twice");
  check_refused({{"order", ""}}, Code::unknown_column);
  check_refused({{"order", "nope.desc"}}, Code::unknown_column);
}

TEST(Query, OrdersOnAlongAnIndex) {
  mesh::Mesh const mesh = testing::make_shop();
  Table const table{testing::served(mesh, 1)};
  auto const read = [&](std::string order) {
    return read_query(table, {.parameters = {{"order", std::move(order)}}}, testing::settings());
  };
  EXPECT_TRUE(read("basket,number.desc"));
  EXPECT_EQ(read("number").error().code, Code::order_not_indexed);
}

TEST(Query, ReadsPaging) {
  Asked asked;
  EXPECT_EQ(asked.read({})->limit, 100U);
  EXPECT_EQ(asked.read({}, Format::ndjson)->limit, std::nullopt);
  EXPECT_EQ(asked.read({{"limit", "5000"}}, Format::ndjson)->limit, 5000U);
  EXPECT_EQ(asked.read({{"limit", "0"}})->limit, 0U);
  EXPECT_EQ(asked.read({{"offset", "7"}})->offset, 7U);
  EXPECT_EQ(asked.read({{"cursor", "x"}})->cursor, "x");
  EXPECT_EQ(asked.read({}, Format::json, {"return=minimal", "Count=\"exact\""})->count,
            Count::exact);
  EXPECT_EQ(asked.read({}, Format::json, {"count=wild"})->count, Count::none);
  check_refused({{"limit", "1001"}}, Code::invalid_parameter, "maximum of 1000");
  check_refused({{"limit", "99999999999999999999999"}}, Code::invalid_parameter, "maximum of 1000");
  for (char const* const bad : {"", "-1", "1.5", "ten", " 1", "+1", "0x1"})
    check_refused({{"limit", bad}}, Code::invalid_parameter, "whole number");
  check_refused({{"offset", "1000001"}}, Code::invalid_parameter, "1000000");
  check_refused({{"cursor", ""}}, Code::invalid_cursor);
  check_refused({{"cursor", "x"}, {"offset", "0"}}, Code::invalid_parameter, "exclude");
}

TEST(Query, TakesOnlySelectElsewhere) {
  Asked asked;
  EXPECT_EQ(*read_select_only(asked.table, {}), asked.table.all);
  EXPECT_EQ(*read_select_only(asked.table, {{"select", "id"}}), FieldList{0});
  auto const refused = read_select_only(asked.table, {{"limit", "1"}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::unknown_parameter);
}

TEST(Utf8, IsClean) {
  for (std::string_view const good : {"", "abc", "é", "€", "\xF0\x9F\x98\x80", "\xF4\x8F\xBF\xBF"})
    EXPECT_TRUE(is_clean_utf8(good)) << good;
  for (std::string_view const bad :
       {std::string_view("\0", 1), std::string_view("\x80"), std::string_view("\xC0\x80"),
        std::string_view("\xC3"), std::string_view("\xE0\x80\x80"),
        std::string_view("\xED\xA0\x80"), std::string_view("\xF4\x90\x80\x80"),
        std::string_view("\xF0\x80\x80\x80"), std::string_view("\xFF"),
        std::string_view("\xE2\x82")})
    EXPECT_FALSE(is_clean_utf8(bad));
}

}  // namespace
}  // namespace hansa::product
