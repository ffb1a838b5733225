#include "product/answer.h"

#include <gtest/gtest.h>

#include "product/key.h"
#include "product/link.h"
#include "product/page.h"
#include "product/shop_fixture.h"

namespace hansa::product {
namespace {

// Rows as PostgreSQL would send them; an empty optional is NULL.
postgres::Rows make_rows(std::vector<std::vector<postgres::Param>> const& values) {
  PGresult* result = PQmakeEmptyPGresult(nullptr, PGRES_TUPLES_OK);
  std::vector<PGresAttDesc> columns(values.empty() ? 0 : values.front().size());
  std::string name = "c";
  for (PGresAttDesc& description : columns) {
    description = {};
    description.name = name.data();
  }
  PQsetResultAttrs(result, static_cast<int>(columns.size()), columns.data());
  for (std::size_t r = 0; r < values.size(); ++r)
    for (std::size_t c = 0; c < values[r].size(); ++c) {
      std::string text = values[r][c].value_or("");
      PQsetvalue(result, static_cast<int>(r), static_cast<int>(c),
                 values[r][c] ? text.data() : nullptr,
                 values[r][c] ? static_cast<int>(text.size()) : -1);
    }
  return postgres::Rows{result};
}

struct Shop {
  mesh::Mesh mesh = testing::make_shop();
  Table item{testing::served(mesh)};
  Table line{testing::served(mesh, 1)};
};

TEST(Answer, WritesRowsExactly) {
  Shop shop;
  auto const rows =
      make_rows({{"7", "Crème \"x\"\n", "1299.90", std::nullopt, "", "t", "9223372036854775807",
                  R"({"a": 1.10})", "\\x6869", "2026-01-01 10:00:00.5+00"}});
  std::string text;
  append_row(shop.item, shop.item.all, rows, 0, text);
  EXPECT_EQ(text,
            R"({"id":7,"name":"Crème \"x\"\n","price":1299.90,"stock":null,"sku":"","active":true,)"
            R"("views":9223372036854775807,"details":{"a": 1.10},"photo":"aGk=",)"
            R"("created_at":"2026-01-01T10:00:00.5Z"})");
  text.clear();
  append_chosen(shop.item, {2, 0}, rows, 0, text);
  EXPECT_EQ(text, R"({"price":1299.90,"id":7})");
}

TEST(Answer, WritesPages) {
  Shop shop;
  auto const rows = make_rows({{"1", "10.00"}, {"2", "20.00"}, {"3", "30.00"}});
  EXPECT_EQ(json_page(shop.item, {0}, rows, 2), R"([{"id":1},{"id":2}])");
  EXPECT_EQ(json_page(shop.item, {0}, rows, 0), "[]");
}

TEST(Answer, MatchesTags) {
  auto const tag = entity_tag("body");
  EXPECT_EQ(tag.size(), 34U);
  EXPECT_NE(tag, entity_tag("Body"));
  for (std::string const& header : {tag, "W/" + tag, "\"x\", " + tag, "\"a,b\" ,W/" + tag,
                                    std::string{"*"}, std::string{" * "}})
    EXPECT_TRUE(matches_weakly(header, tag)) << header;
  for (std::string const& header : {std::string{}, std::string{"\"x\""}, tag.substr(1), "x," + tag,
                                    "\"" + tag, tag.substr(0, 33)})
    EXPECT_FALSE(matches_weakly(header, tag)) << header;
  EXPECT_TRUE(matches_strongly("\"x\"," + tag, tag));
  EXPECT_FALSE(matches_strongly("W/" + tag, tag));
}

TEST(Answer, NotModifiedHasNoBody) {
  auto const fresh = tagged_answer("{}", "");
  EXPECT_EQ(fresh.status, 200);
  EXPECT_EQ(fresh.body, "{}");
  auto const same = tagged_answer("{}", entity_tag("{}"));
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, "");
  EXPECT_EQ(same.headers, fresh.headers);
}

TEST(Answer, SaysWhereAPageStands) {
  EXPECT_EQ(content_range(0, 20, std::nullopt), "0-19/*");
  EXPECT_EQ(content_range(20, 1, 21), "20-20/21");
  EXPECT_EQ(content_range(0, 0, 0), "*/0");
}

TEST(Answer, LinksKeepTheQuestion) {
  ReadRequest const request{.parameters = {{"name", "eq.a b&c>d,\"é"},
                                           {"offset", "5"},
                                           {"cursor", "old"},
                                           {"limit", "2"}},
                            .path = "/shop/v1/item"};
  EXPECT_EQ(link_header(request, "new"),
            "</shop/v1/item?name=eq.a%20b%26c%3Ed,%22%C3%A9&limit=2&cursor=new>; rel=\"next\", "
            "</shop/v1/item?name=eq.a%20b%26c%3Ed,%22%C3%A9&limit=2>; rel=\"first\"");
}

TEST(Answer, PagesCarryTheNextCursor) {
  Shop shop;
  ReadRequest const request{
      .parameters = {{"select", "name"}, {"order", "price.desc"}, {"limit", "2"}}, .path = "/p"};
  auto const settings = testing::settings();
  auto const query = read_query(shop.item, request, settings);
  auto const rows = make_rows({{"a", "9", "1"}, {"b", "8", "2"}, {"c", "7", "3"}});
  auto const answer = page_answer(shop.item, *query, request, {}, rows, {}, settings.cursor_key);
  EXPECT_EQ(answer.body, R"([{"name":"a"},{"name":"b"}])");
  std::string const link = answer.headers[1].second;
  auto const start = link.find("cursor=") + 7;
  auto const cursor =
      unseal(link.substr(start, link.find('>') - start), shop.item, *query, settings.cursor_key);
  ASSERT_TRUE(cursor) << link;
  EXPECT_EQ(*cursor, (Cursor{2, {"8", "2"}}));
  auto const last = make_rows({{"a", "9", "1"}, {"b", "8", "2"}});
  auto const end = page_answer(shop.item, *query, request, {}, last, 2, settings.cursor_key);
  EXPECT_EQ(end.headers[1].second.find("next"), std::string::npos);
  EXPECT_EQ(end.headers[2].second, "0-1/2");
}

void check_key(std::string_view segment, postgres::Params const& expected, std::size_t object) {
  Shop shop;
  auto const key = read_key(object == 0 ? shop.item : shop.line, segment);
  ASSERT_TRUE(key) << to_text(key.error());
  EXPECT_EQ(*key, expected);
}

TEST(Key, IsRead) {
  check_key("17", {"17"}, 0);
  check_key("a,3", {"a", "3"}, 1);
  check_key("a%2Cb%25,3", {"a,b%", "3"}, 1);
  Shop shop;
  for (char const* const bad : {"x", "", "1,2", "2147483648", "1.5"})
    EXPECT_EQ(read_key(shop.item, bad).error().code, Code::invalid_parameter) << bad;
  for (char const* const bad : {"a", "a,b", "a,1,2"})
    EXPECT_EQ(read_key(shop.line, bad).error().code, Code::invalid_parameter) << bad;
}

TEST(Key, IsWritten) {
  Shop shop;
  auto const rows = make_rows({{"a,b%/é", "3", std::nullopt}});
  EXPECT_EQ(key_segment(shop.line, rows, 0), "a%252Cb%2525%2F%C3%A9,3");
}

}  // namespace
}  // namespace hansa::product
