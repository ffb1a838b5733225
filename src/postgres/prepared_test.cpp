// Names of prepared statements: found by text, least recent dropped, never used twice.
#include "postgres/prepared.h"

#include <gtest/gtest.h>

namespace hansa::postgres {
namespace {

TEST(PreparedStatements, AreFoundByText) {
  PreparedStatements prepared(3, 10);
  EXPECT_EQ(prepared.find("select 1"), "");
  EXPECT_EQ(prepared.add("select 1"), "h3_1");
  EXPECT_EQ(prepared.add("select 2"), "h3_2");
  EXPECT_EQ(prepared.find(std::string("select 1")), "h3_1");
  EXPECT_EQ(prepared.take_dropped(), "");
}

TEST(PreparedStatements, DropTheLeastRecent) {
  PreparedStatements prepared(1, 2);
  static_cast<void>(prepared.add("a"));
  static_cast<void>(prepared.add("b"));
  EXPECT_EQ(prepared.find("a"), "h1_1");
  static_cast<void>(prepared.add("c"));
  EXPECT_EQ(prepared.take_dropped(), "h1_2");
  EXPECT_EQ(prepared.take_dropped(), "");
  EXPECT_EQ(prepared.find("b"), "");
  EXPECT_EQ(prepared.find("a"), "h1_1");
  EXPECT_EQ(prepared.size(), 2U);
}

TEST(PreparedStatements, ForgetOnlyTheNameThatWasMeant) {
  PreparedStatements prepared(1, 2);
  static_cast<void>(prepared.add("a"));
  prepared.forget("a", "h1_9");
  EXPECT_EQ(prepared.find("a"), "h1_1");
  prepared.forget("a", "h1_1");
  EXPECT_EQ(prepared.find("a"), "");
  EXPECT_EQ(prepared.take_dropped(), "h1_1");
  EXPECT_EQ(prepared.add("a"), "h1_2");
}

}  // namespace
}  // namespace hansa::postgres
