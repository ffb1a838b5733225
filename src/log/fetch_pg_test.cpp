// Reading segments: what a fetch returns from where, by bytes and by time; and what becomes of
// segments that are old or superseded.
#include <gmock/gmock.h>

#include "log/compactor.h"
#include "log/fetch.h"
#include "log/log_harness.h"
#include "log/retention.h"
#include "log/segment_writer.h"

namespace hansa::log {
namespace {

using testing::ElementsAre;
using Outcome = Fetched::Outcome;

// "a=1", "a-" for a deletion; its offset before it.
std::string to_text(ReadRecord const& record) {
  return std::to_string(record.offset) + ":" + record.key +
         (record.value ? "=" + *record.value : "-");
}

class FetchTest : public testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_POSTGRES();
    harness.emplace();
    end.topic = std::stoi(harness->one("select id from hansa.topic where name = '" + topic + "'"));
  }
  // One segment of records like "a=1" and "a-", at `time_ms` and up, one each millisecond.
  void append(std::vector<std::string> const& records, std::int64_t time_ms = 1'000'000) {
    SegmentWriter writer;
    for (auto const& text : records) {
      auto const at = text.find_first_of("=-");
      wire::Record record{.timestamp_ms = time_ms++,
                          .key = std::string_view(text).substr(0, at),
                          .value = {},
                          .headers = {}};
      if (text[at] == '=') record.value = std::string_view(text).substr(at + 1);
      writer.append(end, record);
    }
    writer.cut(end);
    auto const insert = writer.insert();
    harness->session.execute_all({&insert, 1});
    harness->session.execute(
        "update hansa.topic_partition set next_offset = $1 where topic = $2 "
        "and partition = 0",
        {std::to_string(end.next), std::to_string(end.topic)});
  }
  Fetched fetch_at(std::int64_t offset, FetchLimits const& limits = {}) {
    FetchPosition const position{.topic = topic, .offset = offset};
    return fetch(harness->session, {&position, 1}, limits).front();
  }
  // The base offsets of what a fetch returns.
  std::vector<std::int64_t> bases(Fetched const& fetched) {
    std::vector<std::int64_t> found;
    std::string_view rest = fetched.batches;
    while (auto const batch = wire::read_batch(rest)) {
      found.push_back(batch->header.base_offset);
      rest.remove_prefix(batch->bytes.size());
      if (rest.empty()) break;
    }
    return found;
  }
  // Every record, asked for as a consumer does: at the offset behind the last one it got.
  std::vector<std::string> walk() {
    std::vector<std::string> all;
    auto const marks = watermarks(harness->session, topic, 0).value();
    for (auto offset = marks.start; offset < marks.end;) {
      auto const fetched = fetch_at(offset, {.bytes_max = 1});
      auto const batch = wire::read_batch(fetched.batches);
      if (!batch || batch->header.base_offset + batch->header.last_offset_delta < offset) {
        ADD_FAILURE() << "no progress at " << offset;
        break;
      }
      auto cursor = batch->cursor();
      while (auto const* record = cursor.next()) {
        if (cursor.offset() < offset) continue;
        ReadRecord copy{.offset = cursor.offset(),
                        .key = std::string(*record->key),
                        .value = {},
                        .headers = {}};
        if (record->value) copy.value = std::string(*record->value);
        all.push_back(to_text(copy));
      }
      offset = batch->header.base_offset + batch->header.last_offset_delta + 1;
    }
    return all;
  }
  Removed expire(std::int64_t now_ms, std::int32_t segments_max = 1000) {
    return remove_expired(harness->session, Time(std::chrono::milliseconds(now_ms)), segments_max);
  }
  // Steps until nothing is left to do.
  std::uint64_t compact(Compactor& compactor, std::int64_t now_ms) {
    std::uint64_t removed = 0;
    for (int i = 0; i < 1000; ++i) {
      auto const step = compactor.step(harness->session, Time(std::chrono::milliseconds(now_ms)));
      if (step.idle) return removed;
      removed += step.records_removed;
    }
    ADD_FAILURE() << "compaction does not end";
    return removed;
  }
  std::string count() {
    return harness->one("select count(*) from hansa.segment where topic = " +
                        std::to_string(end.topic));
  }
  void topic_is(std::string const& cleanup, std::string const& retention_ms) {
    harness->session.script("update hansa.topic set cleanup = '" + cleanup +
                            "', retention_ms = " + retention_ms);
  }

  std::string topic = "shop-item-v2";
  std::optional<LogHarness> harness;
  PartitionEnd end;
};

TEST_F(FetchTest, GivesWholeBatchesFromTheOneThatHoldsTheOffset) {
  append({"a=1", "b=1"});
  append({"c=1"});
  append({"d=1", "e=1", "f=1"});
  EXPECT_THAT(bases(fetch_at(0)), ElementsAre(0, 2, 3));
  EXPECT_THAT(bases(fetch_at(1)), ElementsAre(0, 2, 3));
  EXPECT_THAT(bases(fetch_at(2)), ElementsAre(2, 3));
  EXPECT_THAT(bases(fetch_at(5)), ElementsAre(3));
  EXPECT_THAT(bases(fetch_at(6)), ElementsAre());
  EXPECT_EQ(fetch_at(6).outcome, Outcome::ok);
  EXPECT_EQ(fetch_at(6).watermarks.end, 6);
  EXPECT_EQ(fetch_at(7).outcome, Outcome::out_of_range);
  EXPECT_EQ(fetch_at(-1).outcome, Outcome::out_of_range);
  EXPECT_THAT(walk(), ElementsAre("0:a=1", "1:b=1", "2:c=1", "3:d=1", "4:e=1", "5:f=1"));
}

TEST_F(FetchTest, KeepsToItsBoundsButGivesOneBatch) {
  for (int i = 0; i < 4; ++i) append({"a=" + std::string(1000, 'x')});
  EXPECT_THAT(bases(fetch_at(1, {.bytes_max = 0})), ElementsAre(1));
  EXPECT_THAT(bases(fetch_at(0, {.bytes_max = 2500})), ElementsAre(0, 1));
  EXPECT_THAT(bases(fetch_at(0, {.batches_max = 3})), ElementsAre(0, 1, 2));
  std::vector<FetchPosition> const twice(2, {.topic = topic});
  auto const both = fetch(harness->session, twice, {.bytes_max = 1, .total_bytes_max = 100});
  EXPECT_THAT(bases(both[0]), ElementsAre(0));
  EXPECT_EQ(both[1].batches, "");
}

TEST_F(FetchTest, TellsWhatIsNotThere) {
  std::vector<FetchPosition> const wanted = {{.topic = "no\"such\\topic"},
                                             {.topic = topic, .partition = 1},
                                             {.topic = topic, .partition = -1},
                                             {.topic = topic}};
  auto const answers = fetch(harness->session, wanted);
  EXPECT_EQ(answers[0].outcome, Outcome::unknown);
  EXPECT_EQ(answers[1].outcome, Outcome::unknown);
  EXPECT_EQ(answers[2].outcome, Outcome::unknown);
  EXPECT_EQ(answers[3].outcome, Outcome::ok);
  EXPECT_FALSE(watermarks(harness->session, "none", 0));
}

TEST_F(FetchTest, NeverGivesADamagedBatch) {
  append({"a=1"});
  append({"b=1"});
  append({"c=1"});
  harness->session.script(
      "update hansa.segment set batch = set_byte(batch, 68, get_byte(batch, 68) # 4) "
      "where base_offset = 1");
  EXPECT_THAT(bases(fetch_at(0)), ElementsAre(0));
  EXPECT_EQ(fetch_at(1).outcome, Outcome::corrupt);
  EXPECT_EQ(fetch_at(1).batches, "");
  EXPECT_THAT(bases(fetch_at(2)), ElementsAre(2));
}

TEST_F(FetchTest, FindsOffsetsByTime) {
  append({"a=1", "b=1"}, 100);
  append({"c=1", "d=1"}, 200);
  auto const at = [&](std::int64_t ms) {
    auto const found = offset_at(harness->session, topic, 0, ms);
    return found ? std::to_string(found->offset) + "@" + std::to_string(found->timestamp_ms) : "-";
  };
  EXPECT_EQ(at(0), "0@100");
  EXPECT_EQ(at(101), "1@101");
  EXPECT_EQ(at(102), "2@200");
  EXPECT_EQ(at(201), "3@201");
  EXPECT_EQ(at(202), "-");
}

TEST_F(FetchTest, RetentionRemovesFromTheStart) {
  topic_is("delete", "1000");
  append({"a=1", "b=1"}, 100);
  append({"c=1"}, 5000);
  append({"d=1"}, 200);
  EXPECT_EQ(expire(1050).segments, 0U);
  auto const removed = expire(3000);
  EXPECT_EQ(removed.segments, 1U);
  EXPECT_EQ(removed.records, 2U);
  EXPECT_FALSE(removed.more);
  EXPECT_EQ(fetch_at(1).outcome, Outcome::out_of_range);
  EXPECT_THAT(walk(), ElementsAre("2:c=1", "3:d=1"));
  EXPECT_EQ(expire(9000).segments, 2U);
  auto const marks = watermarks(harness->session, topic, 0).value();
  EXPECT_EQ(marks.start, 4);
  EXPECT_EQ(marks.end, 4);
  append({"e=1"}, 9000);
  EXPECT_THAT(walk(), ElementsAre("4:e=1"));
}

TEST_F(FetchTest, RetentionIsBoundedAndOnlyWhereItIsAskedFor) {
  for (int i = 0; i < 5; ++i) append({"a=1"}, 100);
  topic_is("delete", "null");
  EXPECT_EQ(expire(9'000'000).segments, 0U);
  topic_is("compact", "1000");
  EXPECT_EQ(expire(9'000'000).segments, 0U);
  topic_is("compact,delete", "1000");
  EXPECT_TRUE(expire(9'000'000, 3).more);
  EXPECT_EQ(expire(9'000'000, 3).segments, 2U);
}

TEST_F(FetchTest, CompactionKeepsTheNewestOfEachKey) {
  topic_is("compact", "null");
  append({"a=1", "b=1", "a=2"}, 0);
  append({"c=1", "a=3"}, 1000);
  append({"b-", "d=1"}, 2000);
  append({"d=2", "e=1"}, 3000);
  Compactor compactor;
  EXPECT_EQ(compact(compactor, 5000), 3U);
  EXPECT_THAT(walk(), ElementsAre("3:c=1", "4:a=3", "5:b-", "6:d=1", "7:d=2", "8:e=1"));
  EXPECT_EQ(count(), "2");
  EXPECT_TRUE(compactor.step(harness->session, Time()).idle);
  EXPECT_EQ(fetch_at(0).outcome, Outcome::ok);
  // A day later the deletion goes, as soon as there is a pass.
  append({"f=1", "f=2", "f=3", "f=4", "f=5"}, 4000);
  append({"g=1"}, 5000);
  EXPECT_EQ(compact(compactor, 100'000'000), 6U);
  EXPECT_THAT(walk(), ElementsAre("3:c=1", "4:a=3", "7:d=2", "8:e=1", "13:f=5", "14:g=1"));
}

TEST_F(FetchTest, CompactionInSmallStepsAndWithLittleMemoryIsTheSame) {
  topic_is("compact", "null");
  for (int i = 0; i < 60; ++i)
    append({"k" + std::to_string(i % 7) + "=" + std::to_string(i), "x" + std::to_string(i) + "=1"});
  Compactor compactor(
      {.keys_bytes_max = 500, .step_bytes_max = 300, .step_segments_max = 3, .growth_min = 0});
  EXPECT_EQ(compact(compactor, 5000), 52U);
  auto const left = walk();
  EXPECT_EQ(left.size(), 68U);
  EXPECT_THAT(left, testing::Contains("106:k4=53"));
  EXPECT_THAT(left, testing::Not(testing::Contains("0:k0=0")));
}

TEST_F(FetchTest, CompactionLeavesWhatItCannotReadAndTheDeletionsBehindIt) {
  topic_is("compact", "null");
  append({"a=1"}, 0);
  append({"b=1"}, 0);
  append({"b-", "c=1"}, 0);
  append({"c=2", "d=1"}, 0);
  append({"e=1"}, 0);
  harness->session.script(
      "update hansa.segment set batch = set_byte(batch, 68, get_byte(batch, 68) # 4) "
      "where base_offset = 1");
  Compactor compactor;
  EXPECT_EQ(compact(compactor, 200'000'000), 1U);
  EXPECT_EQ(fetch_at(1).outcome, Outcome::corrupt);
  EXPECT_EQ(
      harness->one("select string_agg(base_offset || '+' || records, ' ' order by base_offset) "
                   "from hansa.segment"),
      "0+1 1+1 2+3 6+1");
}

TEST_F(FetchTest, CompactionMayBeCutOff) {
  topic_is("compact", "null");
  for (int i = 0; i < 20; ++i) append({"a=" + std::to_string(i), "b=" + std::to_string(i)});
  Compactor compactor({.step_segments_max = 2});
  auto doomed = harness->open();
  for (int i = 0; i < 14; ++i)
    static_cast<void>(compactor.step(doomed, Time(std::chrono::milliseconds(5000))));
  harness->session.execute("select pg_terminate_backend($1::int, 5000)",
                           {std::to_string(doomed.backend_pid())});
  EXPECT_THROW(static_cast<void>(compactor.step(doomed, Time())), Failure);
  static_cast<void>(compact(compactor, 5000));
  EXPECT_THAT(walk(), ElementsAre("36:a=18", "37:b=18", "38:a=19", "39:b=19"));
}

}  // namespace
}  // namespace hansa::log
