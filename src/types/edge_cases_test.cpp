#include "types/edge_cases.h"

#include <gtest/gtest.h>

#include <set>

namespace hansa::types {
namespace {

void add_integers(std::vector<EdgeCase>& out) {
  out.push_back(
      {"int16",
       {.kind = Kind::int16},
       {},
       {{"-32768", ""}, {"32767", ""}, {"1.0", "1"}, {"1e3", "1000"}, {"-0", "0"}, {"3.0e1", "30"}},
       {"32768", "-32769", "1.5", "\"5\"", "true", "[]", "1e400", "1e-1"}});
  out.push_back({"int32",
                 {.kind = Kind::int32},
                 {},
                 {{"2147483647", ""}, {"-2147483648", ""}},
                 {"2147483648", "-2147483649", "0.1"}});
  out.push_back({"int64",
                 {.kind = Kind::int64},
                 {},
                 {{"9223372036854775807", ""},
                  {"-9223372036854775808", ""},
                  {"9007199254740993", ""},
                  {"1e18", "1000000000000000000"}},
                 {"9223372036854775808", "-9223372036854775809", "1e19"}});
  out.push_back({"percent",
                 {.kind = Kind::int32},
                 {.minimum = "0", .exclusive_maximum = "100", .multiple_of = "5"},
                 {{"0", ""}, {"95", ""}, {"5.0", "5"}},
                 {"-5", "100", "7", "105"}});
  out.push_back({"odd bounds",
                 {.kind = Kind::int16},
                 {.minimum = "0.5", .maximum = "1e2"},
                 {{"1", ""}, {"100", ""}},
                 {"0", "101"}});
  out.push_back({"integer values",
                 {.kind = Kind::int32},
                 {.valid_values = {"1", "2", "7.0"}},
                 {{"1", ""}, {"2.0", "2"}, {"7", ""}},
                 {"3", "70"}});
  out.push_back({"u64",
                 {.kind = Kind::numeric, .precision = 20},
                 {.minimum = "0", .maximum = "18446744073709551615"},
                 {{"0", ""}, {"18446744073709551615", ""}},
                 {"18446744073709551616", "-1", "0.5"}});
}

void add_numbers(std::vector<EdgeCase>& out) {
  Type const money{.kind = Kind::numeric, .precision = 10, .scale = 2};
  out.push_back({"money",
                 money,
                 {},
                 {{"1.50", ""},
                  {"1.5e1", "15.00"},
                  {"1.500", "1.50"},
                  {"0", "0.00"},
                  {"99999999.99", ""},
                  {"-99999999.99", ""},
                  {"-0", "0.00"},
                  {"150e-2", "1.50"}},
                 {"1.005", "100000000", "-100000000", "1e8", "0.001", "\"1.50\"", "1e400"}});
  out.push_back({"price",
                 money,
                 {.maximum = "1000.50", .exclusive_minimum = "0"},
                 {{"0.01", ""}, {"1000.5", "1000.50"}},
                 {"0", "1000.51", "-1"}});
  out.push_back({"fraction",
                 {.kind = Kind::numeric, .precision = 3, .scale = 3},
                 {},
                 {{"0.999", ""}, {"-0.001", ""}, {"0", "0.000"}},
                 {"1", "0.9999"}});
  out.push_back({"quarters",
                 {.kind = Kind::numeric, .precision = 8, .scale = 4},
                 {.multiple_of = "0.25"},
                 {{"0.75", "0.7500"}, {"-1.25", "-1.2500"}},
                 {"0.3", "0.0001"}});
  out.push_back({"unbounded numeric",
                 {.kind = Kind::numeric},
                 {},
                 {{"1.50", ""},
                  {"123456789012345678901234567890.5", ""},
                  {"1e22", "10000000000000000000000"},
                  {"1E-3", "0.001"}},
                 {"1e1001", "1e-1001", "1e99999999", "\"NaN\""}});
  out.push_back({"float64",
                 {.kind = Kind::float64},
                 {.minimum = "-1e300"},
                 {{"0.1", ""},
                  {"1e22", "1e+22"},
                  {"5e-324", ""},
                  {"1e-400", "0"},
                  {"9007199254740993", "9.007199254740992e+15"}},
                 {"1e400", "-1e301", "\"Infinity\""}});
  out.push_back({"float32",
                 {.kind = Kind::float32},
                 {.minimum = "0.1", .maximum = "16777216"},
                 {{"0.1", ""}, {"16777216", "1.6777216e+07"}, {"0.25", ""}},
                 {"0.09", "16777220", "1e39", "1e-60"}});
}

void add_strings(std::vector<EdgeCase>& out) {
  Type const text{.kind = Kind::text};
  out.push_back({"text",
                 text,
                 {},
                 {{"\"\"", ""}, {"\"a\\\"b\\\\c\\n\\t\\u0001\"", ""}, {"\"\u00e9\U0001F600\"", ""}},
                 {"\"a\\u0000b\"", "5", "true", "{}"}});
  out.push_back({"short text",
                 text,
                 {.min_length = 2, .max_length = 3},
                 {{"\"ab\"", ""}, {"\"\U0001F600\U0001F600\U0001F600\"", ""}},
                 {"\"a\"", "\"abcd\"", "\"\U0001F600\""}});
  out.push_back({"country",
                 text,
                 {.pattern = "^[A-Z]{2}$"},
                 {{"\"DE\"", ""}},
                 {"\"de\"", "\"DEU\"", "\"DE\\n\"", "\"\""}});
  out.push_back({"sku",
                 text,
                 {.max_length = 12, .pattern = R"(^(?:[a-z]+-)?\d{2,4}(\.x|_y)?$)"},
                 {{"\"ab-12\"", ""}, {"\"1234_y\"", ""}, {"\"a-123.x\"", ""}},
                 {"\"1\"", "\"12345\"", "\"AB-12\"", "\"a-123zx\"", "\"\u0661\u0662\""}});
  out.push_back({"contains",
                 text,
                 {.pattern = R"(\s\S.|[^\w"']{2}|\\$)"},
                 {{"\"a\u00a0bc\"", ""}, {"\"+-\"", ""}, {"\"x\\\\\"", ""}},
                 {"\"ab\"", "\"a b\"", "\"a b\\n\"", "\"'\\\"\""}});
  out.push_back({"status",
                 text,
                 {.valid_values = {"placed", "it's", "caf\u00e9"}},
                 {{"\"placed\"", ""}, {"\"it's\"", ""}, {"\"caf\u00e9\"", ""}},
                 {"\"Placed\"", "\"\"", "\"it''s\""}});
}

void add_formats(std::vector<EdgeCase>& out) {
  Type const text{.kind = Kind::text};
  out.push_back(
      {"email",
       text,
       {.max_length = 30, .format = "email"},
       {{"\"a@b.co\"", ""}, {"\"x.y+z@mail.example.com\"", ""}, {"\"o'r-{}@x--y.z\"", ""}},
       {"\"a\"", "\"@b.co\"", "\"a@b\"", "\"a@b..co\"", "\"a@@b.co\"", "\"a b@c.de\"",
        "\"a@b.co\\n\"", "\"a@.co\"", "\"a@b.\"", "\".a@b.co\"", "\"a.@b.co\"", "\"a..b@c.de\"",
        "\"é@b.co\"", "\"a@b_c.de\"", "\"a@-b.co\""}});
  out.push_back({"uri",
                 text,
                 {.format = "uri"},
                 {{"\"https://u:p@example.com:80/a%20b//c?b/?#c\"", ""},
                  {"\"urn:x:y\"", ""},
                  {"\"file:///a\"", ""},
                  {"\"a:\"", ""}},
                 {"\"example.com\"", "\"1a:b\"", "\"//a\"", "\"http://a b\"", "\":a\"",
                  "\"a:b#c#d\"", "\"http://a:b/\"", "\"a:%g0\"", "\"a:é\"", "\"a:b[\""}});
  out.push_back({"hostname",
                 text,
                 {.format = "hostname"},
                 {{"\"a\"", ""}, {"\"a-b.example.com\"", ""}, {"\"0.x\"", ""}},
                 {"\"-a\"", "\"a-\"", "\"a..b\"", "\"a_b\"", "\"\"", "\"a.\""}});
  out.push_back({"ipv4",
                 text,
                 {.format = "ipv4"},
                 {{"\"0.0.0.0\"", ""}, {"\"255.10.99.1\"", ""}},
                 {"\"256.0.0.0\"", "\"1.2.3\"", "\"01.2.3.4\"", "\"1.2.3.4.5\"", "\"1.2.3.\""}});
  out.push_back(
      {"uuid",
       {.kind = Kind::uuid},
       {},
       {{"\"123E4567-e89b-12d3-a456-426614174000\"", "\"123e4567-e89b-12d3-a456-426614174000\""}},
       {"\"123e4567e89b12d3a456426614174000\"", "\"\"",
        "\"{123e4567-e89b-12d3-a456-426614174000}\"", "\"123e4567-e89b-12d3-a456-42661417400g\""}});
  out.push_back({"bytes",
                 {.kind = Kind::bytes},
                 {.min_length = 1, .max_length = 4},
                 {{"\"AA==\"", ""}, {"\"/+8A\"", ""}, {"\"AAAAAA==\"", ""}},
                 {"\"\"", "\"A\"", "\"AA=\"", "\"AB==\"", "\"AA==AA==\"", "\"A-==\"", "\"\\\\x00\"",
                  "\"AAAAAAAAAAAA\""}});
}

void add_moments(std::vector<EdgeCase>& out) {
  out.push_back(
      {"date",
       {.kind = Kind::date},
       {.minimum = "0001-01-01"},
       {{"\"0001-01-01\"", ""}, {"\"9999-12-31\"", ""}, {"\"2024-02-29\"", ""}},
       {"\"2026-02-29\"", "\"0000-01-01\"", "\"10000-01-01\"", "\"2026-1-1\"", "\"today\"",
        "\"2026-01-01T00:00:00Z\"", "\"infinity\"", "\"2026-13-01\"", "20260101"}});
  out.push_back({"recent date",
                 {.kind = Kind::date},
                 {.minimum = "2020-01-01", .exclusive_maximum = "2030-01-01"},
                 {{"\"2020-01-01\"", ""}, {"\"2029-12-31\"", ""}},
                 {"\"2019-12-31\"", "\"2030-01-01\""}});
  out.push_back({"time",
                 {.kind = Kind::time},
                 {.exclusive_maximum = "23:00:00"},
                 {{"\"00:00:00\"", ""},
                  {"\"10:20:30.5\"", ""},
                  {"\"10:20:30.500000000\"", "\"10:20:30.5\""},
                  {"\"22:59:59.999999\"", ""}},
                 {"\"24:00:00\"", "\"10:20:60\"", "\"10:20\"", "\"10:20:30Z\"",
                  "\"10:20:30.1234567\"", "\"23:00:00\"", "\"10:20:30.\""}});
  std::vector<std::string_view> const wrong = {"\"2026-01-01T10:00:00\"",
                                               "\"2026-01-01\"",
                                               "\"2026-01-01 10:00:00Z\"",
                                               "\"2026-01-01T24:00:00Z\"",
                                               "\"2016-12-31T23:59:60Z\"",
                                               "\"2026-01-01T10:00:00+0100\"",
                                               "\"2026-01-01T10:00:00.1234567Z\"",
                                               "\"0000-12-31T00:00:00Z\"",
                                               "\"infinity\"",
                                               "\"2026-02-30T00:00:00Z\"",
                                               "\"0001-01-01T00:00:00+01:00\"",
                                               "\"9999-12-31T23:59:59-00:01\"",
                                               "\"now\"",
                                               "1767225600",
                                               "\"2026-01-01T10:00:00+24:00\""};
  std::vector<std::pair<std::string_view, std::string_view>> const right = {
      {"\"2026-01-01T10:00:00Z\"", ""},
      {"\"2026-01-01t10:00:00.50z\"", "\"2026-01-01T10:00:00.5Z\""},
      {"\"2026-01-01T00:30:00+02:00\"", "\"2025-12-31T22:30:00Z\""},
      {"\"2026-01-01T00:00:00-23:59\"", "\"2026-01-01T23:59:00Z\""},
      {"\"0001-01-01T00:00:00Z\"", ""},
      {"\"9999-12-31T23:59:59.999999Z\"", ""},
      {"\"1969-12-31T23:59:59.9Z\"", ""}};
  out.push_back({"timestamptz", {.kind = Kind::timestamptz}, {}, right, wrong});
  out.push_back({"timestamp", {.kind = Kind::timestamp}, {}, right, wrong});
  out.push_back({"bounded timestamptz",
                 {.kind = Kind::timestamptz},
                 {.minimum = "2020-01-01T00:00:00Z", .maximum = "2030-01-01T00:00:00+01:00"},
                 {{"\"2020-01-01T00:00:00Z\"", ""}, {"\"2029-12-31T23:00:00Z\"", ""}},
                 {"\"2019-12-31T23:59:59.999999Z\"", "\"2029-12-31T23:00:00.000001Z\""}});
}

void add_others(std::vector<EdgeCase>& out) {
  out.push_back({"boolean",
                 {.kind = Kind::boolean},
                 {},
                 {{"true", ""}, {"false", ""}},
                 {"1", "\"true\"", "[]"}});
  out.push_back({"only true",
                 {.kind = Kind::boolean},
                 {.valid_values = {"true"}},
                 {{"true", ""}},
                 {"false"}});
  out.push_back({"any document",
                 {.kind = Kind::json},
                 {},
                 {{R"({"a": [1, 2.50, null, "x\u00e9"]})", R"({"a": [1, 2.50, null, "xé"]})"},
                  {"5", ""},
                  {"\"s\"", ""},
                  {"[]", ""},
                  {"-0", "0"}},
                 {R"(["\u0000"])", R"({"\u0000": 1})", "[1e1001]"}});
  out.push_back({"object",
                 {.kind = Kind::json, .shape = JsonShape::object},
                 {.max_properties = 2, .required_properties = {"it's"}},
                 {{R"({"it's": 1})", ""}, {R"({"b": 2, "it's": 1})", ""}},
                 {"{}", R"({"it's": 1, "b": 2, "c": 3})", "[]", "5", R"({"its": 1})"}});
  out.push_back({"array",
                 {.kind = Kind::json, .shape = JsonShape::array},
                 {.min_items = 1, .max_items = 2},
                 {{"[1]", ""}, {"[1, 1]", ""}},
                 {"[]", "[1,2,3]", "{}", "\"x\""}});
  out.push_back({"set",
                 {.kind = Kind::json, .shape = JsonShape::array},
                 {.unique_items = true},
                 {{"[1, 2]", ""}, {"[[1], [1, 1]]", ""}, {"[1, \"1\", true]", ""}},
                 {"[1, 1.0]", R"([{"a":1,"b":2},{"b":2,"a":1}])", R"(["x","x"])"}});
  out.push_back({"document values",
                 {.kind = Kind::json},
                 {.valid_values = {R"({"a":1,"b":[]})", "7"}},
                 {{R"({"b": [], "a": 1.0})", R"({"a": 1.0, "b": []})"}, {"7", ""}},
                 {"8", "{}"}});
}

}  // namespace

std::vector<EdgeCase> edge_cases() {
  std::vector<EdgeCase> out;
  add_integers(out);
  add_numbers(out);
  add_strings(out);
  add_formats(out);
  add_moments(out);
  add_others(out);
  return out;
}

TEST(EdgeCases, TryBothAnswersOfEveryType) {
  std::set<std::string_view> names;
  std::set<Kind> kinds;
  for (auto const& edge : edge_cases()) {
    EXPECT_TRUE(names.insert(edge.name).second) << edge.name;
    kinds.insert(edge.type.kind);
    EXPECT_FALSE(edge.taken.empty() || edge.refused.empty()) << edge.name;
  }
  EXPECT_EQ(kinds.size(), static_cast<std::size_t>(Kind::json) + 1);
}

}  // namespace hansa::types
