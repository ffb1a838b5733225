#include "product/cursor.h"

#include <gtest/gtest.h>

#include "crypto/digest.h"
#include "product/shop_fixture.h"

namespace hansa::product {
namespace {

struct Place {
  mesh::Mesh mesh = testing::make_shop();
  Table table{testing::served(mesh)};
  Settings settings = testing::settings();

  ReadQuery query(Parameters parameters) {
    auto query = read_query(table, {.parameters = std::move(parameters)}, settings);
    EXPECT_TRUE(query);
    return *query;
  }
  bool opens(std::string_view text, ReadQuery const& query) {
    auto const cursor = unseal(text, table, query, settings.cursor_key);
    if (!cursor) EXPECT_EQ(cursor.error().code, Code::invalid_cursor);
    return cursor.has_value();
  }
};

TEST(Cursor, RoundTrips) {
  Place place;
  auto const query = place.query({{"order", "stock.desc"}});
  for (Cursor const& cursor : {Cursor{0, {"5", "17"}}, Cursor{20, {std::nullopt, "1"}},
                               Cursor{1, {"", std::string(300, 'x')}},
                               Cursor{~std::uint64_t{0}, {std::string("\0\xff", 2), "é"}}}) {
    auto const text = seal(cursor, place.table, query, place.settings.cursor_key);
    auto const back = unseal(text, place.table, query, place.settings.cursor_key);
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, cursor);
  }
}

TEST(Cursor, RefusesEveryChangedByte) {
  Place place;
  auto const query = place.query({{"order", "price"}});
  auto const text = seal({40, {"19.99", "17"}}, place.table, query, place.settings.cursor_key);
  std::string bytes;
  ASSERT_TRUE(crypto::base64url_decode(text, bytes));
  for (std::size_t i = 0; i < bytes.size(); ++i)
    for (int const bit : {1, 2, 4, 8, 16, 32, 64, 128}) {
      std::string changed = bytes;
      changed[i] = static_cast<char>(changed[i] ^ bit);
      EXPECT_FALSE(place.opens(crypto::base64url(changed), query)) << "byte " << i;
    }
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_FALSE(place.opens(crypto::base64url(bytes.substr(0, length)), query)) << length;
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(place.opens(changed, query)) << "character " << i;
  }
  EXPECT_FALSE(place.opens(text + "A", query));
  EXPECT_FALSE(place.opens("not base64!", query));
  EXPECT_FALSE(place.opens(std::string(10'000, 'A'), query));
  EXPECT_TRUE(place.opens(text, query));
}

TEST(Cursor, IsBoundToItsQuestion) {
  Place place;
  Parameters const asked{{"order", "price"}, {"stock", "gt.0"}};
  auto const text =
      seal({1, {"1", "2"}}, place.table, place.query(asked), place.settings.cursor_key);
  EXPECT_TRUE(place.opens(text, place.query(asked)));
  EXPECT_TRUE(place.opens(
      text,
      place.query({{"order", "price"}, {"stock", "gt.0"}, {"limit", "3"}, {"select", "id"}})));
  for (Parameters const& other :
       {Parameters{{"order", "price.desc"}, {"stock", "gt.0"}}, Parameters{{"stock", "gt.0"}},
        Parameters{{"order", "stock"}, {"stock", "gt.0"}}, Parameters{{"order", "price"}},
        Parameters{{"order", "price"}, {"stock", "gt.1"}},
        Parameters{{"order", "price"}, {"stock", "gte.0"}},
        Parameters{{"order", "price"}, {"stock", "not.gt.0"}},
        Parameters{{"order", "price"}, {"stock", "gt.0"}, {"id", "gt.0"}}})
    EXPECT_FALSE(place.opens(text, place.query(other)));
  EXPECT_FALSE(unseal(text, place.table, place.query(asked), std::string(32, 'x')));
}

TEST(Cursor, IsBoundToItsTable) {
  Place place;
  mesh::Mesh other_mesh = testing::make_shop();
  other_mesh.domains.front().contracts.front().major = Major{2};
  Table const other{testing::served(other_mesh)};
  auto const query = place.query({});
  auto const text = seal({1, {"2"}}, place.table, query, place.settings.cursor_key);
  EXPECT_TRUE(unseal(text, place.table, query, place.settings.cursor_key));
  EXPECT_FALSE(unseal(text, other, query, place.settings.cursor_key));
}

// A value that holds the text of another filter must not pass for it.
TEST(Cursor, FiltersAreInjective) {
  Place place;
  auto const one = place.query({{"name", "eq.a,name.eq.1:b"}});
  auto const two = place.query({{"name", "eq.a"}, {"name", "eq.b"}});
  EXPECT_NE(to_text(place.table, one.filters), to_text(place.table, two.filters));
}

}  // namespace
}  // namespace hansa::product
