#include "events/batch.h"

#include <gtest/gtest.h>

#include "avro/avro.h"
#include "events/topics.h"
#include "events/verdict.h"
#include "json/value.h"

namespace hansa::events {
namespace {

TEST(Batch, EventsAreObjectsWithTheirPlace) {
  std::vector<Incoming> events;
  events.push_back({.record = {.offset = 7,
                               .timestamp_ms = 1'767'225'600'123,
                               .key = "17",
                               .value = "x",
                               .id = "orders-9",
                               .operation = "create"},
                    .json = R"({"order_id":17,"total":12.50})"});
  events.push_back({.record = {.offset = 8, .key = "a\"b", .value = std::nullopt}, .json = ""});
  events.push_back({.record = {.offset = 9, .key = "k", .value = "x"}, .json = "{}"});
  auto const text = batch_json(events, "orders-order-v1", 2);
  EXPECT_EQ(text, R"([{"order_id":17,"total":12.50,"_partition":2,"_offset":7,"_op":"create",)"
                  R"("_key":"17","_topic":"orders-order-v1","_time":"2026-01-01T00:00:00.123Z",)"
                  R"("_id":"orders-9","_trace":null},)"
                  R"({"_partition":2,"_offset":8,"_op":"delete","_key":"a\"b",)"
                  R"("_topic":"orders-order-v1","_time":"1970-01-01T00:00:00.000Z","_id":null,)"
                  R"("_trace":null},)"
                  R"({"_partition":2,"_offset":9,"_op":"event","_key":"k",)"
                  R"("_topic":"orders-order-v1","_time":"1970-01-01T00:00:00.000Z","_id":null,)"
                  R"("_trace":null}])");
  EXPECT_TRUE(json::parse(text));
  EXPECT_EQ(batch_json({}, "t", 0), "[]");
}

TEST(Batch, AnEmptyKeyIsAKey) {
  std::vector<Incoming> events;
  events.push_back({.record = {.offset = 8, .key = "", .value = std::nullopt}, .json = ""});
  std::vector<ColumnName> const only{ColumnName("_key")};
  EXPECT_EQ(batch_json(events, "t", 2, std::span<ColumnName const>(only)), R"([{"_key":""}])");
}

TEST(Batch, OnlyWhatIsNeededTravels) {
  auto const check = [](std::string json, std::vector<std::string> const& names,
                        std::string_view expected) {
    std::vector<ColumnName> const only(names.begin(), names.end());
    std::vector<Incoming> events;
    events.push_back(
        {.record = {.offset = 7, .key = "k", .value = "x", .trace = "00-a"}, .json = json});
    events.push_back({.record = {.offset = 8, .key = "k", .value = std::nullopt}, .json = ""});
    auto const text = batch_json(events, "t", 2, std::span<ColumnName const>(only));
    EXPECT_EQ(text, expected);
    EXPECT_TRUE(json::parse(text)) << text;
  };
  check(R"({"a":1,"b":"x,}\"","c":{"a":[2,"]"]},"d":null})", {"b", "d", "_offset"},
        R"([{"b":"x,}\"","d":null,"_offset":7,"_trace":"00-a"},{"_offset":8}])");
  check(R"({"a":1,"c":{"a":[2,"]"]}})", {"c"}, R"([{"c":{"a":[2,"]"]},"_trace":"00-a"},{}])");
  check(R"({"a":1})", {"_key", "_op"},
        R"([{"_op":"event","_key":"k","_trace":"00-a"},{"_op":"delete","_key":"k"}])");
  check(R"({})", {"a"}, R"([{"_trace":"00-a"},{}])");
}

TEST(Batch, DeadLettersSayWhy) {
  Incoming const event{.record = {.offset = 3,
                                  .key = "1",
                                  .value = "x",
                                  .id = "orders-9",
                                  .operation = "update",
                                  .trace = "00-a-b-01"},
                       .json = R"({"a":1})"};
  EXPECT_EQ(dead_letter_json(event, "t", 1, "23514", "violates \"c\""),
            R"({"partition":1,"offset":3,"reason":"violates \"c\"","sqlstate":"23514",)"
            R"("topic":"t","key":"1","time":"1970-01-01T00:00:00.000Z","op":"update",)"
            R"("id":"orders-9","trace":"00-a-b-01","event":{"a":1}})");
  Incoming const gone{.record = {.offset = 3, .key = "1", .value = std::nullopt}, .json = ""};
  EXPECT_TRUE(dead_letter_json(gone, "t", 1, "22012", "r")
                  .ends_with(R"("op":"delete","id":null,"trace":null,"event":null})"));
}

TEST(Batch, DeadLettersFitTheirTopicHoweverLittleTheySay) {
  Incoming const event{.record = {.offset = 3, .key = "", .value = "x"}, .json = ""};
  auto const letter = dead_letter_json(event, "t", 1, "P0001", "");
  auto const schema = dead_letter_topic({.domain = DomainName("d"), .port = "p"}).schema;
  std::string out;
  auto const encoded = avro::RowEncoder(schema).encode(letter, out);
  EXPECT_TRUE(encoded) << to_text(encoded.error());
}

TEST(Verdict, IsTheFaultsOwner) {
  for (auto const* const state : {"22012", "23514", "23505", "22P02", "P0001"})
    EXPECT_EQ(verdict_of(state), Verdict::event) << state;
  for (auto const* const state : {"40001", "40P01", "55P03"})
    EXPECT_EQ(verdict_of(state), Verdict::retry) << state;
  for (auto const* const state :
       {"42703", "42501", "53100", "57014", "08006", "0A000", "XX000", "P0002", "55000", ""})
    EXPECT_EQ(verdict_of(state), Verdict::halt) << state;
}

}  // namespace
}  // namespace hansa::events
