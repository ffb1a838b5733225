// Schemas of strangers: what is one, its canonical form and fingerprint (the values are those the
// Avro project publishes for all its implementations), and what is refused.
#include "avro/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hansa::avro {
namespace {

using testing::HasSubstr;

void check_canonical(std::string_view document, std::string_view expected) {
  auto const schema = parse_schema(document);
  ASSERT_TRUE(schema) << document << ": " << schema.error().detail;
  EXPECT_EQ(canonical_form(*schema), expected) << document;
  auto const again = parse_schema(expected);
  ASSERT_TRUE(again) << expected;
  EXPECT_EQ(canonical_form(*again), expected);
}

void check_fingerprint(std::string_view canonical, std::int64_t expected) {
  EXPECT_EQ(static_cast<std::int64_t>(fingerprint(canonical)), expected) << canonical;
}

void check_refused(std::string_view document, std::string_view reason,
                   Code code = Code::invalid_value) {
  auto const schema = parse_schema(document);
  ASSERT_FALSE(schema) << document;
  EXPECT_EQ(schema.error().code, code) << schema.error().detail;
  EXPECT_THAT(schema.error().detail, HasSubstr(std::string(reason))) << document;
}

void check_logical(std::string_view document, Logical expected) {
  auto const schema = parse_schema(document);
  ASSERT_TRUE(schema) << document;
  EXPECT_EQ(schema->at(schema->root).logical, expected) << document;
}

std::string record(std::string_view fields) {
  return R"({"type":"record","name":"R","fields":[)" + std::string(fields) + "]}";
}

TEST(Canonical, Primitives) {
  check_canonical(R"("null")", R"("null")");
  check_canonical(R"({"type":"long","logicalType":"timestamp-micros"})", R"("long")");
  check_canonical(R"([ "int" , {"type":"boolean"} ])", R"(["int","boolean"])");
  check_canonical(R"({"type":{"type":"string"}})", R"("string")");
  check_canonical("[]", "[]");
}

TEST(Canonical, NamedTypes) {
  check_canonical(R"({"fields":[], "type":"record", "name":"foo", "namespace":"x.y", "doc":"d"})",
                  R"({"name":"x.y.foo","type":"record","fields":[]})");
  check_canonical(R"({"fields":[], "type":"record", "name":"a.b.foo", "namespace":"x.y"})",
                  R"({"name":"a.b.foo","type":"record","fields":[]})");
  check_canonical(R"({"type":"enum","name":"foo","doc":"d","symbols":["A1","A2"],"default":"A2"})",
                  R"({"name":"foo","type":"enum","symbols":["A1","A2"]})");
  check_canonical(R"({"name":"foo","type":"fixed","size":15,"aliases":["bar"]})",
                  R"({"name":"foo","type":"fixed","size":15})");
  check_canonical(R"({"items":{"type":"null"},"type":"array"})",
                  R"({"type":"array","items":"null"})");
  check_canonical(R"({"values":"string","type":"map"})", R"({"type":"map","values":"string"})");
}

TEST(Canonical, References) {
  check_canonical(
      R"({"name":"Node","namespace":"n","type":"record","fields":[
          {"name":"value","type":["null","int","Node"],"default":null,"order":"ignore"}]})",
      R"({"name":"n.Node","type":"record","fields":[)"
      R"({"name":"value","type":["null","int","n.Node"]}]})");
  // Within x.y, `F` is x.y.F; `G` is only known without a namespace.
  check_canonical(
      R"([{"type":"fixed","name":"G","size":1},{"type":"record","name":"R","namespace":"x.y",
          "fields":[{"name":"f","type":{"type":"fixed","name":"F","size":2}},
          {"name":"again","type":{"type":"F"}},{"name":"g","type":"G"}]}])",
      R"([{"name":"G","type":"fixed","size":1},{"name":"x.y.R","type":"record","fields":[)"
      R"({"name":"f","type":{"name":"x.y.F","type":"fixed","size":2}},)"
      R"({"name":"again","type":"x.y.F"},{"name":"g","type":"G"}]}])");
}

TEST(Fingerprint, AgreesWithTheOtherImplementations) {
  check_fingerprint(R"("null")", 7195948357588979594);
  check_fingerprint(R"("boolean")", -6970731678124411036);
  check_fingerprint(R"("string")", -8142146995180207161);
  check_fingerprint("[]", -1241056759729112623);
  check_fingerprint(R"({"name":"foo","type":"record","fields":[{"name":"f1","type":"boolean"}]})",
                    7843277075252814651);
  check_fingerprint(R"({"name":"PigValue","type":"record","fields":[)"
                    R"({"name":"value","type":["null","int","long","PigValue"]}]})",
                    -1759257747318642341);
}

TEST(Parse, LogicalTypesThatFit) {
  check_logical(R"({"type":"int","logicalType":"date"})", Logical::date);
  check_logical(R"({"type":"long","logicalType":"date"})", Logical::none);
  check_logical(R"({"type":"long","logicalType":"unheard-of"})", Logical::none);
  check_logical(R"({"type":"string","logicalType":"uuid"})", Logical::uuid);
  check_logical(R"({"type":"string","hansa.type":"json"})", Logical::json_text);
  check_logical(R"({"type":"bytes","logicalType":"decimal","precision":4,"scale":2})",
                Logical::decimal);
  check_logical(R"({"type":"bytes","logicalType":"decimal","precision":4})", Logical::decimal);
  check_logical(R"({"type":"bytes","logicalType":"decimal","precision":4,"scale":5})",
                Logical::none);
  check_logical(R"({"type":"bytes","logicalType":"decimal","precision":0})", Logical::none);
  check_logical(R"({"type":"bytes","logicalType":"decimal","precision":1001})", Logical::none);
  check_logical(R"({"type":"fixed","name":"F","size":2,"logicalType":"decimal","precision":4})",
                Logical::decimal);
  check_logical(R"({"type":"fixed","name":"F","size":2,"logicalType":"decimal","precision":5})",
                Logical::none);
  check_logical(R"({"type":"fixed","name":"F","size":12,"logicalType":"duration"})",
                Logical::duration);
  check_logical(R"({"type":"fixed","name":"F","size":11,"logicalType":"duration"})", Logical::none);
}

TEST(Parse, RefusesWhatIsNoSchema) {
  check_refused("", "", Code::malformed_json);
  check_refused("5", "a type is");
  check_refused("{}", "`type` is missing");
  check_refused(R"("union")", "unknown type");
  check_refused(R"("Unknown")", "unknown type");
  check_refused(R"(["int","int"])", "two branches");
  check_refused(R"([{"type":"array","items":"int"},{"type":"array","items":"long"}])",
                "two branches");
  check_refused(R"([["int"]])", "union directly within a union");
  check_refused(R"({"type":"array"})", "`items`");
  check_refused(R"({"type":"record","fields":[]})", "`name`");
  check_refused(R"({"type":"record","name":"1R","fields":[]})", "no name");
  check_refused(R"({"type":"record","name":"a..R","fields":[]})", "no name");
  check_refused(R"({"type":"record","name":"long","fields":[]})", "no name");
  check_refused(R"({"type":"record","name":")" + std::string(2000, 'a') + R"(","fields":[]})",
                "no name");
  check_refused(R"({"type":"record","name":"R"})", "`fields`");
  check_refused(record(R"({"name":"a"})"), "no `type`");
  check_refused(record(R"({"name":"a-b","type":"int"})"), "no name for a field");
  check_refused(record(R"({"name":"a","type":"int"},{"name":"a","type":"int"})"), "stands twice");
  check_refused(record(R"({"name":"a","type":{"type":"fixed","name":"R","size":1}})"),
                "defined twice");
  check_refused(R"({"type":"enum","name":"E","symbols":["A","A"]})", "stands twice");
  check_refused(R"({"type":"enum","name":"E","symbols":["a b"]})", "no name");
  check_refused(R"({"type":"enum","name":"E","symbols":["A"],"default":"B"})",
                "none of its symbols");
  check_refused(R"({"type":"fixed","name":"F","size":-1})", "count of bytes");
  check_refused(R"({"type":"fixed","name":"F","size":2147483648})", "count of bytes");
  check_refused(R"({"type":"fixed","name":"F","size":1,"aliases":["a b"]})", "alias");
}

TEST(Parse, Bounds) {
  std::string deep = R"("int")";
  for (int i = 0; i < 32; ++i) deep = R"({"type":"array","items":)" + deep + "}";
  EXPECT_TRUE(parse_schema(deep));
  check_refused(R"({"type":"array","items":)" + deep + "}", "deeper than 32", Code::too_complex);
  check_refused(std::string(schema_bytes_max + 1, ' '), "", Code::body_too_large);
}

TEST(Parse, Defaults) {
  auto const accepted = [](std::string_view field) {
    auto const schema = parse_schema(record(field));
    EXPECT_TRUE(schema) << field << ": " << schema.error().detail;
  };
  auto const refused = [](std::string_view field) {
    check_refused(record(field), "default of field `a`");
    EXPECT_TRUE(parse_schema(record(field), Defaults::ignored)) << field;
  };
  accepted(R"({"name":"a","type":"int","default":-2147483648})");
  refused(R"({"name":"a","type":"int","default":2147483648})");
  refused(R"({"name":"a","type":"long","default":1.0})");
  refused(R"({"name":"a","type":"boolean","default":"true"})");
  accepted(R"({"name":"a","type":"double","default":1})");
  accepted(R"({"name":"a","type":"bytes","default":"\u00ff"})");
  refused(R"({"name":"a","type":"bytes","default":"\u0100"})");
  accepted(R"({"name":"a","type":{"type":"fixed","name":"F","size":1},"default":"\u00ff"})");
  refused(R"({"name":"a","type":{"type":"fixed","name":"F","size":1},"default":"ab"})");
  accepted(R"({"name":"a","type":["null","string"],"default":null})");
  accepted(R"({"name":"a","type":["null","string"],"default":"x"})");
  refused(R"({"name":"a","type":["null","string"],"default":1})");
  accepted(
      R"({"name":"a","type":{"type":"map","values":{"type":"array","items":"int"}},
                "default":{"k":[1]}})");
  refused(
      R"({"name":"a","type":{"type":"map","values":{"type":"array","items":"int"}},
                "default":{"k":[""]}})");
  accepted(R"({"name":"a","type":{"type":"enum","name":"E","symbols":["A"]},"default":"A"})");
  refused(R"({"name":"a","type":{"type":"enum","name":"E","symbols":["A"]},"default":"B"})");
  accepted(R"({"name":"a","default":{"c":1},"type":{"type":"record","name":"S","fields":[
      {"name":"b","type":"int","default":1},{"name":"c","type":"int"}]}})");
  refused(R"({"name":"a","default":{},"type":{"type":"record","name":"S","fields":[
      {"name":"c","type":"int"}]}})");
}

// Two branches a level, each tried for a value that fits neither.
TEST(Parse, DefaultsTakeBoundedWork) {
  std::string value = "true";
  for (int i = 0; i < 60; ++i) value = R"({"x":)" + value + "}";
  check_refused(R"({"type":"record","name":"A","fields":[{"name":"x","type":["A",
                    {"type":"record","name":"B","fields":[{"name":"x","type":["A","B"]}]}],
                    "default":)" +
                    value + "}]}",
                "too long", Code::too_complex);
}

}  // namespace
}  // namespace hansa::avro
