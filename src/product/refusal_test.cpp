#include "product/refusal.h"

#include <gtest/gtest.h>

#include "product/shop_fixture.h"

namespace hansa::product {
namespace {

constexpr char const* leak = "Key (sku_code)=(SECRET) already exists.";

Error refused(postgres::SqlError::Details details, Act act = Act::write, std::size_t object = 0) {
  mesh::Mesh const mesh = testing::make_shop();
  Table const table{testing::served(mesh, object)};
  details.message = details.detail = details.hint = details.context = leak;
  return refusal(postgres::SqlError{std::move(details)}, table, act);
}

void check(postgres::SqlError::Details details, Code code, std::string_view detail,
           std::string_view field = "", Act act = Act::write, std::size_t object = 0) {
  auto const error = refused(std::move(details), act, object);
  EXPECT_EQ(info(error.code).name, info(code).name) << to_text(error);
  EXPECT_EQ(error.detail, detail);
  EXPECT_EQ(error.fields.empty() ? "" : error.fields.front().path, field);
  EXPECT_EQ(to_text(error).find("SECRET"), std::string::npos) << to_text(error);
}

TEST(Refusal, NamesColumnsAndRules) {
  check({.sqlstate = "23505", .constraint = "item_store_sku_key"}, Code::unique_violation,
        "another row of `item` has this `sku`", "/sku");
  check({.sqlstate = "23505", .constraint = "strange"}, Code::unique_violation,
        "another row of `item` has such a unique value");
  check({.sqlstate = "23505", .constraint = "line_pkey"}, Code::unique_violation,
        "another row of `line` has this `basket`, `number`", "/basket", Act::write, 1);
  check({.sqlstate = "23503", .table = "line", .constraint = "line_item_id_fkey"},
        Code::reference_violation, "`item_id`: no `item` has this `id`", "/item_id", Act::write, 1);
  check({.sqlstate = "23503", .table = "line", .constraint = "line_item_id_fkey"},
        Code::reference_violation, "rows of `line` still refer to this row of `item`");
  check({.sqlstate = "23514", .constraint = "item_store_stock_range_check"}, Code::check_violation,
        "`stock` breaks the rule `range` of the contract", "/stock");
  check({.sqlstate = "23514", .constraint = "strange"}, Code::check_violation,
        "the row breaks a rule of `item`");
  check({.sqlstate = "23502", .column = "sku_code"}, Code::check_violation,
        "`sku` must not be null", "/sku");
}

TEST(Refusal, TellsReadingFromWriting) {
  check({.sqlstate = "22003"}, Code::check_violation, "a number is out of its column's range");
  check({.sqlstate = "22003"}, Code::invalid_parameter, "a number is out of its column's range", "",
        Act::read);
  EXPECT_NE(refused({.sqlstate = "57014"}, Act::read).hint.find("`price`"), std::string::npos);
  check({.sqlstate = "42501"}, Code::insufficient_privilege,
        "PostgreSQL refused the statement (SQLSTATE 42501)");
  check({.sqlstate = "XX000"}, Code::database_error,
        "PostgreSQL refused the statement (SQLSTATE XX000)");
}

// The row pointed to comes from another domain, so the same request may do a second later.
TEST(Refusal, TellsRowsThatHaveNotArrived) {
  auto const mesh = testing::make_projecting_shop();
  Table const lines{mesh, testing::served(mesh, 1)};
  auto const refused = [&](std::string detail, std::string constraint = "line_item_id_fkey") {
    return refusal(postgres::SqlError{{.sqlstate = "23503",
                                       .message = "SECRET",
                                       .detail = std::move(detail),
                                       .table = "line",
                                       .constraint = std::move(constraint)}},
                   lines, Act::write);
  };
  auto const late = refused(R"(Key (item_id)=(99) is not present in table "item_store".)");
  EXPECT_EQ(info(late.code).name, info(Code::not_arrived_yet).name);
  EXPECT_EQ(late.detail,
            "`item_id`: no `item` here has the `id` 99 yet; domain `factory` announces it in topic "
            "`factory-item-v1`, and it has not arrived");
  EXPECT_TRUE(late.hint.starts_with("try again")) << late.hint;
  ASSERT_EQ(late.fields.size(), 1U);
  EXPECT_EQ(late.fields.front().path, "/item_id");
  EXPECT_EQ(late.fields.front().message, "no `item` here has the `id` 99 yet");
  EXPECT_NE(
      refused("Schlüssel (item_id)=(a(b)c) ist nicht vorhanden").detail.find("`id` a(b)c yet"),
      std::string::npos);
  EXPECT_NE(refused("Key (item_id)=(" + std::string(101, '9') + ") is not present")
                .detail.find("no `item` here has this `id` yet"),
            std::string::npos)
      << "what is long is not repeated";
  for (auto const* const detail :
       {"", "Key (sku_code)=(SECRET) is not present", "Key (item_id)=("}) {
    auto const other = refused(detail);
    EXPECT_EQ(info(other.code).name, info(Code::reference_violation).name) << detail;
    EXPECT_EQ(other.detail, "`item_id`: no `item` has this `id`");
  }
  auto const strange = refused("Key (item_id)=(99) is not present", "strange");
  EXPECT_EQ(info(strange.code).name, info(Code::reference_violation).name);
}

TEST(Refusal, NamesWhatIsTooLong) {
  check({.sqlstate = "54000", .constraint = "item_store_sku_key"}, Code::value_over_limit,
        "`sku` is too long for its index", "/sku");
  check({.sqlstate = "54000"}, Code::value_over_limit,
        "a value is too large to be stored in `item`");
}

// Cut names end in a mark; two columns that only the mark tells apart are named by neither.
TEST(Refusal, KnowsCutNamesWithoutGuessing) {
  mesh::Mesh mesh = testing::make_shop();
  mesh::Object& object = mesh.domains.front().contracts.front().objects.front();
  std::string const table_name(40, 't');
  object.physical_name = table_name;
  object.columns[3].physical_name = std::string(40, 's');
  Table const table{testing::served(mesh)};
  auto const cut = table_name + "_" + std::string(13, 's') + "_0123abcd";
  auto const ask = [&] {
    return refusal(postgres::SqlError{{.sqlstate = "23514", .constraint = cut}}, table, Act::write);
  };
  EXPECT_EQ(ask().detail, "`stock` breaks the rule `range` of the contract");
  object.columns[1].physical_name = std::string(39, 's') + "x";
  EXPECT_EQ(ask().detail, "the row breaks a rule of `item`");
}

}  // namespace
}  // namespace hansa::product
