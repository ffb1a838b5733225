#include "product/body.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "product/shop_fixture.h"

namespace hansa::product {
namespace {

struct Target {
  mesh::Mesh mesh = testing::make_shop();
  Table table{testing::served(mesh)};
};

std::string shown(Table const& table, FieldList const& fields, postgres::Params const& values) {
  std::string text;
  for (std::size_t i = 0; i < fields.size(); ++i)
    text += fmt::format("{}{}={}", i == 0 ? "" : " ", table[fields[i]].column->name.text(),
                        values[i] ? *values[i] : "NULL");
  return text;
}

void check_row(std::string_view body, std::string_view expected) {
  Target target;
  auto const rows = read_new_rows(target.table, body, testing::settings());
  ASSERT_TRUE(rows) << to_text(rows.error());
  std::string text;
  for (NewRow const& row : rows->rows)
    text += (text.empty() ? "" : "\n") + shown(target.table, row.fields, row.values);
  EXPECT_EQ(text, expected);
}

std::string paths(Error const& error) {
  std::string text;
  for (FieldError const& field : error.fields) text += field.path + " ";
  return text;
}

void check_faults(std::string_view body, std::string_view expected) {
  Target target;
  auto const rows = read_new_rows(target.table, body, testing::settings());
  ASSERT_FALSE(rows) << body;
  EXPECT_EQ(rows.error().code, Code::invalid_body) << to_text(rows.error());
  EXPECT_EQ(paths(rows.error()), expected) << to_text(rows.error());
}

TEST(Body, FillsInWhatIsLeftOut) {
  check_row(R"({"name":"a","price":1.5})",
            "name=a price=1.5 stock=0 sku=NULL active=NULL views=NULL details=NULL photo=NULL");
  check_row(
      R"({"stock":null,"price":0,"name":"b","id":7,"created_at":"2026-01-01T00:00:00Z"})",
      "id=7 name=b price=0 stock=NULL sku=NULL active=NULL views=NULL details=NULL photo=NULL "
      "created_at=2026-01-01 00:00:00+00");
}

TEST(Body, ListsEveryFault) {
  check_faults(R"({})", "/name /price ");
  check_faults(R"({"nmae":"a","price":"cheap","stock":-1,"id":null})",
               "/nmae /id /name /price /stock ");
  check_faults(R"([{"name":"a","price":1},{"name":null,"price":1.005},5])", "/1/name /1/price /2 ");
  check_faults(R"({"name":"a","price":1,"a/b~c":1})", "/a~1b~0c ");
  check_faults(R"({"name":"a\u0000b","price":1})", "/name ");
  check_faults(R"({"name":"a","price":1,"views":9223372036854775808})", "/views ");
  check_faults("5", "");
  check_faults("[]", "");
  check_faults("null", "");
}

TEST(Body, NamesTheNearestColumn) {
  Target target;
  auto const rows =
      read_new_rows(target.table, R"({"namee":"a","name":"b","price":1})", testing::settings());
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().fields.front().message, "no such column; did you mean `name`?");
}

TEST(Body, IsBounded) {
  Target target;
  std::string array = "[";
  for (int i = 0; i < 1001; ++i) array += R"({"name":"a","price":1},)";
  array.back() = ']';
  auto const many = read_new_rows(target.table, array, testing::settings());
  ASSERT_FALSE(many);
  EXPECT_NE(many.error().detail.find("1000"), std::string::npos);
  std::string members = "{";
  for (int i = 0; i < 200'000; ++i) members += fmt::format(R"("m{}":1,)", i);
  members.back() = '}';
  auto const wide = read_new_rows(target.table, members, testing::settings());
  ASSERT_FALSE(wide);
  EXPECT_EQ(wide.error().fields.size(), 100U);
  EXPECT_EQ(read_new_rows(target.table, "{", testing::settings()).error().code,
            Code::malformed_json);
  EXPECT_EQ(read_new_rows(target.table, std::string(100, '['), testing::settings()).error().code,
            Code::too_complex);
  EXPECT_EQ(
      read_new_rows(target.table, R"({"name":"a","name":"b"})", testing::settings()).error().code,
      Code::malformed_json);
}

void check_patch(std::string_view body, std::string_view expected, std::size_t merges = 0) {
  Target target;
  auto const patch = read_patch(target.table, {"7"}, body);
  ASSERT_TRUE(patch) << to_text(patch.error());
  EXPECT_EQ(shown(target.table, patch->fields, patch->values), expected);
  EXPECT_EQ(patch->merges.size(), merges);
}

void check_patch_faults(std::string_view body, std::string_view expected) {
  Target target;
  auto const patch = read_patch(target.table, {"7"}, body);
  ASSERT_FALSE(patch) << body;
  EXPECT_EQ(patch.error().code, Code::invalid_body);
  EXPECT_EQ(paths(patch.error()), expected);
}

TEST(Body, ReadsPatches) {
  check_patch("{}", "");
  check_patch(R"({"price":2,"sku":null})", "price=2 sku=NULL");
  check_patch(R"({"id":7,"stock":1})", "stock=1");
  check_patch(R"({"details":{"a":1}})", "", 1);
  check_patch(R"({"details":[1, 2]})", "details=[1,2]");
  check_patch(R"({"details":null})", "details=NULL");
  check_patch_faults(R"({"id":8})", "/id ");
  check_patch_faults(R"({"name":null,"price":"x","nmae":1})", "/nmae /name /price ");
  check_patch_faults("[]", "");
  check_patch_faults("5", "");
}

// The table of RFC 7396, appendix A.
TEST(Body, Merges) {
  struct Case {
    std::string_view target, patch, result;
  };
  for (Case const& example : std::initializer_list<Case>{
           {R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
           {R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
           {R"({"a":"b"})", R"({"a":null})", R"({})"},
           {R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
           {R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
           {R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})"},
           {R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
           {R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
           {R"(["a","b"])", R"(["c","d"])", R"(["c","d"])"},
           {R"({"a":"b"})", R"(["c"])", R"(["c"])"},
           {R"({"a":"foo"})", R"(null)", R"(null)"},
           {R"({"a":"foo"})", R"("bar")", R"("bar")"},
           {R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
           {R"([1,2])", R"({"a":"b","c":null})", R"({"a":"b"})"},
           {R"({})", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"}})
    EXPECT_EQ(json::to_text(merged(*json::parse(example.target), *json::parse(example.patch))),
              example.result);
}

}  // namespace
}  // namespace hansa::product
