// What `hansa events list` and `lag` tell: topics, what waits to come into them, ports.
#include <gmock/gmock.h>

#include "cli/reacting_shop.h"
#include "events/port_states.h"
#include "events/topic_states.h"

namespace hansa::cli {
namespace {

using events::TopicState;

class States : public testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_POSTGRES();
    shop = std::make_unique<ReactingShop>();
    shop->applied();
    session.emplace(shop->open());
  }
  TopicState topic(std::string const& name) {
    auto const domains = shop::domains_of(shop->mesh);
    for (TopicState& state : events::topic_states(shop->mesh, domains, *session))
      if (state.name == name) return state;
    return {};
  }
  events::PortState port(std::string const& name) {
    auto reading = shop->open();
    events::LogSource source(reading);
    return events::port_state(shop->port(name), source, *session);
  }

  std::unique_ptr<ReactingShop> shop;
  std::optional<postgres::Session> session;
};

TEST_F(States, TellOfEveryTopic) {
  shop->product(1, "P", "1");
  shop->product(2, "P", "1");
  shop->sequence();
  auto const changes = topic("products-product-v1");
  EXPECT_EQ(changes.made_by, TopicState::MadeBy::changes);
  EXPECT_EQ(changes.made_of, "product");
  EXPECT_EQ(changes.domain, "products");
  EXPECT_EQ(changes.format, "avro");
  EXPECT_EQ(changes.cleanup, "compact");
  EXPECT_EQ(changes.retention_ms, std::nullopt);
  EXPECT_EQ(changes.records, 2U);
  ASSERT_EQ(changes.partitions.size(), 1U);
  EXPECT_EQ(changes.partitions[0].next, 2);
  auto const emission = topic("orders-order_placed-v1");
  EXPECT_EQ(emission.made_by, TopicState::MadeBy::emission);
  EXPECT_EQ(emission.made_of, "order");
  EXPECT_EQ(emission.retention_ms, 7 * 24 * 3600 * 1000);
  auto const dead = topic("orders-known_product_dead-v1");
  EXPECT_EQ(dead.made_by, TopicState::MadeBy::dead_letters);
  EXPECT_EQ(dead.made_of, "orders/known_product");
  EXPECT_EQ(dead.format, "json");
  EXPECT_TRUE(dead.declared && dead.applied);
}

TEST_F(States, TellWhatFolderAndDatabaseDoNotShare) {
  shop::unpublish(shop->mesh, "category");
  auto& renamed = shop::topic_named(shop->mesh, "orders-order-v1");
  renamed.name = "orders-orders-v1";
  auto const gone = topic("products-category-v1");
  EXPECT_TRUE(gone.applied);
  EXPECT_FALSE(gone.declared);
  EXPECT_EQ(gone.made_by, TopicState::MadeBy::unknown);
  EXPECT_TRUE(topic("orders-orders-v1").declared);
  EXPECT_FALSE(topic("orders-orders-v1").applied);
}

TEST_F(States, TellWhatWaitsInTheLogs) {
  shop->product(1, "P", "1");
  shop->sql("update hansa.pending_products set at = at - interval '5 min'");
  shop->product(2, "P", "1");
  std::vector<DomainName> const domains = {DomainName("products"), DomainName("users"),
                                           DomainName("elsewhere")};
  auto const states = events::pending_states(domains, *session);
  ASSERT_EQ(states.size(), 2U);
  EXPECT_EQ(states[0].events, 2U);
  EXPECT_GE(states[0].oldest_age, std::chrono::minutes(5));
  EXPECT_LT(states[0].oldest_age, std::chrono::minutes(6));
  EXPECT_EQ(states[1].domain.text(), "users");
  EXPECT_EQ(states[1].events, 0U);
  EXPECT_EQ(states[1].oldest_age.count(), 0);
}

TEST_F(States, TellHowFarAPortIs) {
  shop->product(1, "P", "1");
  shop->sequence();
  auto const before = port("known_product");
  ASSERT_EQ(before.partitions.size(), 1U);
  EXPECT_EQ(before.partitions[0].place, std::nullopt);
  EXPECT_EQ(before.partitions[0].lag(), 1);
  EXPECT_FALSE(before.at_work);
  shop->react("known_product");
  shop->product(2, "Q", "1");
  shop->product(3, "R", "1");
  shop->sequence();
  {
    auto working = shop->open();
    auto reading = shop->open();
    events::LogSource source(reading);
    auto const& of = shop->port("known_product");
    events::Reactor reactor(of, source, working, 1);
    EXPECT_TRUE(reactor.take());
    auto const state = port("known_product");
    EXPECT_EQ(state.partitions[0].place, 1);
    EXPECT_EQ(state.partitions[0].bounds.next, 3);
    EXPECT_EQ(state.partitions[0].lag(), 2);
    EXPECT_EQ(state.partitions[0].lost(), 0);
    EXPECT_GT(state.partitions[0].moved_ms, 1'700'000'000'000);
    EXPECT_TRUE(state.at_work);
    EXPECT_FALSE(state.other_log);
  }
  EXPECT_FALSE(port("order_placed").at_work);
  shop->sql(
      "update hansa.topic_partition set start_offset = 2 where topic = (select id from "
      "hansa.topic where name = 'products-product-v1')");
  EXPECT_EQ(port("known_product").partitions[0].lost(), 1);
  EXPECT_EQ(port("known_product").partitions[0].lag(), 1);
  shop->sql("update hansa.consumer_offset set cluster = 'another'");
  EXPECT_TRUE(port("known_product").other_log);
}

TEST_F(States, TellWhyAPortStandsStill) {
  shop->port("order_placed").on_error = mesh::Subscription::OnError::halt;
  shop->product(1, "P", "1", 3);
  shop->settle("known_product");
  shop->order(1, 2);
  shop->order(1, 2);
  shop->sequence();
  EXPECT_TRUE(shop->react("order_placed").halt.has_value());
  auto const state = port("order_placed");
  ASSERT_TRUE(state.halt.has_value());
  EXPECT_EQ(state.halt->sqlstate, "23514");
  EXPECT_NE(state.halt->reason.find("stock"), std::string::npos);
  EXPECT_EQ(state.halt->offset, 1);
  EXPECT_GT(state.halt->since_ms, 1'700'000'000'000);
  EXPECT_EQ(state.partitions[0].place, 1);
  EXPECT_EQ(state.partitions[0].lag(), 1);
  EXPECT_FALSE(port("known_product").halt.has_value());
}

}  // namespace
}  // namespace hansa::cli
