#include "gateway/sequences.h"

#include <gtest/gtest.h>

#include <limits>

namespace hansa::gateway {
namespace {

using Kind = SequenceVerdict::Kind;

wire::BatchHeader batch(std::int32_t sequence, std::int32_t count = 1, std::int16_t epoch = 0) {
  return {.last_offset_delta = count - 1,
          .producer_id = 1,
          .producer_epoch = epoch,
          .base_sequence = sequence,
          .record_count = count};
}

TEST(Sequences, AreTakenInOrderAndOnce) {
  std::optional<ProducerState> known;
  EXPECT_EQ(judge(known, batch(17)).kind, Kind::append);  // what was known may have expired
  note(known, batch(0, 3), 100);
  EXPECT_EQ(judge(known, batch(0, 3)).kind, Kind::duplicate);
  EXPECT_EQ(judge(known, batch(0, 3)).base_offset, 100);
  EXPECT_EQ(judge(known, batch(0, 2)).kind, Kind::out_of_order);
  EXPECT_EQ(judge(known, batch(4)).kind, Kind::out_of_order);
  EXPECT_EQ(judge(known, batch(3)).kind, Kind::append);
}

TEST(Sequences, RememberFiveBatches) {
  std::optional<ProducerState> known;
  for (std::int32_t i = 0; i < 6; ++i) note(known, batch(i), 100 + i);
  EXPECT_EQ(judge(known, batch(0)).kind, Kind::out_of_order);
  for (std::int32_t i = 1; i < 6; ++i) EXPECT_EQ(judge(known, batch(i)).base_offset, 100 + i);
}

TEST(Sequences, ANewEpochBeginsAnewAndFencesTheOld) {
  std::optional<ProducerState> known;
  note(known, batch(0), 1);
  EXPECT_EQ(judge(known, batch(5, 1, 1)).kind, Kind::out_of_order);
  EXPECT_EQ(judge(known, batch(0, 1, 1)).kind, Kind::append);
  note(known, batch(0, 1, 1), 2);
  EXPECT_EQ(judge(known, batch(1)).kind, Kind::fenced);
  EXPECT_EQ(judge(known, batch(1, 1, 1)).kind, Kind::append);
}

TEST(Sequences, GoOnWithZeroBehindTheGreatest) {
  constexpr auto greatest = std::numeric_limits<std::int32_t>::max();
  EXPECT_EQ(last_sequence(batch(greatest - 1, 3)), 0);
  std::optional<ProducerState> known;
  note(known, batch(greatest - 1, 2), 1);
  EXPECT_EQ(judge(known, batch(0)).kind, Kind::append);
  EXPECT_EQ(judge(known, batch(1)).kind, Kind::out_of_order);
}

TEST(Sequences, AreKeptAsText) {
  std::optional<ProducerState> known;
  for (std::int32_t i = 0; i < 5; ++i) note(known, batch(i * 10, 10, 3), 1'000'000'000'000 + i);
  auto const text = to_text(*known);
  EXPECT_EQ(text.substr(0, 18), "0:9:1000000000000;");
  EXPECT_EQ(parse_producer(3, text), known);
  for (std::string_view const bad :
       {"", "1", "1:2", "1:2:3:4", "a:b:c", "1:2:3;;", "1:2:99999999999999999999"})
    EXPECT_EQ(parse_producer(3, bad), std::nullopt) << bad;
}

}  // namespace
}  // namespace hansa::gateway
