// A topic as people read it.
#include <gmock/gmock.h>

#include "cli/reacting_shop.h"
#include "events/tail.h"

namespace hansa::cli {
namespace {

using events::OwnedRecord;
using events::Tail;
using events::TailOptions;
using events::TailStart;
using testing::ElementsAre;
using testing::IsEmpty;
using Kind = TailStart::Kind;

std::string const topic = "products-product-v1";

class ATail : public testing::Test {
 protected:
  // Products 1 to 6, one after the other, over three partitions; 6 is changed and 1 is deleted.
  void SetUp() override {
    SKIP_WITHOUT_POSTGRES();
    shop = std::make_unique<ReactingShop>();
    shop::topic_named(shop->mesh, topic).partitions = 3;
    shop->applied();
    for (int id = 1; id <= 6; ++id) shop->product(id, "P", "1.50");
    shop->sql("update products.product set price = 2 where id = 6");
    shop->sql("delete from products.product where id = 1");
    shop->sql(
        "update hansa.pending_products set at = timestamptz '2026-01-01' + sid * interval '1 s'");
    shop->sequence();
    session.emplace(shop->open());
  }
  Tail tail(TailOptions options) { return {*session, topic, std::move(options)}; }
  Tail tail_from(Kind kind, std::int64_t value = 0) {
    return tail({.start = {.kind = kind, .value = value}});
  }
  // The keys that are left, "1" or "-1" for a tombstone.
  static std::vector<std::string> keys(Tail tail) { return keys_of(tail); }
  static std::vector<std::string> keys_of(Tail& tail) {
    std::vector<std::string> out;
    while (auto const record = tail.next()) out.push_back((record->value ? "" : "-") + record->key);
    return out;
  }

  std::unique_ptr<ReactingShop> shop;
  std::optional<postgres::Session> session;
};

TEST_F(ATail, BeginsWhereItIsTold) {
  EXPECT_THAT(keys(tail_from(Kind::earliest)),
              ElementsAre("1", "2", "3", "4", "5", "6", "6", "-1"));
  EXPECT_THAT(keys(tail_from(Kind::latest)), IsEmpty());
  EXPECT_THAT(keys(tail_from(Kind::newest, 3)), ElementsAre("6", "6", "-1"));
  EXPECT_THAT(keys(tail_from(Kind::newest, 100)).size(), 8U);
  auto reading = tail_from(Kind::earliest);
  std::ignore = reading.next();
  auto const second = *reading.next();
  EXPECT_THAT(keys(tail_from(Kind::time, second.timestamp_ms + 1)),
              ElementsAre("3", "4", "5", "6", "6", "-1"));
  EXPECT_THAT(keys(tail_from(Kind::time, 0)).size(), 8U);
  EXPECT_THAT(keys(tail_from(Kind::time, 4'000'000'000'000)), IsEmpty());
  EXPECT_THAT(keys(tail({.start = {Kind::offset, 1}, .partition = second.partition})).size(),
              keys(tail({.start = {Kind::earliest}, .partition = second.partition})).size() - 1);
}

TEST_F(ATail, ShowsOneKeyOrOnePartition) {
  EXPECT_THAT(keys(tail({.start = {Kind::earliest}, .key = "6"})), ElementsAre("6", "6"));
  EXPECT_THAT(keys(tail({.start = {Kind::newest, 1}, .key = "1"})), ElementsAre("-1"));
  EXPECT_THAT(keys(tail({.start = {Kind::earliest}, .key = "7"})), IsEmpty());
  std::size_t sum = 0;
  for (std::int32_t partition = 0; partition < 3; ++partition)
    sum += keys(tail({.start = {Kind::earliest}, .partition = partition})).size();
  EXPECT_EQ(sum, 8U);
}

TEST_F(ATail, GoesOnWithWhatIsWrittenLater) {
  auto reading = tail_from(Kind::newest, 1);
  EXPECT_THAT(keys_of(reading), ElementsAre("-1"));
  shop->product(8, "P", "1.50");
  shop->sequence();
  EXPECT_THAT(keys_of(reading), IsEmpty());
  reading.refresh();
  EXPECT_THAT(keys_of(reading), ElementsAre("8"));
  auto one = tail({.start = {Kind::latest}, .partition = 1});
  for (int id = 10; id < 20; ++id) shop->product(id, "P", "1.50");
  shop->sequence();
  one.refresh();
  auto const all = keys_of(one);
  EXPECT_GT(all.size(), 0U);
  EXPECT_LT(all.size(), 10U);
}

TEST_F(ATail, DecodesWhatItReads) {
  auto reading = tail_from(Kind::earliest);
  std::string json;
  EXPECT_TRUE(reading.decode(*reading.next(), json));
  EXPECT_TRUE(json.starts_with(R"({"id":1,"sku":"s1","name":"P","price":1.50,)")) << json;
  OwnedRecord strange{.value = std::string("\0\0\0\0\x63x", 6)};
  json.clear();
  EXPECT_EQ(error_in(reading.decode(strange, json)).code, Code::unreadable_event);
}

TEST_F(ATail, RefusesWhatIsNotThere) {
  auto const code = [this](std::string name, TailOptions options) {
    return delivery::error_of([&] { Tail(*session, std::move(name), std::move(options)); }).code;
  };
  EXPECT_EQ(code("products-prodct-v1", {}), Code::unknown_topic);
  EXPECT_EQ(code(topic, {.partition = 3}), Code::offset_out_of_range);
  EXPECT_EQ(code(topic, {.partition = -1}), Code::offset_out_of_range);
  EXPECT_EQ(code(topic, {.start = {Kind::offset, 0}}), Code::usage);
  EXPECT_EQ(code(topic, {.start = {Kind::offset, 9}, .partition = 0}), Code::offset_out_of_range);
}

TEST_F(ATail, StopsWhenAsked) {
  int asked = 0;
  auto reading = tail({.start = {Kind::earliest}, .stop = [&] { return ++asked > 2; }});
  EXPECT_EQ(keys_of(reading).size(), 2U);
}

}  // namespace
}  // namespace hansa::cli
