#include "product/event_refusal.h"

#include <gtest/gtest.h>

#include "product/refusal.h"
#include "product/shop_fixture.h"

namespace hansa::product {
namespace {

constexpr std::string_view raised =
    "PL/pgSQL function hansa.refuse_event_shop(text,text,text) line 3 at RAISE\n";
constexpr std::string_view emitting =
    "SQL statement \"insert into \"hansa\".\"pending_shop\" (\"sid\", \"stream\")\n"
    "  select nextval('\"hansa\".\"pending_shop_sid_seq\"'), 'item_priced', 'e', e.key\n"
    "  from (select 'item', 'c' from inserted) e\"\n";
constexpr std::string_view capturing =
    "PL/pgSQL function hansa.capture_shop_item_store_insert() line 9 at SQL statement";

Error refused(std::string sqlstate, std::string message, std::string context) {
  mesh::Mesh const mesh = testing::make_publishing_shop();
  Table const table{mesh, testing::served(mesh)};
  return refusal(postgres::SqlError{{.sqlstate = std::move(sqlstate),
                                     .message = std::move(message),
                                     .detail = "SECRET",
                                     .hint = "SECRET",
                                     .context = std::move(context)}},
                 table, Act::write);
}

void check(Error const& error, Code code, std::string_view detail, std::string_view field = "") {
  EXPECT_EQ(info(error.code).name, info(code).name) << to_text(error);
  EXPECT_EQ(error.detail, detail);
  EXPECT_EQ(error.fields.empty() ? "" : error.fields.front().path, field);
  EXPECT_EQ(to_text(error).find("SECRET"), std::string::npos) << to_text(error);
}

std::string within(std::string_view a, std::string_view b = "") {
  return std::string{a}.append(b).append(capturing);
}

TEST(EventRefusal, PassesOnWhatCaptureSays) {
  constexpr auto large = "an event of topic shop-item-v1 has 80 bytes, at most 40 are allowed";
  check(refused("54000", large, within(raised, emitting)), Code::value_over_limit, large);
  constexpr auto no_number =
      "no event of topic shop-item-v1 can hold this row: price is not a number";
  auto const unfit = refused("22003", no_number, within(raised));
  check(unfit, Code::check_violation, no_number, "/price");
  EXPECT_EQ(unfit.fields.front().message, "is not a number");
  constexpr auto missing =
      "no event of topic shop-item_priced-v1 can hold this row: price is missing";
  check(refused("23502", missing, within(raised)), Code::check_violation, missing);
}

TEST(EventRefusal, PassesOnNothingElse) {
  constexpr auto failed =
      "the event of this change could not be made: what makes it failed (SQLSTATE 54000)";
  check(refused("54000", "SECRET", within(raised)), Code::invalid_emission, failed);
  check(refused("54000", "an event of topic stranger has SECRET", within(raised)),
        Code::invalid_emission, failed);
  // The words of the function stand in what an emission does, not where the error was raised.
  check(refused("54000", "an event of topic shop-item-v1 has SECRET",
                within("SQL statement \"select\n", raised)),
        Code::invalid_emission, failed);
}

TEST(EventRefusal, NamesTheEmissionThatFailed) {
  check(refused("22012", "SECRET", within(emitting)), Code::invalid_emission,
        "the event of this change could not be made: the emission of topic `shop-item_priced-v1` "
        "failed (division by zero, SQLSTATE 22012)");
  check(
      refused("21000", "SECRET", within("SQL statement \"... 'item', 'c', e.key\"\n")),
      Code::invalid_emission,
      "the event of this change could not be made: that of topic `shop-item-v1` failed (more than "
      "one row where one was expected, SQLSTATE 21000)");
  check(
      refused("22P02", "SECRET",
              "JSON data, line 1: SECRET\nPL/pgSQL function hansa.\"capture_shop_Item_insert\"()"),
      Code::invalid_emission,
      "the event of this change could not be made: what makes it failed (SQLSTATE 22P02)");
}

TEST(EventRefusal, LeavesWhatIsNoRowsFault) {
  check(refused("40P01", "SECRET", within(emitting)), Code::serialization_failure,
        "another request is changing the same rows");
  check(refused("42501", "SECRET", within(emitting)), Code::insufficient_privilege,
        "PostgreSQL refused the statement (SQLSTATE 42501)");
  check(refused("22012", "SECRET", "PL/pgSQL function hansa.capture_other_item_insert() line 9"),
        Code::check_violation, "a value does not fit its column");
  check(refused("22012", "SECRET", ""), Code::check_violation, "a value does not fit its column");
}

}  // namespace
}  // namespace hansa::product
