// Reading and describing values: from_json, from_text, JSON Schema and examples agree with each
// other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "types/edge_cases.h"
#include "types/schema_check.h"
#include "types/type.h"

namespace hansa::types {
namespace {

using testing::HasSubstr;

json::Value parsed(std::string_view document) {
  auto value = json::parse(document);
  EXPECT_TRUE(value) << document;
  return value ? *std::move(value) : json::Value{};
}

// What only from_json can know: JSON Schema has no words for these.
bool beyond_schema(EdgeCase const& edge, std::string_view sent) {
  if (edge.name == "any document") return true;       // text and numbers at any depth
  if (edge.name == "unbounded numeric") return true;  // the count of digits
  if (edge.name == "float32") return sent == "1e-60";
  if (edge.name == "bytes") return sent == "\"\"";  // an empty base64 text is no length 4
  return edge.type.kind >= Kind::date && edge.type.kind <= Kind::timestamptz &&
         (edge.rules.minimum || edge.rules.maximum || edge.rules.exclusive_maximum);
}

TEST(Types, ReadJsonAtEveryEdge) {
  for (auto const& edge : edge_cases()) {
    SCOPED_TRACE(edge.name);
    for (auto const& [sent, answered] : edge.taken) {
      auto const text = from_json(parsed(sent), edge.type, edge.rules);
      EXPECT_TRUE(text) << sent << ": " << text.error().detail;
    }
    for (auto const sent : edge.refused) {
      auto const text = from_json(parsed(sent), edge.type, edge.rules);
      ASSERT_FALSE(text) << sent << " became " << text->value_or("NULL");
      EXPECT_EQ(text.error().code, Code::invalid_body);
      EXPECT_FALSE(text.error().detail.empty());
    }
    auto const nothing = from_json({}, edge.type, edge.rules);
    EXPECT_TRUE(nothing && !*nothing);
  }
}

TEST(Types, SchemaAgreesWithReading) {
  for (auto const& edge : edge_cases()) {
    SCOPED_TRACE(edge.name);
    auto const schema = json_schema(edge.type, edge.rules, Nullable::no);
    SCOPED_TRACE(json::to_text(schema));
    for (auto const& [sent, answered] : edge.taken) {
      EXPECT_EQ(refusing_keyword(schema, parsed(sent)), "") << sent;
      if (!answered.empty()) EXPECT_EQ(refusing_keyword(schema, parsed(answered)), "") << answered;
    }
    for (auto const sent : edge.refused)
      if (!beyond_schema(edge, sent)) EXPECT_NE(refusing_keyword(schema, parsed(sent)), "") << sent;
    EXPECT_EQ(refusing_keyword(json_schema(edge.type, edge.rules, Nullable::yes), {}), "");
    if (edge.type.kind != Kind::json || edge.type.shape != JsonShape::any)
      EXPECT_NE(refusing_keyword(schema, {}), "");
  }
}

TEST(Types, ExamplesSatisfyTheirRules) {
  for (auto const& edge : edge_cases()) {
    SCOPED_TRACE(edge.name);
    auto const schema = json_schema(edge.type, edge.rules, Nullable::no);
    for (std::uint64_t index : {0U, 1U, 2U, 17U, 1000U, 123456U}) {
      auto const value = example(edge.type, edge.rules, index);
      auto const text = from_json(value, edge.type, edge.rules);
      EXPECT_TRUE(text) << json::to_text(value) << ": " << text.error().detail;
      EXPECT_EQ(refusing_keyword(schema, value), "") << json::to_text(value);
      EXPECT_EQ(value, example(edge.type, edge.rules, index));
    }
  }
  EXPECT_NE(example({.kind = Kind::text}, {.format = "email"}, 1),
            example({.kind = Kind::text}, {.format = "email"}, 17));
}

void check_text(Type const& type, std::string_view text, std::string_view expected) {
  auto const read = from_text(text, type, nullptr);
  ASSERT_TRUE(read) << text << ": " << read.error().detail;
  EXPECT_EQ(*read, expected);
}

void check_text_refused(Type const& type, std::string_view text, std::string_view detail) {
  auto const read = from_text(text, type, nullptr);
  ASSERT_FALSE(read) << text << " became " << *read;
  EXPECT_THAT(read.error().detail, HasSubstr(std::string(detail)));
}

TEST(Types, ReadTextOfFilesAndFilters) {
  check_text({.kind = Kind::int32}, "007", "7");
  check_text({.kind = Kind::int32}, "+5", "5");
  check_text({.kind = Kind::int64}, "-9223372036854775808", "-9223372036854775808");
  check_text({.kind = Kind::numeric, .precision = 10, .scale = 2}, "0012.50", "12.5");
  check_text({.kind = Kind::boolean}, "t", "true");
  check_text({.kind = Kind::boolean}, "false", "false");
  check_text({.kind = Kind::timestamptz}, "2026-01-01 10:00:00.5+00", "2026-01-01 10:00:00.5+00");
  check_text({.kind = Kind::timestamptz}, "2026-01-01 10:00:00-0330", "2026-01-01 13:30:00+00");
  check_text({.kind = Kind::timestamptz}, "2026-01-01 10:00+02", "2026-01-01 08:00:00+00");
  check_text({.kind = Kind::timestamp}, "2010-12-01 08:26:00", "2010-12-01 08:26:00");
  check_text({.kind = Kind::timestamp}, "2026-01-01T10:00:00+01:00", "2026-01-01 09:00:00");
  check_text({.kind = Kind::time}, "08:26", "08:26:00");
  check_text({.kind = Kind::bytes}, "\\x00FF", "\\x00ff");
  check_text({.kind = Kind::json}, "{ \"a\" : 1.50 }", "{\"a\":1.50}");
  check_text({.kind = Kind::text}, "", "");
}

TEST(Types, RefuseTextThatIsNoValue) {
  for (auto const* text :
       {"", " 5", "5 ", "5a", "1.5", "0x10", "1_000", "٣", "--5", "+-5", "2147483648"})
    check_text_refused({.kind = Kind::int32}, text, "expected");
  for (auto const* text : {"", ".", "1.", ".5", "1,5", "NaN", "Infinity", "1.005", "1e", "1e5.0"})
    check_text_refused({.kind = Kind::numeric, .precision = 10, .scale = 2}, text, "expected");
  for (auto const* text : {"", "yes", "1", "0", "tRUE"})
    check_text_refused({.kind = Kind::boolean}, text, "true or false");
  check_text_refused({.kind = Kind::timestamptz}, "2026-01-01 10:00:00", "has no offset");
  check_text_refused({.kind = Kind::timestamptz}, "infinity", "not a date");
  check_text_refused({.kind = Kind::text}, "\xff", "is not UTF-8");
  check_text_refused({.kind = Kind::text}, std::string_view("a\0b", 3), "holds NUL");
  check_text_refused({.kind = Kind::json}, "{", "expected JSON");
}

TEST(Types, TextSatisfiesRulesWhereGiven) {
  Rules const rules{.minimum = "1", .valid_values = {"1", "5"}};
  EXPECT_TRUE(from_text("5", {.kind = Kind::int16}, &rules));
  EXPECT_FALSE(from_text("4", {.kind = Kind::int16}, &rules));
  Rules const truth{.valid_values = {"true"}};
  EXPECT_FALSE(from_text("f", {.kind = Kind::boolean}, &truth));
}

void check_written(Type const& type, std::string_view postgres, std::string_view expected) {
  std::string out = "[";
  write_json(postgres, type, out);
  EXPECT_EQ(out.substr(1), expected);
}

TEST(Types, WriteJson) {
  check_written({.kind = Kind::boolean}, "t", "true");
  check_written({.kind = Kind::int64}, "-9223372036854775808", "-9223372036854775808");
  check_written({.kind = Kind::numeric}, "-0.10", "-0.10");
  check_written({.kind = Kind::numeric}, "NaN", "\"NaN\"");
  check_written({.kind = Kind::text}, "a\"b", "\"a\\\"b\"");
  check_written({.kind = Kind::bytes}, "\\x48656c6c6f", "\"SGVsbG8=\"");
  check_written({.kind = Kind::timestamptz}, "2026-01-01 10:00:00.5+00",
                "\"2026-01-01T10:00:00.5Z\"");
  check_written({.kind = Kind::timestamptz}, "2026-01-01 10:00:00+05:30",
                "\"2026-01-01T10:00:00+05:30\"");
  check_written({.kind = Kind::timestamptz}, "2026-01-01 10:00:00-03",
                "\"2026-01-01T10:00:00-03:00\"");
  check_written({.kind = Kind::timestamp}, "2026-01-01 10:00:00", "\"2026-01-01T10:00:00Z\"");
  check_written({.kind = Kind::json}, "{\"a\": 1}", "{\"a\": 1}");
}

TEST(Types, WidenOnlyWithoutLoss) {
  auto const type = [](std::string_view name) { return *from_postgres_type(name); };
  auto const check = [&](std::string_view from, std::string_view to, bool expected) {
    EXPECT_EQ(widens(type(from), type(to)), expected) << from << " to " << to;
  };
  check("smallint", "integer", true);
  check("integer", "smallint", false);
  check("integer", "numeric(12,2)", true);
  check("integer", "numeric(11,2)", false);
  check("bigint", "double precision", false);
  check("integer", "double precision", true);
  check("smallint", "real", true);
  check("numeric(10,2)", "numeric(12,4)", true);
  check("numeric(10,2)", "numeric(12,1)", false);
  check("numeric(10,2)", "numeric", true);
  check("numeric", "numeric(10,2)", false);
  check("real", "double precision", true);
  check("text", "text", true);
  check("integer", "text", false);
  check("timestamp without time zone", "timestamp with time zone", false);
}

TEST(Types, NamesOfPostgres) {
  for (auto const* name :
       {"boolean", "numeric(10,2)", "numeric", "time without time zone", "jsonb"})
    EXPECT_EQ(postgres_type(*from_postgres_type(name)), name);
  EXPECT_EQ(from_postgres_type("character varying(255)")->kind, Kind::text);
  for (auto const* name : {"", "integer[]", "point", "numeric(3,-2)", "numeric(2,3)", "numeric(x",
                           "character(3)", "time with time zone"})
    EXPECT_FALSE(from_postgres_type(name)) << name;
}

TEST(Types, ChecksQuoteWhatTheyAreGiven) {
  auto const list = checks("a\"b", {.kind = Kind::text},
                           {.max_length = 5, .pattern = "^it's$", .valid_values = {"x'y"}});
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[0].name, "length");
  EXPECT_EQ(list[0].expression, R"(char_length("a""b") <= 5)");
  EXPECT_EQ(list[1].expression, R"("a""b" ~ '^it''s$')");
  EXPECT_EQ(list[2].expression, R"("a""b" in ('x''y'))");
  EXPECT_TRUE(checks("a", {.kind = Kind::int32}, {.minimum = "0; drop table x"}).empty());
}

TEST(Types, SaysWhatTheDatabaseDoesNotEnforce) {
  auto const one = [](Type const& type, Rules const& rules) {
    auto const list = not_enforced_by_database(type, rules);
    return list.size() == 1 ? list[0] : std::to_string(list.size()) + " entries";
  };
  EXPECT_THAT(one({.kind = Kind::text}, {.pattern = "(?=a)b"}), HasSubstr("look-around"));
  EXPECT_THAT(one({.kind = Kind::text}, {.format = "iban"}), HasSubstr("`iban` has no check"));
  EXPECT_THAT(one({.kind = Kind::float64}, {.multiple_of = "0.5"}), HasSubstr("on the way in"));
  EXPECT_THAT(one({.kind = Kind::json}, {.unique_items = true}), HasSubstr("on the way in"));
  EXPECT_EQ(one({.kind = Kind::text}, {.pattern = "^a+$", .format = "email"}), "0 entries");
  EXPECT_EQ(one({.kind = Kind::uuid}, {.format = "uuid"}), "0 entries");
}

}  // namespace
}  // namespace hansa::types
