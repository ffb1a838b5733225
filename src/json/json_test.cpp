// JSON: what is read, what is refused and why, and that numbers keep their digits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "json/value.h"

namespace hansa::json {
namespace {

using testing::HasSubstr;

void check_round_trip(std::string_view document, std::string_view expected) {
  auto const value = parse(document);
  ASSERT_TRUE(value) << document << ": " << value.error().detail;
  EXPECT_EQ(to_text(*value), expected);
  EXPECT_EQ(parse(to_text(*value)), *value);
}

void check_refused(std::string_view document, Code code, std::string_view detail,
                   ParseLimits const& limits = {}) {
  auto const value = parse(document, limits);
  ASSERT_FALSE(value) << document;
  EXPECT_EQ(value.error().code, code) << value.error().detail;
  EXPECT_THAT(value.error().detail, HasSubstr(std::string(detail)));
}

TEST(Json, KeepsNumbersAsWritten) {
  for (auto const* digits :
       {"0", "-0", "1299.90", "1.50", "-1e9", "1E+2", "123456789012345678901234567890.123456789",
        "9223372036854775807", "-9223372036854775808", "18446744073709551615", "1e400", "0.1e-400",
        "-0.0", "1.000000000000000000000000000000000000001"}) {
    check_round_trip(digits, digits);
    check_round_trip(std::string("[") + digits + "]", std::string("[") + digits + "]");
  }
}

TEST(Json, ReadsEveryKind) {
  check_round_trip(" { \"a\" : [ 1 , true , false , null , \"x\" ] , \"b\" : { } } ",
                   R"({"a":[1,true,false,null,"x"],"b":{}})");
  check_round_trip("[]", "[]");
  check_round_trip("\"\"", "\"\"");
  check_round_trip(R"("\u00e9\ud83d\ude00\/\b\f\n\r\t\"\\\u0000\u001f")",
                   "\"é😀/\\b\\f\\n\\r\\t\\\"\\\\\\u0000\\u001f\"");
  check_round_trip(R"([[1,[2]],{"k":{"l":[]}},3])", R"([[1,[2]],{"k":{"l":[]}},3])");
}

TEST(Json, KeepsMembersInTheirOrder) {
  auto const value = parse(R"({"z":1,"a":2})");
  ASSERT_TRUE(value);
  EXPECT_EQ(value->as_object()->front().first, "z");
  EXPECT_EQ(value->find("a")->as_number()->digits, "2");
  EXPECT_EQ(value->find("b"), nullptr);
  EXPECT_EQ(text("x").find("b"), nullptr);
}

TEST(Json, RefusesWhatIsNotJson) {
  for (auto const* document :
       {"",    " ",      "{",       "[1,]",  "{\"a\":1,}", "01",      "1.",       ".5",
        "+1",  "-",      "1e",      "NaN",   "Infinity",   "'a'",     "\"a",      "tru",
        "nul", "\"\t\"", "// c\n1", "{a:1}", "[1 2]",      "\"\\x\"", "\"\\u12\""})
    check_refused(document, Code::malformed_json, "at byte");
}

TEST(Json, RefusesWhatFollows) {
  check_refused("1 2", Code::malformed_json, "at byte 2");
  check_refused("{} {}", Code::malformed_json, "follows the document at byte 3");
}

TEST(Json, RefusesHostileText) {
  check_refused("\"\xff\"", Code::malformed_json, "at byte");
  check_refused("\"\xc0\x80\"", Code::malformed_json, "at byte");
  check_refused("\"\xed\xa0\x80\"", Code::malformed_json, "at byte");
  check_refused("\"\xf4\x90\x80\x80\"", Code::malformed_json, "at byte");
  check_refused("\"\xe2\x82\"", Code::malformed_json, "at byte");
  check_refused(R"("\ud800")", Code::malformed_json, "at byte");
  check_refused(R"("\udc00")", Code::malformed_json, "at byte");
  check_refused(R"("\ud800\ud800")", Code::malformed_json, "at byte");
  check_refused(std::string_view("\0", 1), Code::malformed_json, "at byte");
  check_refused(std::string_view("\"a\0b\"", 5), Code::malformed_json, "at byte");
}

TEST(Json, RefusesDuplicateKeys) {
  check_refused(R"({"a":1,"a":2})", Code::malformed_json, "key `a` stands twice");
  check_refused(R"({"a":1,"\u0061":2})", Code::malformed_json, "key `a` stands twice");
  check_refused(R"([{"b":{"c":1,"c":1}}])", Code::malformed_json, "key `c` stands twice");
  std::string wide = "{";
  for (int i = 0; i < 100; ++i) wide += "\"k" + std::to_string(i) + "\":0,";
  EXPECT_TRUE(parse(wide + "\"last\":0}"));
  check_refused(wide + "\"k50\":0}", Code::malformed_json, "key `k50` stands twice");
}

TEST(Json, KeepsItsLimits) {
  ParseLimits const limits{.depth_max = 3, .bytes_max = 40, .values_max = 6};
  EXPECT_TRUE(parse("[[[1]]]", limits));
  check_refused("[[[[1]]]]", Code::too_complex, "nested too deep at byte", limits);
  EXPECT_TRUE(parse("[1,2,3,4,5]", limits));
  check_refused("[1,2,3,4,5,6]", Code::too_complex, "more values", limits);
  check_refused(std::string(41, ' '), Code::body_too_large, "41 bytes", limits);
  check_refused(std::string(1U << 20U, '['), Code::too_complex, "nested too deep");
}

TEST(Json, WritesStringsOfEveryLengthAndEscape) {
  for (std::size_t length = 0; length < 40; ++length) {
    for (std::size_t at = 0; at < length; ++at) {
      for (char const escaped : {'"', '\\', '\n', '\x01', '\x1f'}) {
        std::string source(length, '\x7f');
        source[at] = escaped;
        std::string out;
        write_string(source, out);
        auto const back = parse(out);
        ASSERT_TRUE(back) << out;
        EXPECT_EQ(*back->as_string(), source);
      }
    }
    std::string out;
    write_string(std::string(length, '\x80'), out);
    EXPECT_EQ(out.size(), length + 2);
  }
}

TEST(Json, WritesForPeople) {
  auto const value = object({{"a", array({integer(1), text("x")})}, {"b", object({})}, {"c", {}}});
  EXPECT_EQ(to_pretty_text(value),
            "{\n  \"a\": [\n    1,\n    \"x\"\n  ],\n  \"b\": {},\n  \"c\": null\n}");
  EXPECT_EQ(to_text(value), R"({"a":[1,"x"],"b":{},"c":null})");
}

}  // namespace
}  // namespace hansa::json
