#include "gateway/recent_batches.h"

#include <gtest/gtest.h>

#include <random>

namespace hansa::gateway {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using Place = RecentBatches::Place;

constexpr Place here{0, 7, 0}, there{0, 7, 1}, elsewhere{1, 7, 0};
RecentBatches::Moment const now{};

TEST(RecentBatches, GiveWholeBatchesFromTheOneThatHoldsAnOffset) {
  RecentBatches recent(1000);
  recent.add(here, 3, 10, 5, "aaaaa", now);
  recent.add(here, 3, 15, 1, "b", now);
  recent.add(here, 4, 16, 2, "cc", now);
  auto const read = [&](std::int64_t offset, std::size_t bytes) {
    auto const slice = recent.read(here, offset, bytes, now);
    return slice ? slice->batches : "none";
  };
  EXPECT_EQ(read(9, 100), "none");
  EXPECT_EQ(read(10, 100), "aaaaabcc");
  EXPECT_EQ(read(14, 6), "aaaaab");
  EXPECT_EQ(read(14, 1), "aaaaa") << "at least one";
  EXPECT_EQ(read(14, 0), "");
  EXPECT_EQ(read(15, 2), "b");
  EXPECT_EQ(read(17, 100), "cc");
  EXPECT_EQ(read(18, 100), "") << "the end";
  EXPECT_EQ(read(19, 100), "none");
  auto const slice = recent.read(here, 18, 1, now);
  EXPECT_EQ(slice->start, 4);
  EXPECT_EQ(slice->end, 18);
  EXPECT_FALSE(recent.read(there, 10, 1, now));
  EXPECT_FALSE(recent.read(elsewhere, 10, 1, now));
}

TEST(RecentBatches, BeginAnewBehindAGapAndPassOverWhatTheyHave) {
  RecentBatches recent(1000);
  recent.add(here, 0, 10, 5, "aaaaa", now);
  recent.add(here, 0, 10, 5, "again", now);
  EXPECT_EQ(recent.read(here, 10, 100, now)->batches, "aaaaa");
  recent.add(here, 0, 16, 1, "c", now);
  EXPECT_FALSE(recent.read(here, 10, 100, now));
  EXPECT_EQ(recent.read(here, 16, 100, now)->batches, "c");
  EXPECT_EQ(recent.bytes(), 1U);
}

TEST(RecentBatches, KeepTheNewestThatFit) {
  RecentBatches recent(10);
  recent.add(here, 0, 0, 1, "aaaa", now);
  recent.add(there, 0, 0, 1, "bbbb", now);
  recent.add(here, 0, 1, 1, "cccc", now);
  EXPECT_EQ(recent.bytes(), 8U);
  EXPECT_FALSE(recent.read(here, 0, 100, now));
  EXPECT_EQ(recent.read(here, 1, 100, now)->batches, "cccc");
  recent.add(here, 0, 2, 1, std::string(11, 'd'), now);
  EXPECT_EQ(recent.bytes(), 0U) << "one that never fits is not kept";
  EXPECT_FALSE(recent.read(here, 2, 100, now));
  recent.add(here, 0, 3, 1, "e", now);
  EXPECT_EQ(recent.read(here, 3, 100, now)->end, 4);
}

TEST(RecentBatches, LetGoOfWhatIsOld) {
  RecentBatches recent(1000, minutes(5));
  recent.add(here, 0, 0, 1, "a", now);
  recent.add(here, 0, 1, 1, "b", now + minutes(4));
  EXPECT_TRUE(recent.read(here, 0, 1, now + minutes(5) - seconds(1)));
  EXPECT_FALSE(recent.read(here, 0, 1, now + minutes(5)));
  EXPECT_EQ(recent.read(here, 1, 1, now + minutes(5))->batches, "b");
  EXPECT_FALSE(recent.read(here, 2, 1, now + minutes(10)));
}

TEST(RecentBatches, ForgetATopic) {
  RecentBatches recent(1000);
  recent.add(here, 0, 0, 1, "a", now);
  recent.add(there, 0, 0, 1, "b", now);
  recent.add(elsewhere, 0, 0, 1, "c", now);
  recent.forget(0, 7);
  EXPECT_FALSE(recent.read(here, 0, 1, now));
  EXPECT_FALSE(recent.read(there, 0, 1, now));
  EXPECT_TRUE(recent.read(elsewhere, 0, 1, now));
  EXPECT_EQ(recent.bytes(), 1U);
  recent.forget_all();
  EXPECT_FALSE(recent.read(elsewhere, 0, 1, now));
  EXPECT_EQ(recent.bytes(), 0U);
}

// Whatever comes in whatever order, what is given is what was stored there.
TEST(RecentBatches, NeverGiveAnythingElse) {
  std::mt19937 dice(7);
  RecentBatches recent(500, seconds(50));
  std::map<Place, std::int64_t> ends;
  auto moment = now;
  for (int step = 0; step < 20'000; ++step) {
    moment += std::chrono::milliseconds(dice() % 400);
    Place const place{dice() % 2, static_cast<std::int32_t>(dice() % 2),
                      static_cast<std::int32_t>(dice() % 2)};
    auto& end = ends[place];
    if (dice() % 50 == 0) recent.forget(place.database, place.topic);
    if (dice() % 50 == 0) {
      end += 3;  // somebody else wrote, and all is forgotten
      recent.forget_all();
    }
    if (dice() % 2 == 0) {
      auto const count = static_cast<std::int64_t>(1 + dice() % 20);
      std::string batch;
      for (auto at = end; at < end + count; ++at) batch += static_cast<char>(at % 100);
      recent.add(place, 0, end, count, batch, moment);
      end += count;
    }
    ASSERT_LE(recent.bytes(), 500U);
    auto const offset = end - static_cast<std::int64_t>(dice() % 60);
    auto const slice = recent.read(place, offset, 1 + dice() % 100, moment);
    if (!slice) continue;
    ASSERT_EQ(slice->end, end);
    if (offset == end) {
      ASSERT_EQ(slice->batches, "");
      continue;
    }
    ASSERT_NE(slice->batches.find(static_cast<char>(offset % 100)), std::string::npos);
    for (std::size_t i = 1; i < slice->batches.size(); ++i)
      ASSERT_EQ(slice->batches[i], (slice->batches[i - 1] + 1) % 100);
  }
}

}  // namespace
}  // namespace hansa::gateway
