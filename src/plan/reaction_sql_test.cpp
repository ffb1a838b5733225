#include "plan/reaction_sql.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace hansa::plan
