#include "events/splits.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <numeric>

namespace hansa::events {
namespace {

std::vector<std::string> text(std::size_t events, std::size_t batch_max) {
  std::vector<std::string> out;
  for (Split const& split : splits_of(events, batch_max))
    out.push_back(fmt::format("{}: {}", split.name, fmt::join(split.sizes, " ")));
  return out;
}

TEST(Splits, AreOneTwoAndAll) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(text(1, 10), (Lines{"one at a time: 1"}));
  EXPECT_EQ(text(2, 10), (Lines{"one at a time: 1 1", "2 at once: 2"}));
  EXPECT_EQ(text(3, 10),
            (Lines{"one at a time: 1 1 1", "3 at once: 3", "1 then 2: 1 2", "2 then 1: 2 1"}));
  EXPECT_EQ(text(3, 1), (Lines{"one at a time: 1 1 1"}));
  EXPECT_EQ(text(5, 2), (Lines{"one at a time: 1 1 1 1 1", "in batches of 2: 2 2 1",
                               "1 then 4: 1 2 2", "3 then 2: 2 1 2"}));
}

TEST(Splits, AreFewHoweverManyTheEvents) {
  for (std::size_t events = 1; events < 300; ++events)
    for (std::size_t const batch_max : {1, 7, 500}) {
      auto const splits = splits_of(events, batch_max);
      EXPECT_LE(splits.size(), 2 + cuts_max);
      for (Split const& split : splits) {
        EXPECT_EQ(std::accumulate(split.sizes.begin(), split.sizes.end(), std::size_t{0}), events);
        for (auto const size : split.sizes) EXPECT_TRUE(size >= 1 && size <= batch_max);
      }
    }
  EXPECT_EQ(splits_of(1000, 500).size(), 2 + cuts_max);
}

}  // namespace
}  // namespace hansa::events
