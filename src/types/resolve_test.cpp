// Declarations of a contract to types.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "types/type.h"

namespace hansa::types {
namespace {

void check(Declared const& declared, std::string_view expected) {
  auto const resolved = resolve(declared);
  ASSERT_TRUE(resolved) << resolved.error().detail;
  std::string text = to_text(resolved->type);
  if (resolved->identity) text += " identity";
  if (resolved->zone_assumed) text += " assumed";
  auto const& implied = resolved->implied;
  if (implied.minimum) text += " " + *implied.minimum + ".." + *implied.maximum;
  if (implied.max_length) text += " length " + std::to_string(*implied.max_length);
  EXPECT_EQ(text, expected) << declared.logical_type << " " << declared.physical_type;
}

void check_refused(Declared const& declared, Code code) {
  auto const resolved = resolve(declared);
  ASSERT_FALSE(resolved) << declared.logical_type << " " << declared.physical_type << " became "
                         << to_text(resolved->type);
  EXPECT_EQ(resolved.error().code, code) << resolved.error().detail;
}

TEST(Resolve, LogicalTypesAlone) {
  check({"string"}, "text");
  check({"boolean"}, "boolean");
  check({"integer"}, "integer");
  check({"number"}, "numeric");
  check({"date"}, "date");
  check({"time"}, "time without time zone");
  check({"timestamp"}, "timestamp with time zone assumed");
  check({"timestamp", "", {}, true}, "timestamp with time zone");
  check({"timestamp", "", {}, false, "UTC"}, "timestamp without time zone");
  check({"object"}, "jsonb");
  EXPECT_EQ(resolve({"array"})->type.shape, JsonShape::array);
  EXPECT_EQ(resolve({"map"})->type.shape, JsonShape::object);
}

TEST(Resolve, Formats) {
  check({"string", "", "uuid"}, "uuid");
  check({"string", "", "byte"}, "bytea");
  check({"string", "", "email"}, "text");
  check({"number", "", "f32"}, "real");
  check({"number", "", "f64"}, "double precision");
  check({"integer", "", "i8"}, "smallint -128..127");
  check({"integer", "", "i16"}, "smallint");
  check({"integer", "", "u16"}, "integer 0..65535");
  check({"integer", "", "i64"}, "bigint");
  check({"integer", "", "u32"}, "bigint 0..4294967295");
  check({"integer", "", "u64"}, "numeric(20,0) 0..18446744073709551615");
  check({"integer", "", "u128"}, "numeric(39,0) 0..340282366920938463463374607431768211455");
  check({"integer", "bigint", "i32"}, "bigint -2147483648..2147483647");
}

TEST(Resolve, PhysicalTypes) {
  check({"integer", "serial"}, "integer identity");
  check({"integer", "BIGSERIAL"}, "bigint identity");
  check({"integer", "smallserial"}, "smallint identity");
  check({"number", "numeric(10,2)"}, "numeric(10,2)");
  check({"number", " Decimal ( 12 , 4 ) "}, "numeric(12,4)");
  check({"number", "numeric(5)"}, "numeric(5,0)");
  check({"integer", "numeric(20,0)"}, "numeric(20,0)");
  check({"number", "double  precision"}, "double precision");
  check({"string", "varchar(255)"}, "text length 255");
  check({"string", "character varying"}, "text");
  check({"string", "character varying (10)"}, "text length 10");
  check({"string", "uuid"}, "uuid");
  check({"timestamp", "timestamptz"}, "timestamp with time zone");
  check({"timestamp", "timestamp without time zone", {}, false}, "timestamp without time zone");
  check({"object", "json"}, "jsonb");
  check({"", "int4"}, "integer");
}

TEST(Resolve, RefusesWhatIsNotSupported) {
  for (auto const* physical : {"money", "numeric(0)", "numeric(10,11)", "numeric(1,2,3)",
                               "varchar(0)", "varchar(-1)", "int(4)", "numeric(", "timestamp(3)",
                               "text[]", "enum", "varchar(99999999999)", "text; drop table x"})
    check_refused({"", physical}, Code::unsupported_type);
  check_refused({}, Code::unsupported_type);
  check_refused({"vector"}, Code::unsupported_type);
  check_refused({"integer", "", "i32x"}, Code::unsupported_type);
  check_refused({"number", "", "i32"}, Code::unsupported_type);
  check_refused({"timestamp", "", {}, false, "Europe/Paris"}, Code::unsupported_type);
  EXPECT_THAT(resolve({"vector"}).error().hint, testing::HasSubstr("numeric(p,s)"));
}

TEST(Resolve, RefusesContradictions) {
  for (auto const& [logical, physical] :
       std::vector<std::pair<std::string, std::string>>{{"string", "integer"},
                                                        {"integer", "text"},
                                                        {"integer", "numeric(10,2)"},
                                                        {"integer", "numeric"},
                                                        {"number", "integer"},
                                                        {"boolean", "text"},
                                                        {"date", "timestamp"},
                                                        {"timestamp", "date"},
                                                        {"object", "text"},
                                                        {"array", "bytea"},
                                                        {"time", "timestamptz"}})
    check_refused({logical, physical}, Code::mismatch);
  check_refused({"timestamp", "timestamptz", {}, false}, Code::mismatch);
  check_refused({"timestamp", "timestamp", {}, true}, Code::mismatch);
  check_refused({"integer", "integer", "i64"}, Code::mismatch);
  check_refused({"integer", "bigint", "u64"}, Code::mismatch);
  check_refused({"number", "real", "f64"}, Code::mismatch);
  check_refused({"string", "text", "uuid"}, Code::mismatch);
  check_refused({"string", "uuid", "email"}, Code::mismatch);
}

TEST(Resolve, JoinsRulesByTheStricter) {
  Rules const implied{.max_length = 255, .minimum = "0", .maximum = "255"};
  auto const rules = tightened({.max_length = 10, .minimum = "5", .maximum = "1e3"}, implied);
  EXPECT_EQ(rules.max_length, 10U);
  EXPECT_EQ(rules.minimum, "5");
  EXPECT_EQ(rules.maximum, "255");
  EXPECT_EQ(tightened({}, implied), implied);
  EXPECT_EQ(tightened({.minimum = "-1"}, implied).minimum, "0");
}

}  // namespace
}  // namespace hansa::types
