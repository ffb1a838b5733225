#include "events/relation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hansa::events {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Row row(std::vector<std::string> const& cells) {
  Row out;
  for (auto const& cell : cells) out.emplace_back(cell);
  return out;
}

Relation stock(std::vector<std::vector<std::string>> const& rows) {
  Relation out{.name = "table product", .columns = {"id", "name", "stock"}, .rows = {}};
  for (auto const& cells : rows) out.rows.push_back(row(cells));
  return out;
}

PartialRow expected(std::vector<std::pair<std::size_t, std::string>> const& cells) {
  PartialRow out;
  for (auto const& [column, json] : cells) out.emplace_back(column, Cell(json));
  return out;
}

TEST(Cell, ComparesValuesAndNotHowTheyAreWritten) {
  EXPECT_EQ(Cell("10"), Cell("10.00"));
  EXPECT_EQ(Cell(R"({"a":1,"b":[2.0]})"), Cell(R"({"b": [2], "a": 1})"));
  EXPECT_NE(Cell("10"), Cell("\"10\""));
  EXPECT_NE(Cell("[1,2]"), Cell("[2,1]"));
  EXPECT_EQ(Cell(), Cell("null"));
  types::Type const moment{.kind = types::Kind::timestamptz};
  EXPECT_EQ(Cell::of("2026-01-01 10:00:00+00", moment).json(), R"("2026-01-01T10:00:00Z")");
  EXPECT_EQ(Cell::of(std::nullopt, moment).json(), "null");
}

TEST(Relation, MeetsWhatIsWrittenOfItsRowsInAnyOrder) {
  auto const found = stock({{"1", "\"Desk\"", "45"}, {"2", "\"Lamp\"", "3"}});
  EXPECT_FALSE(compare(found, {expected({{2, "3"}}), expected({{0, "1"}, {2, "45"}})}));
  EXPECT_FALSE(compare(stock({}), std::vector<PartialRow>{}));
  auto const difference = compare(found, {expected({{0, "1"}, {2, "48"}}), expected({{0, "2"}})});
  ASSERT_TRUE(difference);
  EXPECT_EQ(difference->relation, "table product");
  EXPECT_THAT(difference->missing, ElementsAre(R"({"id": 1, "stock": 48})"));
  EXPECT_THAT(difference->unexpected, ElementsAre(R"({"id": 1, "stock": 45})"));
}

TEST(Relation, IsABag) {
  auto const twice = stock({{"1", "null", "1"}, {"1", "null", "1"}});
  EXPECT_FALSE(compare(twice, {expected({{0, "1"}}), expected({{0, "1"}})}));
  auto const less = compare(twice, {expected({{0, "1"}})});
  ASSERT_TRUE(less);
  EXPECT_THAT(less->missing, IsEmpty());
  EXPECT_THAT(less->unexpected, ElementsAre(R"({"id": 1})"));
  auto const none = compare(twice, std::vector<PartialRow>{});
  ASSERT_TRUE(none);
  EXPECT_EQ(none->unexpected.front(), R"({"id": 1, "name": null, "stock": 1})");
  EXPECT_TRUE(compare(twice, stock({{"1", "null", "1"}}), {}));
}

// The first expectation fits both rows, the second only the row the first took.
TEST(Relation, GivesAnExpectationAnotherRowWhereItMust) {
  auto const found = stock({{"1", "null", "5"}, {"2", "null", "5"}});
  EXPECT_FALSE(compare(found, {expected({{2, "5"}}), expected({{0, "1"}})}));
  EXPECT_FALSE(compare(found, {expected({{0, "2"}}), expected({{2, "5"}})}));
  EXPECT_TRUE(compare(found, {expected({{0, "1"}}), expected({{0, "1"}})}));
}

TEST(Relation, DiffersFromAnotherByWholeRows) {
  auto const a = stock({{"1", "null", "45"}, {"2", "null", "1"}});
  auto const b = stock({{"2", "null", "1"}, {"1", "null", "48"}});
  auto const difference = compare(a, b, {1});
  ASSERT_TRUE(difference);
  EXPECT_THAT(difference->missing, ElementsAre(R"({"id": 1, "name": null, "stock": 45})"));
  EXPECT_THAT(difference->unexpected, ElementsAre(R"({"id": 1, "name": null, "stock": 48})"));
  EXPECT_FALSE(compare(a, b, {2}));
  EXPECT_THAT(unsteady_columns(a, b), ElementsAre(2U));
  EXPECT_THAT(unsteady_columns(a, a), IsEmpty());
}

}  // namespace
}  // namespace hansa::events
