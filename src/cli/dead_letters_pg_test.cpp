// Dead letters of a port: what they say, and that replaying one has its effect once or not at all.
#include <chrono>
#include <future>

#include "cli/reacting_shop.h"
#include "events/dead_letters.h"

namespace hansa::cli {
namespace {

using events::DeadLetters;

class DeadLettersOfAPort : public testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_POSTGRES();
    shop = std::make_unique<ReactingShop>();
    shop->applied();
    shop->product(1, "Käse", "2.50", 3);
    shop->settle("known_product");
    shop->order(1, 5);
    shop->order(1, 2);
    shop->order(1, 4);
    auto const round = shop->settle("order_placed");
    EXPECT_EQ(round.applied, 1U);
    EXPECT_EQ(round.dead, 2U);
    session.emplace(shop->open());
    letters.emplace(shop->port("order_placed"), *session);
  }

  std::string stock() { return shop->one("select stock from products.product where id = 1"); }
  std::string done() {
    return shop->one(
        "select coalesce(string_agg(topic || ' ' || record_offset || ' ' || outcome, ', ' order by "
        "record_offset), '') from hansa.dead_letter_done");
  }

  std::unique_ptr<ReactingShop> shop;
  std::optional<postgres::Session> session;
  std::optional<DeadLetters> letters;
};

TEST_F(DeadLettersOfAPort, SayWhatDiedAndWhy) {
  auto const open = letters->open_from(0);
  ASSERT_EQ(open.size(), 2U);
  EXPECT_EQ(letters->end(), 2);
  auto const& letter = open.front();
  EXPECT_EQ(letter.offset, 0);
  EXPECT_EQ(letter.sqlstate, "23514");
  EXPECT_NE(letter.reason.find("product_stock_range_check"), std::string::npos) << letter.reason;
  EXPECT_EQ(letter.topic, "orders-order_placed-v1");
  EXPECT_EQ(letter.partition, 0);
  EXPECT_EQ(letter.event_offset, 0);
  EXPECT_EQ(letter.key, "1");
  EXPECT_EQ(letter.operation, "event");
  EXPECT_TRUE(letter.id.starts_with("orders-")) << letter.id;
  EXPECT_EQ(letter.event,
            R"({"order_id":1,"product_id":1,"quantity":5,"total":null,"placed_by":"zoe"})");
  EXPECT_TRUE(letter.replayable());
  EXPECT_GT(letter.event_ms, 1'700'000'000'000);
  EXPECT_GE(letter.died_ms, letter.event_ms);
  EXPECT_EQ(letters->open_from(1).front().event_offset, 2);
  EXPECT_TRUE(letters->open_from(2).empty());
  EXPECT_EQ(error_in(letters->find(2)).code, Code::unknown_dead_letter);
  EXPECT_EQ(error_in(letters->find(-1)).code, Code::unknown_dead_letter);
}

TEST_F(DeadLettersOfAPort, ThatAreRefusedAgainChangeNothing) {
  auto const refused = letters->replay(*letters->find(0));
  EXPECT_EQ(error_in(refused).code, Code::check_violation);
  EXPECT_NE(refused.error().detail.find("23514"), std::string::npos);
  EXPECT_EQ(stock(), "1");
  EXPECT_EQ(done(), "");
  EXPECT_EQ(letters->open_from(0).size(), 2U);
}

TEST_F(DeadLettersOfAPort, AreReplayedOnce) {
  shop->sql("update products.product set stock = 20");
  auto const letter = *letters->find(2 - 1);
  EXPECT_TRUE(letters->replay(letter));
  EXPECT_EQ(stock(), "16");
  EXPECT_EQ(error_in(letters->replay(letter)).code, Code::unknown_dead_letter);
  EXPECT_FALSE(letters->drop(1));
  EXPECT_EQ(stock(), "16");
  EXPECT_EQ(done(), "products-order_placed_dead-v1 1 replayed");
  EXPECT_EQ(letters->find(1)->outcome, "replayed");
  EXPECT_GE(letters->find(1)->done_ms, letter.died_ms);
  ASSERT_EQ(letters->open_from(0).size(), 1U);
  EXPECT_EQ(letters->open_from(0).front().offset, 0);

  EXPECT_TRUE(letters->drop(0));
  EXPECT_EQ(error_in(letters->replay(*letters->find(0))).code, Code::unknown_dead_letter);
  EXPECT_TRUE(letters->open_from(0).empty());
  EXPECT_EQ(stock(), "16");
}

TEST_F(DeadLettersOfAPort, KeepTheTraceOfTheirEvent) {
  auto letter = *letters->find(0);
  letter.trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  shop->sql("update products.product set stock = 20");
  shop->taken("products");
  EXPECT_TRUE(letters->replay(letter));
  EXPECT_EQ(shop->one("select op || ' ' || actor || ' ' || trace from hansa.pending_products"),
            "u products-main-order_placed " + letter.trace);
}

TEST_F(DeadLettersOfAPort, HaveTheirEffectOnceWhenTwoReplayThem) {
  shop->sql("update products.product set stock = 20");
  auto const letter = *letters->find(0);
  // Whoever comes first waits for this row inside of the reaction, the other for him.
  auto holder = postgres::Session::open(shop->database.target());
  holder.execute("begin");
  holder.execute("select from products.product where id = 1 for update");
  auto const replay = [&] {
    auto own = shop->open();
    return DeadLetters(shop->port("order_placed"), own).replay(letter);
  };
  auto one = std::async(std::launch::async, replay);
  auto other = std::async(std::launch::async, replay);
  auto const deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (shop->one("select count(*) from pg_locks l join pg_stat_activity a on a.pid = l.pid "
                   "where not l.granted and a.datname = current_database()") != "2")
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
  holder.execute("commit");
  auto const first = one.get();
  auto const second = other.get();
  EXPECT_NE(first.has_value(), second.has_value());
  EXPECT_EQ((first ? second : first).error().code, Code::unknown_dead_letter);
  EXPECT_EQ(stock(), "15");
}

TEST_F(DeadLettersOfAPort, CannotBeReplayedWhereTheEventCouldNotBeRead) {
  auto letter = *letters->find(0);
  letter.event.clear();
  letter.operation = "create";
  EXPECT_EQ(error_in(letters->replay(letter)).code, Code::unreadable_event);
  EXPECT_EQ(done(), "");
}

TEST_F(DeadLettersOfAPort, TellTheFateOfEvents) {
  EXPECT_TRUE(letters->drop(1));
  auto const fates = letters->fates({{0, 0}, {0, 1}, {0, 2}});
  EXPECT_EQ(fates,
            (std::map<DeadLetters::EventPlace, std::string>{{{0, 0}, ""}, {{0, 2}, "dropped"}}));
}

TEST(DeadLettersOfNoTopic, AreNone) {
  SKIP_WITHOUT_POSTGRES();
  ReactingShop shop;
  shop.port("order_placed").on_error = mesh::Subscription::OnError::halt;
  shop.applied();
  auto session = shop.open();
  DeadLetters letters(shop.port("order_placed"), session);
  EXPECT_EQ(letters.end(), 0);
  EXPECT_TRUE(letters.open_from(0).empty());
}

}  // namespace
}  // namespace hansa::cli
