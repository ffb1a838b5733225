// The type system against PostgreSQL itself: what from_json takes is stored and answered exactly,
// what it refuses is refused by the CHECK constraints too.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "postgres/scratch.h"
#include "types/edge_cases.h"

namespace hansa::types {
namespace {

std::string create_table(EdgeCase const& edge) {
  std::string sql = "create table edge (\"va\"\"l\" " + postgres_type(edge.type);
  for (auto const& check : checks("va\"l", edge.type, edge.rules))
    sql += ", constraint \"" + check.name + "\" check (" + check.expression + ")";
  return sql + ")";
}

// "" when it was inserted, else the SQLSTATE.
std::string insert(postgres::Session& session, std::string const& value) {
  try {
    session.execute("insert into edge values ($1)", {value});
    return "";
  } catch (postgres::SqlError const& error) {
    return std::string(error.sqlstate());
  }
}

void check_taken(postgres::Session& session, EdgeCase const& edge, std::string_view sent,
                 std::string_view answered) {
  auto const value = json::parse(sent);
  ASSERT_TRUE(value) << sent;
  auto const text = from_json(*value, edge.type, edge.rules);
  ASSERT_TRUE(text) << sent << ": " << text.error().detail;
  session.execute("delete from edge");
  EXPECT_EQ(insert(session, **text), "") << sent << " as " << **text;
  auto const rows = session.execute("select * from edge");
  ASSERT_EQ(rows.size(), 1U);
  std::string out;
  write_json(rows.value(0, 0), edge.type, out);
  EXPECT_EQ(out, answered.empty() ? sent : answered);
  auto const again = from_text(rows.value(0, 0), edge.type, &edge.rules);
  EXPECT_TRUE(again) << rows.value(0, 0) << " is PostgreSQL's own text of " << sent;
}

// A value that only the rules refuse has to fail a CHECK, unless it is said that none enforces it.
void check_refused(postgres::Session& session, EdgeCase const& edge, std::string_view sent) {
  auto const value = json::parse(sent);
  ASSERT_TRUE(value) << sent;
  EXPECT_FALSE(from_json(*value, edge.type, edge.rules)) << sent;
  auto loose = edge.type;
  loose.shape = JsonShape::any;
  auto const text = from_json(*value, loose, {});
  if (!text || !not_enforced_by_database(edge.type, edge.rules).empty()) return;
  EXPECT_EQ(insert(session, **text), "23514") << sent;
}

TEST(TypesOnPostgres, AgreeOnEveryEdge) {
  SKIP_WITHOUT_POSTGRES();
  postgres::ScratchDatabase const database;
  auto session = postgres::Session::open(database.target());
  for (auto const& edge : edge_cases()) {
    SCOPED_TRACE(edge.name);
    session.execute(create_table(edge));
    EXPECT_EQ(from_postgres_type(session
                                     .execute("select format_type(atttypid, atttypmod) from "
                                              "pg_attribute where attrelid = 'edge'::regclass "
                                              "and attnum = 1")
                                     .value(0, 0)),
              (Type{edge.type.kind, edge.type.precision, edge.type.scale, JsonShape::any}));
    session.execute("insert into edge values (null)");
    for (auto const& [sent, answered] : edge.taken) check_taken(session, edge, sent, answered);
    for (auto const sent : edge.refused) check_refused(session, edge, sent);
    session.execute("drop table edge");
  }
}

TEST(TypesOnPostgres, WritesWhatJsonHasNoWordFor) {
  SKIP_WITHOUT_POSTGRES();
  postgres::ScratchDatabase const database;
  auto session = postgres::Session::open(database.target());
  auto const check = [&](std::string const& expression, Type const& type, std::string_view json) {
    std::string out;
    write_json(session.execute("select " + expression).value(0, 0), type, out);
    EXPECT_EQ(out, json) << expression;
  };
  check("'NaN'::numeric", {.kind = Kind::numeric}, "\"NaN\"");
  check("'-Infinity'::numeric", {.kind = Kind::numeric}, "\"-Infinity\"");
  check("'Infinity'::float8", {.kind = Kind::float64}, "\"Infinity\"");
  check("'-0'::float8", {.kind = Kind::float64}, "-0");
  check("'infinity'::timestamptz", {.kind = Kind::timestamptz}, "\"infinity\"");
  check("'0044-03-15 12:00:00+00 BC'::timestamptz", {.kind = Kind::timestamptz},
        "\"0044-03-15 12:00:00+00 BC\"");
  check("'12026-01-01 00:00:00'::timestamp", {.kind = Kind::timestamp}, "\"12026-01-01 00:00:00\"");
  check("'0044-03-15 BC'::date", {.kind = Kind::date}, "\"0044-03-15 BC\"");
  check("'24:00:00'::time", {.kind = Kind::time}, "\"24:00:00\"");
}

TEST(TypesOnPostgres, WidenAsPostgresCasts) {
  SKIP_WITHOUT_POSTGRES();
  postgres::ScratchDatabase const database;
  auto session = postgres::Session::open(database.target());
  auto const edges = edge_cases();
  for (auto const& from : edges)
    for (auto const& to : edges) {
      if (!widens(from.type, to.type) || from.type.kind == Kind::json) continue;
      for (auto const& [sent, answered] : from.taken) {
        auto const text = from_json(*json::parse(sent), from.type, {});
        auto const name = postgres_type(from.type);
        auto const kept = session.execute(
            "select $1::" + name + "::" + postgres_type(to.type) + "::" + name + " = $1::" + name,
            {**text});
        EXPECT_EQ(kept.value(0, 0), "t") << sent << ": " << name << " to " << to_text(to.type);
      }
    }
}

}  // namespace
}  // namespace hansa::types
