// What a writer is told when PostgreSQL refuses for the sake of events: of the change's own, which
// cannot be made, and of others, which have not come.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "product/shop_harness.h"

namespace hansa::product {
namespace {

using testing::Shop;

// In the shape and under the names of plan/capture_sql.h, with an emission that divides.
constexpr char const* capture_sql = R"(
create table hansa.pending_shop (stream text, op text, row text);
create function hansa.refuse_event_shop(text, text, text) returns text language plpgsql
  set search_path = pg_catalog, pg_temp as $$
begin
  raise exception using errcode = $1, message = $2, hint = $3;
end $$;
create function hansa.capture_shop_item_store_insert() returns trigger language plpgsql
  security definer set search_path = pg_catalog, shop, pg_temp as $$
begin
  insert into "hansa"."pending_shop" ("stream", "op", "row")
  select 'item', 'c', case
    when octet_length(e."row") > 2000 then "hansa"."refuse_event_shop"('54000',
      'an event of topic shop-item-v1 has ' || octet_length(e."row") ||
      ' bytes, at most 2000 are allowed', 'the row is not written')
    when e.unfit is not null then "hansa"."refuse_event_shop"('22003',
      'no event of topic shop-item-v1 can hold this row: ' || e.unfit, 'the row is not written')
    else e."row" end
  from (select row_to_json(_fields)::text as "row",
      case when _fields.created_at > '9999-01-01' then
        'created_at lies outside the years 1 to 9999' end as unfit
    from (select name, created_at from inserted) _fields offset 0) e;
  insert into "hansa"."pending_shop" ("stream", "op", "row")
  select 'item_priced', 'e', e."row"
  from (select row_to_json(_emitted)::text as "row"
    from (select 1 / stock as share from inserted) _emitted offset 0) e;
  return null;
end $$;
create trigger hansa_capture_insert after insert on shop.item_store
  referencing new table as inserted for each statement
  execute function hansa.capture_shop_item_store_insert();
)";

void check(Result<Answer> const& answer, Code code, std::string_view detail,
           std::string_view field = "") {
  ASSERT_FALSE(answer) << answer->body;
  Error const& error = answer.error();
  EXPECT_EQ(info(error.code).name, info(code).name) << to_text(error);
  EXPECT_EQ(error.detail, detail);
  EXPECT_EQ(error.fields.empty() ? "" : error.fields.front().path, field);
}

std::string random_letters(std::size_t count) {
  std::mt19937 generator{7};
  std::uniform_int_distribution<int> letter{'a', 'z'};
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(static_cast<char>(letter(generator)));
  return out;
}

TEST(ServiceRefusal, SaysWhyAnEventCannotBeMade) {
  SKIP_WITHOUT_POSTGRES();
  Shop shop({}, testing::settings(), testing::make_publishing_shop());
  shop.session.script(capture_sql);
  shop.session.script("alter table shop.item_store drop constraint item_store_name_length_check");
  shop.mesh.domains[0].contracts[0].objects[0].columns[1].rules.max_length = 5000;
  ASSERT_TRUE(shop.create(R"({"name":"a","price":1,"stock":1})"));
  check(shop.create(fmt::format(R"({{"name":"{}","price":1,"stock":1}})", std::string(3000, 'a'))),
        Code::value_over_limit,
        "an event of topic shop-item-v1 has 3059 bytes, at most 2000 are allowed");
  check(shop.create(R"({"name":"a","price":1,"stock":1,"created_at":"9999-06-01T00:00:00Z"})"),
        Code::check_violation,
        "no event of topic shop-item-v1 can hold this row: created_at lies outside the years 1 to "
        "9999",
        "/created_at");
  auto const divided =
      "the event of this change could not be made: the emission of topic `shop-item_priced-v1` "
      "failed (division by zero, SQLSTATE 22012)";
  check(shop.create(R"({"name":"a","price":1,"stock":0})"), Code::invalid_emission, divided);
  check(shop.create(R"([{"name":"a","price":1,"stock":1},{"name":"a","price":1,"stock":0}])"),
        Code::invalid_emission, divided);
  EXPECT_EQ(shop.scalar("select count(*) from shop.item_store"), "1");
}

TEST(ServiceRefusal, NamesTheColumnThatIsTooLongForItsIndex) {
  SKIP_WITHOUT_POSTGRES();
  Shop shop;
  auto const refused = [&](std::size_t letters) {
    return shop.create(
        fmt::format(R"({{"name":"a","price":1,"sku":"{}"}})", random_letters(letters)));
  };
  check(refused(4000), Code::value_over_limit, "`sku` is too long for its index", "/sku");
  // Of what does not even fit a page, PostgreSQL does not say which index it is.
  auto const huge = refused(20'000);
  check(huge, Code::value_over_limit, "a value is too large to be stored in `item`");
  EXPECT_EQ(huge.error().hint,
            "an indexed column takes about 2,700 bytes: `id`, `price`, `stock`, `sku`");
}

TEST(ServiceRefusal, TellsOfRowsThatHaveNotArrived) {
  SKIP_WITHOUT_POSTGRES();
  Shop shop({}, testing::settings(), testing::make_projecting_shop());
  shop.session.script("insert into shop.item_store (id, name, price) values (1, 'a', 1)");
  constexpr std::size_t line = 1;
  auto const late =
      "`item_id`: no `item` here has the `id` 7 yet; domain `factory` announces it in topic "
      "`factory-item-v1`, and it has not arrived";
  auto const one = R"({"basket":"b","number":1,"item_id":7})";
  check(shop.create(one, {}, line), Code::not_arrived_yet, late, "/item_id");
  check(shop.create(one, {.idempotency_key = "k"}, line), Code::not_arrived_yet, late, "/item_id");
  check(shop.create(
            R"([{"basket":"b","number":2,"item_id":1},{"basket":"b","number":1,"item_id":7}])", {},
            line),
        Code::not_arrived_yet, late, "/item_id");
  ASSERT_TRUE(shop.create(R"({"basket":"c","number":1})", {}, line));
  check(shop.patch("c,1", R"({"item_id":7})", {}, line), Code::not_arrived_yet, late, "/item_id");
  check(shop.patch("c,1", R"({"item_id":7})", {.if_match = "*"}, line), Code::not_arrived_yet, late,
        "/item_id");
  shop.session.script("insert into shop.item_store (id, name, price) values (7, 'g', 1)");
  EXPECT_TRUE(shop.create(one, {.idempotency_key = "k"}, line)) << "the very same request does now";
  check(shop.remove("7"), Code::reference_violation,
        "rows of `line` still refer to this row of `item`");
}

}  // namespace
}  // namespace hansa::product
