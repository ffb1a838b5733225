// Binary of strangers to JSON: every form, every logical type, and that hostile bytes cost little.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "avro/schema.h"

namespace hansa::avro {
namespace {

using testing::HasSubstr;

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return bytes;
}

// Every proper prefix is refused as well, read from memory that ends there.
void check(std::string_view document, std::string_view hex, std::string_view expected) {
  auto const schema = parse_schema(document);
  ASSERT_TRUE(schema) << document << ": " << schema.error().detail;
  auto const bytes = from_hex(hex);
  std::string out = "before";
  auto const decoded = decode(*schema, bytes, out);
  ASSERT_TRUE(decoded) << document << ": " << decoded.error().detail;
  EXPECT_EQ(out, "before" + std::string(expected));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    std::vector<char> const cut(bytes.begin(), bytes.begin() + static_cast<long>(size));
    EXPECT_FALSE(decode(*schema, {cut.data(), cut.size()}, out)) << document << " " << size;
  }
  EXPECT_FALSE(decode(*schema, bytes + "x", out)) << document;
  EXPECT_EQ(out, "before" + std::string(expected));
}

void check_refused(std::string_view document, std::string_view hex, std::string_view reason,
                   Code code = Code::invalid_body) {
  auto const schema = parse_schema(document);
  ASSERT_TRUE(schema) << document;
  std::string out;
  auto const decoded = decode(*schema, from_hex(hex), out);
  ASSERT_FALSE(decoded) << document << ": " << out;
  EXPECT_EQ(decoded.error().code, code);
  EXPECT_THAT(decoded.error().detail, HasSubstr(std::string(reason)));
  EXPECT_EQ(out, "");
}

TEST(Decode, Primitives) {
  check(R"("null")", "", "null");
  check(R"("boolean")", "01", "true");
  check(R"("int")", "ffffffff0f", "-2147483648");
  check(R"("long")", "ffffffffffffffffff01", "-9223372036854775808");
  check(R"("float")", "0000c03f", "1.5");
  check(R"("double")", "9a9999999999b9bf", "-0.1");
  check(R"("double")", "000000000000f07f", R"("Infinity")");
  check(R"("double")", "000000000000f0ff", R"("-Infinity")");
  check(R"("float")", "0000c07f", R"("NaN")");
  check(R"("bytes")", "044869", R"("SGk=")");
  check(R"("string")", "0ac3ab0a2200", "\"\u00eb\\n\\\"\\u0000\"");
}

TEST(Decode, Composites) {
  check(R"({"type":"array","items":"int"})", "040204020600", "[1,2,3]");
  check(R"({"type":"array","items":"int"})", "0304020400", "[1,2]");
  check(R"({"type":"array","items":"int"})", "00", "[]");
  check(R"({"type":"map","values":"boolean"})",
        "040261010262"
        "00"
        "00",
        R"({"a":true,"b":false})");
  check(R"({"type":"fixed","name":"F","size":2})", "4869", R"("SGk=")");
  check(R"({"type":"enum","name":"E","symbols":["A","B"]})", "02", R"("B")");
  check(R"(["null","string","long"])", "0402", "1");
  check(R"({"type":"record","name":"R","fields":[]})", "", "{}");
  check(R"({"type":"record","name":"N","fields":[{"name":"v","type":"int"},
            {"name":"next","type":["null","N"]}]})",
        "02020400", R"({"v":1,"next":{"v":2,"next":null}})");
}

TEST(Decode, LogicalTypes) {
  check(R"({"type":"bytes","logicalType":"decimal","precision":10,"scale":2})", "04ff7f", "-1.29");
  check(R"({"type":"bytes","logicalType":"decimal","precision":10,"scale":2})", "0200", "0.00");
  check(R"({"type":"bytes","logicalType":"decimal","precision":3})", "06ffff80", "-128");
  check(R"({"type":"fixed","name":"F","size":4,"logicalType":"decimal","precision":9,"scale":9})",
        "00000001", "0.000000001");
  check(R"({"type":"bytes","logicalType":"decimal","precision":39})",
        "2202f050fe938943acc45f65567fffffffff", std::string(39, '9'));
  check(R"({"type":"bytes","logicalType":"decimal","precision":39})",
        "22fd0faf016c76bc533ba09aa98000000001", "-" + std::string(39, '9'));
  check(R"({"type":"bytes","logicalType":"decimal","precision":39})",
        "2080000000000000000000000000000000", "-170141183460469231731687303715884105728");
  check(R"({"type":"int","logicalType":"date"})", "f3e457", R"("0001-01-01")");
  check(R"({"type":"int","logicalType":"time-millis"})", "d00f", R"("00:00:01")");
  check(R"({"type":"long","logicalType":"time-micros"})", "a08d06", R"("00:00:00.05")");
  check(R"({"type":"long","logicalType":"timestamp-millis"})", "01",
        R"("1969-12-31T23:59:59.999Z")");
  check(R"({"type":"long","logicalType":"timestamp-micros"})", "02",
        R"("1970-01-01T00:00:00.000001Z")");
  check(R"({"type":"long","logicalType":"local-timestamp-millis"})", "00",
        R"("1970-01-01T00:00:00Z")");
  check(R"({"type":"long","logicalType":"local-timestamp-micros"})", "01",
        R"("1969-12-31T23:59:59.999999Z")");
  check(R"({"type":"string","logicalType":"uuid"})", "0278", R"("x")");
  check(R"({"type":"fixed","name":"U","size":16,"logicalType":"uuid"})",
        "6f9619ff8b86d011b42d00c04fc964ff", R"("6f9619ff-8b86-d011-b42d-00c04fc964ff")");
  check(R"({"type":"fixed","name":"D","size":12,"logicalType":"duration"})",
        "0100000002000000"
        "dc050000",
        R"("P1M2DT1.500S")");
  check(R"({"type":"string","hansa.type":"json"})", "0e7b2261223a317d", R"({"a":1})");
  check(R"({"type":"string","hansa.type":"numeric"})", "08312e3530", "1.50");
  check(R"({"type":"string","hansa.type":"numeric"})", "064e614e", R"("NaN")");
}

TEST(Decode, RefusesWhatIsMalformed) {
  check_refused(R"("boolean")", "02", "boolean");
  check_refused(R"("int")", "8080808010", "32 bits");
  check_refused(R"("long")", "ffffffffffffffffff02", "integer");
  check_refused(R"("string")", "02ff", "UTF-8");
  check_refused(R"("string")", "01", "cut short");
  check_refused(R"("bytes")", "feffffffffffffffff01", "cut short");
  check_refused(R"({"type":"enum","name":"E","symbols":["A","B"]})", "04", "symbol");
  check_refused(R"(["null","int"])", "01", "branch");
  check_refused("[]", "00", "branch");
  check_refused(R"({"type":"map","values":"null"})",
                "04026102"
                "6100",
                "twice");
  check_refused(R"({"type":"array","items":"int"})", "ffffffffffffffffff0100", "block");
  check_refused(R"({"type":"array","items":"int"})", "01080200", "block");
  check_refused(R"({"type":"bytes","logicalType":"decimal","precision":2})", "00", "decimal");
  check_refused(R"({"type":"bytes","logicalType":"decimal","precision":2})", "0264", "precision");
  check_refused(R"({"type":"bytes","logicalType":"decimal","precision":2})",
                "e807" + std::string(1000, '5'), "precision");
  check_refused(R"({"type":"int","logicalType":"date"})", "ffffffff0f", "moment");
  check_refused(R"({"type":"int","logicalType":"time-millis"})", "01", "moment");
  check_refused(R"({"type":"long","logicalType":"timestamp-millis"})", "ffffffffffffffffff01",
                "moment");
  check_refused(R"({"type":"string","hansa.type":"json"})", "04227d", "JSON");
  check_refused(R"({"type":"string","hansa.type":"numeric"})", "0278", "number");
}

TEST(Decode, HostileBytesCostLittle) {
  // 2^40 items without a byte of their own.
  check_refused(R"({"type":"array","items":"null"})", "808080808040", "too many values",
                Code::too_complex);
  check_refused(R"({"type":"array","items":{"type":"record","name":"R","fields":[]}})",
                "808080808040", "too many values", Code::too_complex);
  check_refused(R"({"type":"array","items":{"type":"fixed","name":"F","size":0}})", "808080808040",
                "too many values", Code::too_complex);
  // A record that holds itself without an end.
  check_refused(R"({"type":"record","name":"R","fields":[{"name":"r","type":"R"}]})", "",
                "too deep", Code::too_complex);
  std::string chain;
  for (int i = 0; i < 100; ++i) chain += "02";
  check_refused(R"({"type":"record","name":"R","fields":[{"name":"r","type":["null","R"]}]})",
                chain, "too deep", Code::too_complex);
  // A long name for every value.
  auto const symbol = std::string(1000, 'S');
  check_refused(
      R"({"type":"array","items":{"type":"enum","name":"E","symbols":[")" + symbol + R"("]}})",
      "c0843d" + std::string(200'000, '0'), "too long a text", Code::too_complex);
}

}  // namespace
}  // namespace hansa::avro
