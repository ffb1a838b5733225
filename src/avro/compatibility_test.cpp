// Which schema reads which, and the reasons: one line a rule of the specification.
#include "avro/compatibility.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace hansa::avro {
namespace {

// `expected` has one "KIND path" a reason, separated by "; ".
void check(std::string_view reader, std::string_view writer, std::string_view expected) {
  auto const read = parse_schema(reader), written = parse_schema(writer);
  ASSERT_TRUE(read) << reader << ": " << read.error().detail;
  ASSERT_TRUE(written) << writer << ": " << written.error().detail;
  std::string found;
  for (auto const& reason : can_read(*read, *written)) {
    if (!found.empty()) found += "; ";
    found += to_text(reason.kind);
    found += " " + reason.path;
    EXPECT_FALSE(reason.message.empty());
  }
  EXPECT_EQ(found, expected) << reader << " reads " << writer;
}

std::string record(std::string_view fields, std::string_view attributes = R"("name":"R")") {
  return R"({"type":"record",)" + std::string(attributes) + R"(,"fields":[)" + std::string(fields) +
         "]}";
}

std::string enumeration(std::string_view symbols, std::string_view more = "") {
  return R"({"type":"enum","name":"E","symbols":[)" + std::string(symbols) + "]" +
         std::string(more) + "}";
}

TEST(CanRead, Promotions) {
  std::string_view const names[] = {"null",  "boolean", "int",   "long",
                                    "float", "double",  "bytes", "string"};
  std::vector<std::pair<std::string_view, std::string_view>> const promoted = {
      {"long", "int"},    {"float", "int"},    {"float", "long"},   {"double", "int"},
      {"double", "long"}, {"double", "float"}, {"bytes", "string"}, {"string", "bytes"}};
  for (auto const reader : names)
    for (auto const writer : names) {
      bool const expected =
          reader == writer ||
          std::ranges::find(promoted, std::pair(reader, writer)) != promoted.end();
      check('"' + std::string(reader) + '"', '"' + std::string(writer) + '"',
            expected ? "" : "TYPE_MISMATCH ");
    }
}

TEST(CanRead, Containers) {
  check(R"({"type":"array","items":"long"})", R"({"type":"array","items":"int"})", "");
  check(R"({"type":"array","items":"int"})", R"({"type":"array","items":"long"})",
        "TYPE_MISMATCH /items");
  check(R"({"type":"map","values":"int"})", R"({"type":"map","values":"string"})",
        "TYPE_MISMATCH /values");
  check(R"({"type":"map","values":"int"})", R"({"type":"array","items":"int"})", "TYPE_MISMATCH ");
}

TEST(CanRead, NamedTypes) {
  check(R"({"type":"fixed","name":"F","size":1})", R"({"type":"fixed","name":"F","size":2})",
        "FIXED_SIZE_MISMATCH /size");
  check(R"({"type":"fixed","name":"F","size":1})", R"({"type":"fixed","name":"G","size":2})",
        "NAME_MISMATCH /name; FIXED_SIZE_MISMATCH /size");
  check(R"({"type":"fixed","name":"x.F","size":1})", R"({"type":"fixed","name":"y.F","size":1})",
        "");
  check(enumeration(R"("A","B")"), enumeration(R"("B")"), "");
  check(enumeration(R"("A")"), enumeration(R"("A","B")"), "MISSING_ENUM_SYMBOLS /symbols");
  check(enumeration(R"("A")", R"(,"default":"A")"), enumeration(R"("A","B")"), "");
}

TEST(CanRead, Records) {
  auto const one = record(R"({"name":"a","type":"int"})");
  auto const two = record(R"({"name":"a","type":"int"},{"name":"b","type":"int"})");
  check(one, two, "");
  check(two, one, "READER_FIELD_MISSING_DEFAULT_VALUE /fields/1");
  check(record(R"({"name":"b","type":"int","default":0},{"name":"a","type":"long"})"), one, "");
  check(one, record(R"({"name":"a","type":"string"})"), "TYPE_MISMATCH /fields/0/type");
  check(record(R"({"name":"z","type":"int","aliases":["a"]})"), one, "");
  check(one, record(R"({"name":"a","type":"int"})", R"("name":"S")"), "NAME_MISMATCH /name");
  check(record(R"({"name":"a","type":"int"})", R"("name":"T","aliases":["R"])"), one, "");
  check(one, "\"int\"", "TYPE_MISMATCH ");
  check(record(R"({"name":"a","type":"boolean"},{"name":"b","type":"boolean"})"), two,
        "TYPE_MISMATCH /fields/0/type; TYPE_MISMATCH /fields/1/type");
}

TEST(CanRead, Unions) {
  check(R"(["null","string"])", R"("string")", "");
  check(R"(["null","string"])", R"("int")", "MISSING_UNION_BRANCH ");
  check(R"("string")", R"(["null","string"])", "TYPE_MISMATCH ");
  check(R"("long")", R"(["int","long"])", "");
  check(R"(["int","long","string"])", R"(["string","int"])", "");
  check(R"(["int","string"])", R"(["string","boolean","null"])",
        "MISSING_UNION_BRANCH /1; MISSING_UNION_BRANCH /2");
  check(R"(["null","double"])", R"(["null","int"])", "");
  check(R"(["null"])", "[]", "");
  check(record(R"({"name":"a","type":["null","string"],"default":null})"),
        record(R"({"name":"a","type":["null","string","int"],"default":null})"),
        "MISSING_UNION_BRANCH /fields/0/type/2");
}

TEST(CanRead, RecursiveTypes) {
  auto const list = [](std::string_view value) {
    return record(R"({"name":"v","type":")" + std::string(value) +
                  R"("},{"name":"next","type":["null","R"]})");
  };
  check(list("long"), list("int"), "");
  check(list("int"), list("long"),
        "TYPE_MISMATCH /fields/0/type; MISSING_UNION_BRANCH /fields/1/type/1");
}

// The second field is fine only if R is, and R is not.
TEST(CanRead, AnAssumptionThatFellTakesItsConclusionsAlong) {
  auto const schema = [](std::string_view last) {
    return record(R"({"name":"u","type":["null",{"type":"record","name":"S","fields":[
                     {"name":"r","type":["null","R"]}]}]},{"name":"x","type":)" +
                  std::string(last) + "}");
  };
  auto const read = parse_schema("[" + schema(R"("int")") + R"(,"null"])");
  auto const written = parse_schema("[" + schema(R"("string")") + R"(,"null"])");
  ASSERT_TRUE(read && written);
  EXPECT_EQ(can_read(*read, *written).size(), 1U);
  check("[" + schema(R"("int")") + R"(,"S"])", "[" + schema(R"("string")") + R"(,"S"])",
        "MISSING_UNION_BRANCH /0; MISSING_UNION_BRANCH /1");
}

// Each branch of the writer's is found only behind all that come after it.
TEST(CanRead, TakesBoundedWork) {
  std::string reader, writer;
  for (int i = 0; i < 1500; ++i) {
    auto const branch = record("", R"("name":"A)" + std::to_string(i) + '"');
    reader += (i == 0 ? "" : ",") + branch;
    writer.insert(0, branch + (i == 0 ? "" : ","));
  }
  check("[" + reader + "]", "[" + writer + "]", "TOO_COMPLEX ");
}

}  // namespace
}  // namespace hansa::avro
