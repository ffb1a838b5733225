// Schemas of objects and records of rows: golden bytes (fastavro writes the same), every way in
// gives the same, and what cannot be held exactly is refused.
#include "avro/avro.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "avro/schema.h"

namespace hansa::avro {
namespace {

using testing::HasSubstr;
using types::Kind;
using Text = std::optional<std::string_view>;

types::Type const price{.kind = Kind::numeric, .precision = 10, .scale = 2};

std::string hex(std::string_view bytes) {
  std::string text;
  for (char const c : bytes) {
    text += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4U];
    text += "0123456789abcdef"[static_cast<unsigned char>(c) & 15U];
  }
  return text;
}

RecordSchema all_types() {
  auto const field = [](std::string name, Kind kind, bool nullable = false) {
    return Field{.name = std::move(name), .type = {.kind = kind}, .nullable = nullable};
  };
  return {.name = "All",
          .name_space = "shop.orders.v1",
          .fields = {field("a_boolean", Kind::boolean), field("an_int16", Kind::int16),
                     field("an_int32", Kind::int32), field("an_int64", Kind::int64),
                     Field{.name = "a_price", .type = price}, field("a_number", Kind::numeric),
                     field("a_float32", Kind::float32), field("a_float64", Kind::float64),
                     field("a_text", Kind::text), field("a_uuid", Kind::uuid),
                     field("some_bytes", Kind::bytes), field("a_date", Kind::date),
                     field("a_time", Kind::time), field("a_timestamp", Kind::timestamp),
                     field("a_timestamptz", Kind::timestamptz), field("a_document", Kind::json),
                     field("a_maybe", Kind::text, true), field("another", Kind::int64, true)}};
}

std::vector<Text> const all_values = {"t",
                                      "-32768",
                                      "2147483647",
                                      "-9223372036854775808",
                                      "-1299.90",
                                      "123456789012345678901234567890.5",
                                      "1.5",
                                      "-0.1",
                                      "Zo\u00eb \"quoted\" \U0001F600",
                                      "6f9619ff-8b86-d011-b42d-00c04fc964ff",
                                      "\\x00ff4869",
                                      "2026-01-31",
                                      "10:00:00.5",
                                      "1969-12-31 23:59:59.999999",
                                      "2026-01-01 10:00:00.12+00",
                                      R"({"a": [1, 2.50]})",
                                      std::nullopt,
                                      "7"};

constexpr std::string_view all_row =
    R"({"a_boolean":true,"an_int16":-32768,"an_int32":2147483647,"an_int64":-9223372036854775808,)"
    R"("a_price":-1299.90,"a_number":123456789012345678901234567890.5,"a_float32":1.5,)"
    R"("a_float64":-0.1,"a_text":"Zo\u00eb \"quoted\" )"
    "\U0001F600"
    R"(","a_uuid":"6f9619ff-8b86-d011-b42d-00c04fc964ff","some_bytes":"\\x00ff4869",)"
    R"("a_date":"2026-01-31","a_time":"10:00:00.5","a_timestamp":"1969-12-31T23:59:59.999999",)"
    R"("a_timestamptz":"2026-01-01T10:00:00.12+00:00","a_document":{"a": [1, 2.50]},)"
    R"("a_maybe":null,"another":7})";

constexpr std::string_view all_hex =
    "01ffff03feffffff0fffffffffffffffffff0106fe043a4031323334353637383930313233343536"
    "37383930313233343536373839302e350000c03f9a9999999999b9bf245a6fc3ab202271756f7465"
    "642220f09f98804836663936313966662d386238362d643031312d623432642d3030633034666339"
    "363466660800ff486988c002c0a4e09c8c020180f3b3fe94d4a306207b2261223a205b312c20322e"
    "35305d7d00020e";

std::string value_hex(types::Type const& type, std::string_view text) {
  RecordSchema const schema{.name = "One", .fields = {{.name = "a", .type = type}}};
  std::string out;
  Text const value = text;
  auto const encoded = encode(schema, {&value, 1}, out);
  return encoded ? hex(out) : encoded.error().detail;
}

void check_value(types::Type const& type, std::string_view text, std::string_view expected) {
  EXPECT_EQ(value_hex(type, text), expected) << text;
}

void check_refused(types::Type const& type, std::string_view text, std::string_view reason) {
  RecordSchema const schema{.name = "One", .fields = {{.name = "a", .type = type}}};
  std::string out = "before";
  Text const value = text;
  auto const encoded = encode(schema, {&value, 1}, out);
  ASSERT_FALSE(encoded) << text;
  EXPECT_EQ(encoded.error().code, Code::invalid_body);
  EXPECT_THAT(encoded.error().detail, HasSubstr("field `a`"));
  EXPECT_THAT(encoded.error().detail, HasSubstr(std::string(reason))) << text;
  EXPECT_EQ(out, "before");
}

// The row's text and its tree are refused alike.
void check_row_refused(std::vector<Field> fields, std::string_view row, std::string_view reason) {
  RecordSchema const schema{.name = "One", .fields = std::move(fields)};
  std::string out = "before";
  auto const encoded = RowEncoder(schema).encode(row, out);
  ASSERT_FALSE(encoded) << row;
  EXPECT_THAT(encoded.error().detail, HasSubstr(std::string(reason))) << row;
  if (auto const tree = json::parse(row)) EXPECT_FALSE(encode_row(schema, *tree, out)) << row;
  EXPECT_EQ(out, "before");
}

void check_field_schema(Field const& field, std::string_view expected) {
  RecordSchema const schema{.name = "One", .fields = {field}};
  auto const text = json::to_text(to_json(schema));
  EXPECT_EQ(text, R"({"type":"record","name":"One","fields":[)" + std::string(expected) + "]}");
  auto const parsed = parse_schema(text);
  EXPECT_TRUE(parsed) << text << ": " << parsed.error().detail;
}

TEST(Schema, OfEveryType) {
  auto const check = [](types::Type const& type, std::string const& expected) {
    check_field_schema({.name = "a", .type = type}, R"({"name":"a","type":)" + expected + "}");
  };
  check({.kind = Kind::boolean}, R"("boolean")");
  check({.kind = Kind::int16}, R"("int")");
  check({.kind = Kind::int32}, R"("int")");
  check({.kind = Kind::int64}, R"("long")");
  check(price, R"({"type":"bytes","logicalType":"decimal","precision":10,"scale":2})");
  check({.kind = Kind::numeric}, R"({"type":"string","hansa.type":"numeric"})");
  check({.kind = Kind::float32}, R"("float")");
  check({.kind = Kind::float64}, R"("double")");
  check({.kind = Kind::text}, R"("string")");
  check({.kind = Kind::uuid}, R"({"type":"string","logicalType":"uuid"})");
  check({.kind = Kind::bytes}, R"("bytes")");
  check({.kind = Kind::date}, R"({"type":"int","logicalType":"date"})");
  check({.kind = Kind::time}, R"({"type":"long","logicalType":"time-micros"})");
  check({.kind = Kind::timestamp}, R"({"type":"long","logicalType":"local-timestamp-micros"})");
  check({.kind = Kind::timestamptz}, R"({"type":"long","logicalType":"timestamp-micros"})");
  check({.kind = Kind::json}, R"({"type":"string","hansa.type":"json"})");
}

TEST(Schema, OfNullableFieldsAndDefaults) {
  check_field_schema({.name = "a", .type = {.kind = Kind::text}, .nullable = true},
                     R"({"name":"a","type":["null","string"],"default":null})");
  check_field_schema({.name = "a",
                      .type = {.kind = Kind::int32},
                      .nullable = true,
                      .default_value = json::integer(5),
                      .doc = "Five"},
                     R"({"name":"a","doc":"Five","type":["int","null"],"default":5})");
  auto const check = [](types::Type const& type, json::Value value, std::string_view expected) {
    RecordSchema const schema{
        .name = "One", .fields = {{.name = "a", .type = type, .default_value = std::move(value)}}};
    auto const tree = to_json(schema);
    auto const& field = tree.find("fields")->as_array()->front();
    EXPECT_EQ(json::to_text(*field.find("default")), expected);
    EXPECT_TRUE(parse_schema(json::to_text(tree)));
  };
  check({.kind = Kind::boolean}, json::boolean(true), "true");
  check(price, json::number("-1.5"), "\"\u00ffj\"");
  check({.kind = Kind::numeric}, json::number("1.50"), R"("1.50")");
  check({.kind = Kind::float64}, json::number("0.5"), "0.5");
  check({.kind = Kind::text}, json::text("new"), R"("new")");
  check({.kind = Kind::bytes}, json::text("SGk="), R"("Hi")");
  check({.kind = Kind::date}, json::text("1970-01-02"), "1");
  check({.kind = Kind::timestamptz}, json::text("1970-01-01T00:00:01Z"), "1000000");
  check({.kind = Kind::json}, json::object({{"a", json::integer(1)}}), R"("{\"a\":1}")");
}

TEST(Encode, WritesWhatOthersWrite) {
  std::string out;
  auto const encoded = encode(all_types(), all_values, out);
  ASSERT_TRUE(encoded) << encoded.error().detail;
  EXPECT_EQ(hex(out), all_hex);
}

TEST(Encode, RowsGiveTheSame) {
  std::string from_text = "before", from_tree;
  RowEncoder encoder(all_types());
  auto const encoded = encoder.encode(all_row, from_text);
  ASSERT_TRUE(encoded) << encoded.error().detail;
  EXPECT_EQ(hex(from_text.substr(6)), all_hex);
  // The tree forgets the white space of a document.
  auto const tree = json::parse(all_row);
  ASSERT_TRUE(tree && encode_row(all_types(), *tree, from_tree));
  EXPECT_EQ(from_tree.size() + 2, all_hex.size() / 2);
}

TEST(Encode, RowMembersComeInAnyOrder) {
  RecordSchema const schema{.name = "Two",
                            .fields = {{.name = "a", .type = {.kind = Kind::int32}},
                                       {.name = "b", .type = {.kind = Kind::text}}}};
  RowEncoder encoder(schema);
  std::string one, other;
  ASSERT_TRUE(encoder.encode(R"( { "\u0062" : "\ud83d\ude00\n" , "a" : 1 } )", one));
  ASSERT_TRUE(encoder.encode("{\"a\":1,\"b\":\"\U0001F600\\n\"}", other));
  EXPECT_EQ(one, other);
  EXPECT_EQ(hex(one), "020af09f98800a");
}

TEST(Encode, Decimals) {
  check_value(price, "0.00", "0200");
  check_value(price, "1.28", "040080");
  check_value(price, "-1.28", "0280");
  check_value(price, "-1.29", "04ff7f");
  check_value(price, "2.56", "040100");
  check_value(price, "0001.500", "040096");
  check_value(price, "1.5e2", "043a98");
  check_value(price, "99999999.99", "0a02540be3ff");
  check_value({.kind = Kind::numeric, .precision = 38}, std::string(38, '9'),
              "204b3b4ca85a86c47a098a223fffffffff");
  check_value({.kind = Kind::numeric, .precision = 39}, std::string(39, '9'),
              "2202f050fe938943acc45f65567fffffffff");
  check_value({.kind = Kind::numeric, .precision = 39}, "-" + std::string(39, '9'),
              "22fd0faf016c76bc533ba09aa98000000001");
  check_refused(price, "1.005", "behind the point");
  check_refused(price, "100000000.00", "before the point");
  check_refused(price, "1e9", "before the point");
  check_refused(price, "1e1000000000", "before the point");
  check_refused(price, "NaN", "no decimal number");
  check_refused(price, "Infinity", "no decimal number");
  check_refused(price, "", "no decimal number");
  check_refused(price, "1.", "no decimal number");
  check_refused({.kind = Kind::numeric}, "Infinity", "no finite number");
}

TEST(Encode, RefusesWhatItsTypeCannotHold) {
  check_refused({.kind = Kind::boolean}, "yes", "neither true nor false");
  check_refused({.kind = Kind::int16}, "32768", "no integer");
  check_refused({.kind = Kind::int32}, "2147483648", "no integer");
  check_refused({.kind = Kind::int64}, "9223372036854775808", "no integer");
  check_refused({.kind = Kind::int64}, "1.0", "no integer");
  check_refused({.kind = Kind::float32}, "1e39", "no number");
  check_refused({.kind = Kind::float64}, "nan", "no number");
  check_refused({.kind = Kind::float64}, "1x", "no number");
  check_refused({.kind = Kind::text}, "\xff", "UTF-8");
  check_refused({.kind = Kind::text}, std::string_view("a\0b", 3), "U+0000");
  check_refused({.kind = Kind::bytes}, "\\x0", "bytea");
  check_refused({.kind = Kind::bytes}, "abcd", "bytea");
  check_refused({.kind = Kind::date}, "infinity", "no date");
  check_refused({.kind = Kind::date}, "0044-03-15 BC", "no date");
  check_refused({.kind = Kind::date}, "10000-01-01", "no date");
  check_refused({.kind = Kind::time}, "24:00:00", "no time");
  check_refused({.kind = Kind::timestamp}, "-infinity", "no timestamp");
  check_refused({.kind = Kind::timestamp}, "2026-01-01 10:00:00+00", "without an offset");
  check_refused({.kind = Kind::timestamptz}, "infinity", "no timestamp");
  check_refused({.kind = Kind::timestamptz}, "2026-01-01 10:00:00 UTC", "no timestamp");
  check_refused({.kind = Kind::timestamptz}, "294276-12-31 00:00:00+00", "no timestamp");
  check_refused({.kind = Kind::json}, "{", "no JSON");
  check_refused({.kind = Kind::json}, std::string(33, '[') + std::string(33, ']'), "32 levels");
}

TEST(Encode, Edges) {
  check_value({.kind = Kind::float64}, "NaN", "000000000000f87f");
  check_value({.kind = Kind::float32}, "-Infinity", "000080ff");
  check_value({.kind = Kind::numeric}, "NaN", "064e614e");
  check_value({.kind = Kind::bytes}, "\\x", "00");
  check_value({.kind = Kind::date}, "0001-01-01", "f3e457");
  check_value({.kind = Kind::timestamptz}, "2026-01-01 10:00:00+05:30", "8088c5bb81d3a306");
  check_value({.kind = Kind::timestamptz}, "2026-01-01T04:30:00", "8088c5bb81d3a306");
  check_value({.kind = Kind::json}, "null", "086e756c6c");
}

TEST(Encode, NullOnlyWhereItMayBe) {
  RecordSchema schema{.name = "One", .fields = {{.name = "a", .type = {.kind = Kind::text}}}};
  Text const null;
  std::string out;
  EXPECT_FALSE(encode(schema, {&null, 1}, out));
  schema.fields[0].nullable = true;
  EXPECT_TRUE(encode(schema, {&null, 1}, out));
  schema.fields[0].default_value = json::text("x");
  EXPECT_TRUE(encode(schema, {&null, 1}, out));
  EXPECT_EQ(hex(out), "0002");
}

TEST(Encode, RefusesRowsThatDoNotFit) {
  std::vector<Field> const number = {{.name = "a", .type = {.kind = Kind::int32}}};
  std::vector<Field> const text = {{.name = "a", .type = {.kind = Kind::text}}};
  std::vector<Field> const document = {{.name = "a", .type = {.kind = Kind::json}}};
  check_row_refused(number, R"({"a":1,"b":2})", "`b`");
  check_row_refused(number, R"({"a":1,"a":1})", "twice");
  check_row_refused(number, "{}", "missing");
  check_row_refused(number, R"({"a":null})", "null");
  check_row_refused(number, R"({"a":"1"})", "another kind");
  check_row_refused(number, R"({"a":[1]})", "another kind");
  check_row_refused(number, R"({"a":true})", "no integer");
  check_row_refused(text, R"({"a":1})", "another kind");
  check_row_refused(text, R"({"a":"\ud800"})", "surrogate");
  check_row_refused(text, R"({"a":"\u0000"})", "U+0000");
  check_row_refused(text, "{\"a\":\"\xff\"}", "UTF-8");
  check_row_refused(document, R"({"a":{"b":"\x"}})", "byte");
  check_row_refused(document, "{\"a\":" + std::string(33, '[') + std::string(33, ']') + "}",
                    "deep");
  for (auto const* row : {"", "[]", "{", R"({"a")", R"({"a":)", R"({"a":1)", R"({"a":1,})",
                          R"({"a":1}x)", R"({"a":01})", R"({"a":1.})", R"({"a":-})", R"({"a":tru})",
                          "{\"a\":\"\n\"}", R"({"a":"\u12"})", R"({"a":"\)"})
    check_row_refused(number, row, "malformed");
}

// A row of another version, `expected` in hex; or the reason in words.
void check_lenient(std::string_view row, std::string_view expected) {
  RecordSchema const schema{
      .name = "Four",
      .fields = {{.name = "a", .type = {.kind = Kind::int32}},
                 {.name = "b", .type = {.kind = Kind::text}, .nullable = true},
                 {.name = "c", .type = price, .default_value = json::number("1.28")},
                 {.name = "d",
                  .type = {.kind = Kind::int32},
                  .nullable = true,
                  .default_value = json::integer(5)}}};
  std::string out = "before";
  auto const encoded = RowEncoder(schema, Members::lenient).encode(row, out);
  if (encoded)
    EXPECT_EQ(hex(out.substr(6)), expected) << row;
  else
    EXPECT_THAT(encoded.error().detail, HasSubstr(std::string(expected))) << row;
  EXPECT_EQ(out.substr(0, 6), "before");
}

TEST(Encode, LenientRowsOfOtherVersions) {
  check_lenient(R"({"a":1,"b":"x","c":0.00,"d":7})",
                "0202027802"
                "00000e");
  check_lenient(R"({"a":1})",
                "0200"
                "04"
                "0080"
                "000a");
  check_lenient(R"({"old":[{"a":2}],"a":1,"older":"\ud83d\ude00"})",
                "020004008000"
                "0a");
  check_lenient(R"({"a":1,"b":null,"c":1.28,"d":null})",
                "0200"
                "040080"
                "02");
  check_lenient(R"({"b":"x"})", "`a` of type integer is missing");
  check_lenient(R"({"a":1,"a":1})", "twice");
  check_lenient(R"({"a":1,"old":tru})", "malformed");
  check_lenient("{\"a\":1,\"old\":" + std::string(33, '[') + std::string(33, ']') + "}", "deep");
}

TEST(Encode, ADocumentNullIsADocument) {
  RecordSchema schema{.name = "One", .fields = {{.name = "a", .type = {.kind = Kind::json}}}};
  std::string text, tree;
  ASSERT_TRUE(RowEncoder(schema).encode(R"({"a":null})", text));
  ASSERT_TRUE(encode_row(schema, *json::parse(R"({"a":null})"), tree));
  EXPECT_EQ(hex(text), "086e756c6c");
  EXPECT_EQ(text, tree);
}

TEST(Frame, RoundTrips) {
  std::string out;
  frame(0x01020304, out);
  EXPECT_EQ(hex(out), "0001020304");
  auto const framed = unframe(out + "data");
  ASSERT_TRUE(framed);
  EXPECT_EQ(framed->schema_id, 0x01020304U);
  EXPECT_FALSE(unframe("\1abcdef"));
  EXPECT_FALSE(unframe(std::string_view("\0\0\0\0", 4)));
}

TEST(RoundTrip, EndsAsTheAnswerOfTheEdgeDoes) {
  auto const schema = parse_schema(json::to_text(to_json(all_types())));
  ASSERT_TRUE(schema);
  std::string binary, decoded, expected;
  ASSERT_TRUE(encode(all_types(), all_values, binary));
  ASSERT_TRUE(decode(*schema, binary, decoded));
  auto const fields = all_types().fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    expected += (i == 0 ? "{\"" : ",\"") + fields[i].name + "\":";
    if (all_values[i])
      types::write_json(*all_values[i], fields[i].type, expected);
    else
      expected += "null";
  }
  EXPECT_EQ(decoded, expected + "}");
}

}  // namespace
}  // namespace hansa::avro
