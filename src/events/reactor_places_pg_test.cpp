// Where a port stands in its topic: whose it is, where it begins, and what it makes of a topic that
// is not the one it read.
#include "events/reactor_harness.h"

namespace hansa::events {
namespace {

class ReactorPlaces : public testing::Test {
 protected:
  void SetUp() override { SKIP_WITHOUT_POSTGRES(); }
};

// A port has been at work before, and has its place behind one event.
void apply_one_and_end(ReactorHarness& harness) {
  harness.order("1", "1");
  Working work(harness);
  ASSERT_TRUE(work.reactor.take());
  EXPECT_EQ(work.drain().applied, 1U);
}

TEST_F(ReactorPlaces, OneLeaseOnePortAndAStrangersMoveIsNoticed) {
  ReactorHarness harness;
  harness.order("1", "1");
  Working first(harness);
  Working second(harness);
  ASSERT_TRUE(first.reactor.take());
  EXPECT_FALSE(second.reactor.take());
  first.source.refresh({&harness.topic, 1});
  // A zombie that lost its lease without knowing: the next holder raises the epoch.
  first.reactor.give_up();
  ASSERT_TRUE(second.reactor.take());
  EXPECT_EQ(second.drain().applied, 1U);
  harness.order("1", "2");
  EXPECT_EQ(first.reactor.lag(), 0);
  Working third(harness);
  first.source.refresh({&harness.topic, 1});
  second.source.refresh({&harness.topic, 1});
  harness.session.script("update hansa.consumer_offset set epoch = epoch + 1");
  EXPECT_THROW(std::ignore = second.reactor.run_once(), Failure);
  EXPECT_EQ(harness.taken(), "0:1:1") << "and nothing of it was done";
}

TEST_F(ReactorPlaces, BeginsWhereItIsDeclaredTo) {
  ReactorHarness harness({.from = mesh::Subscription::From::latest});
  harness.order("1", "1");
  Working work(harness);
  ASSERT_TRUE(work.reactor.take());
  EXPECT_EQ(work.drain().applied, 0U);
  harness.order("2", "2");
  EXPECT_EQ(work.drain().applied, 1U);
  EXPECT_EQ(harness.taken(), "1:2:2");
}

TEST_F(ReactorPlaces, TakesPartitionsThatComeLater) {
  ReactorHarness harness;
  Working work(harness);
  ASSERT_TRUE(work.reactor.take());
  EXPECT_EQ(work.drain().applied, 0U);
  harness.session.script("insert into hansa.topic_partition values (1, 2)");
  harness.session.script("update hansa.topic set partitions = 3");
  harness.order("1", "1", 2);
  EXPECT_EQ(work.drain().applied, 1U);
}

TEST_F(ReactorPlaces, CountsWhatRetentionTookUnread) {
  ReactorHarness harness;
  for (auto const* quantity : {"1", "2", "3"}) harness.order("1", quantity);
  Working work(harness);
  ASSERT_TRUE(work.reactor.take());
  harness.forget_before(harness.topic, 0, 0);
  work.source.refresh({&harness.topic, 1});
  EXPECT_EQ(work.drain().applied, 3U);
  for (auto const* quantity : {"4", "5"}) harness.order("1", quantity);
  harness.forget_before(harness.topic, 0, 4);
  auto const round = work.drain();
  EXPECT_EQ(round.skipped, 1U);
  EXPECT_EQ(round.applied, 1U);
}

TEST_F(ReactorPlaces, PlacesOfAnotherLogAreNotUsed) {
  ReactorHarness harness;
  ASSERT_NO_FATAL_FAILURE(apply_one_and_end(harness));
  harness.session.script("update hansa.secret set value = 'other'::bytea where name = 'log'");
  harness.order("1", "2");
  Working work(harness);
  ASSERT_TRUE(work.reactor.take());
  auto const round = work.drain();
  ASSERT_TRUE(round.halt);
  EXPECT_NE(round.halt->reason.find("another log"), std::string::npos) << round.halt->reason;
  EXPECT_EQ(harness.taken(), "0:1:1");
}

TEST_F(ReactorPlaces, APlaceBehindTheEndStopsThePortUntilItIsPutRight) {
  ReactorHarness harness;
  ASSERT_NO_FATAL_FAILURE(apply_one_and_end(harness));
  harness.session.script("update hansa.consumer_offset set next_offset = 99");
  harness.order("1", "2");
  Working work(harness);
  ASSERT_TRUE(work.reactor.take());
  auto const round = work.drain();
  ASSERT_TRUE(round.halt);
  EXPECT_NE(round.halt->reason.find("ends at 2"), std::string::npos) << round.halt->reason;
  harness.session.script("update hansa.consumer_offset set next_offset = 1");
  work.reactor.resume();
  EXPECT_EQ(work.drain().applied, 1U);
  EXPECT_EQ(harness.taken(), "0:1:1 1:1:2");
}

TEST_F(ReactorPlaces, ATopicThatWasMadeAnewIsNotMistakenForTheOld) {
  ReactorHarness harness;
  for (auto const* quantity : {"1", "2", "3"}) harness.order("1", quantity);
  {
    Working work(harness);
    ASSERT_TRUE(work.reactor.take());
    EXPECT_EQ(work.drain().applied, 3U);
  }
  harness.session.script("delete from hansa.topic");
  harness.create(harness.topic, 2);
  for (auto const* quantity : {"9", "9", "9", "9"}) harness.order("9", quantity);
  Working work(harness);
  ASSERT_TRUE(work.reactor.take());
  work.source.refresh({&harness.topic, 1});
  auto const round = work.reactor.run_once();
  ASSERT_TRUE(round.halt);
  EXPECT_EQ(harness.taken(), "0:1:1 1:1:2 2:1:3");
}

}  // namespace
}  // namespace hansa::events
