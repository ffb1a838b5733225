#include "events/merged.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace hansa::events {
namespace {

// Partitions as lists of records.
class Lists final : public Source {
 public:
  struct Entry {
    std::int64_t offset, timestamp_ms;
    std::string value;
  };
  explicit Lists(std::vector<std::vector<Entry>> lists) : lists_(std::move(lists)) {}

  [[nodiscard]] std::string identity(std::string const&) override { return "test"; }
  void refresh(std::span<std::string const>) override {}
  [[nodiscard]] std::int32_t partitions(std::string const&) const override {
    return static_cast<std::int32_t>(lists_.size());
  }
  [[nodiscard]] Bounds bounds(std::string const&, std::int32_t) const override { return {}; }
  [[nodiscard]] std::span<Record const> read(std::string const&, std::int32_t partition,
                                             std::int64_t offset, std::size_t records_max,
                                             std::size_t bytes_max) override {
    auto& out = read_[partition];
    out.clear();
    std::size_t bytes = 0;
    for (Entry const& entry : lists_[static_cast<std::size_t>(partition)]) {
      if (entry.offset < offset || out.size() == records_max) continue;
      bytes += entry.value.size();
      if (bytes > bytes_max && !out.empty()) break;
      out.push_back(
          {.offset = entry.offset, .timestamp_ms = entry.timestamp_ms, .value = entry.value});
    }
    ++reads;
    return out;
  }
  [[nodiscard]] Result<void> decode(Record const&, std::string&) override { return {}; }

  int reads = 0;

 private:
  std::vector<std::vector<Entry>> lists_;
  std::map<std::int32_t, std::vector<Record>> read_;
};

// "0@3:value" each, as far as there is something.
std::vector<std::string> rest_of(Merged& merged) {
  std::vector<std::string> out;
  while (auto const record = merged.next())
    out.push_back(std::to_string(record->partition) + "@" + std::to_string(record->offset) + ":" +
                  record->value.value_or("-"));
  return out;
}

using testing::ElementsAre;

TEST(Merged, GivesTheOldestFirstAndKeepsTheOrderOfPartitions) {
  Lists lists({{{0, 10, "a"}, {1, 40, "b"}, {2, 30, "c"}}, {{0, 20, "d"}, {1, 35, "e"}}, {}});
  Merged merged(lists, "t", {{0, 3}, {0, 2}, {0, 0}});
  EXPECT_THAT(rest_of(merged), ElementsAre("0@0:a", "1@0:d", "1@1:e", "0@1:b", "0@2:c"));
  EXPECT_THAT(merged.positions(), ElementsAre(3, 2, 0));
}

TEST(Merged, EndsWhereItWasToldToAndGoesOnLater) {
  Lists lists({{{0, 1, "a"}, {2, 2, "b"}, {5, 3, "c"}, {9, 4, "d"}}, {{7, 5, "e"}}});
  Merged merged(lists, "t", {{1, 6}});
  EXPECT_THAT(merged.positions(), ElementsAre(1));
  EXPECT_EQ(merged.next()->offset, 2);
  EXPECT_THAT(merged.positions(), ElementsAre(5));
  EXPECT_THAT(rest_of(merged), ElementsAre("0@5:c"));
  EXPECT_THAT(merged.positions(), ElementsAre(6));
  EXPECT_EQ(merged.next(), std::nullopt);
  merged.extend({{0, 8}, {4, 8}});
  EXPECT_THAT(rest_of(merged), ElementsAre("1@7:e"));
  EXPECT_THAT(merged.positions(), ElementsAre(8, 8));
  merged.extend({{0, 10}});
  EXPECT_THAT(rest_of(merged), ElementsAre("0@9:d"));
}

TEST(Merged, HoldsNoMoreThanItMay) {
  std::string const large(100, 'x');
  Lists lists({{{0, 1, "a"}, {1, 2, large}, {2, 3, "b"}}, {{0, 1, large}, {1, 4, "c"}}});
  Merged merged(lists, "t", {{0, 3}, {0, 2}}, {.bytes_max = 20, .records_max = 4});
  EXPECT_THAT(rest_of(merged),
              ElementsAre("0@0:a", "1@0:" + large, "0@1:" + large, "0@2:b", "1@1:c"));
  // Of each large one twice, for it was not kept.
  EXPECT_EQ(lists.reads, 7);
}

}  // namespace
}  // namespace hansa::events
