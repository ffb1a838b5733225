#include "events/source_contract.h"
#include "postgres/scratch.h"

namespace hansa::events {
namespace {

class SourceContract : public testing::TestWithParam<MakeSource> {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_POSTGRES();
    log = GetParam()();
    log->create(topic, 2);
  }

  void write(std::int32_t partition, std::vector<std::string> const& keys) const {
    std::vector<Written> records;
    for (auto const& key : keys) records.push_back({.key = key, .value = "{}"});
    log->write(topic, partition, records);
  }
  void refresh() { log->source().refresh({&topic, 1}); }

  // "offset:key ..." of what a read gives.
  std::string read(std::int32_t partition, std::int64_t offset, std::size_t records_max = 100,
                   std::size_t bytes_max = 1U << 20U) {
    std::string out;
    for (Record const& record :
         log->source().read(topic, partition, offset, records_max, bytes_max))
      out +=
          (out.empty() ? "" : " ") + std::to_string(record.offset) + ":" + std::string(record.key);
    return out;
  }

  template <class Work>
  static Code code_of(Work work) {
    try {
      work();
    } catch (Failure const& failure) {
      return failure.error().code;
    }
    ADD_FAILURE() << "no failure";
    return Code::internal;
  }

  std::string const topic = "orders-order-v1";
  std::unique_ptr<SourceUnderTest> log;
};

TEST_P(SourceContract, AnEmptyTopicHasPartitionsAndNothingInThem) {
  refresh();
  EXPECT_EQ(log->source().partitions(topic), 2);
  EXPECT_EQ(log->source().bounds(topic, 1).next, 0);
  EXPECT_EQ(read(0, 0), "");
}

TEST_P(SourceContract, GivesRecordsAsTheyWereWritten) {
  log->write(topic, 1,
             {{.key = "7",
               .value = R"({"n":1})",
               .timestamp_ms = 1'767'225'600'123,
               .id = "orders-9",
               .operation = "create",
               .trace = "00-abc-def-01",
               .actor = "ana"},
              {.key = "7", .value = std::nullopt, .timestamp_ms = 1'767'225'600'124}});
  auto const records = log->source().read(topic, 1, 0, 10, 1000);
  ASSERT_EQ(records.size(), 2U);
  Record const& first = records[0];
  EXPECT_EQ(first.offset, 0);
  EXPECT_EQ(first.timestamp_ms, 1'767'225'600'123);
  EXPECT_EQ(first.key, "7");
  EXPECT_EQ(first.value, R"({"n":1})");
  EXPECT_EQ(first.id, "orders-9");
  EXPECT_EQ(first.operation, "create");
  EXPECT_EQ(first.trace, "00-abc-def-01");
  EXPECT_EQ(first.actor, "ana");
  EXPECT_EQ(records[1].offset, 1);
  EXPECT_EQ(records[1].value, std::nullopt);
  EXPECT_EQ(records[1].id, "");
}

TEST_P(SourceContract, GoesOnWhereAskedWithinTheBounds) {
  write(0, {"a", "b", "c", "d"});
  EXPECT_EQ(read(0, 0, 2), "0:a 1:b");
  EXPECT_EQ(read(0, 2, 1), "2:c");
  EXPECT_EQ(read(0, 3), "3:d");
  EXPECT_EQ(read(0, 4), "");
  write(0, {"e", "f"});
  EXPECT_EQ(read(0, 4, 1), "4:e");
  write(0, {"g"});
  EXPECT_EQ(read(0, 5), "5:f");
  EXPECT_EQ(read(0, 6), "6:g");
  EXPECT_EQ(read(0, 1, 2), "1:b 2:c") << "back again";
  EXPECT_EQ(read(0, 1, 2), "1:b 2:c") << "the same once more";
  EXPECT_EQ(read(0, 2, 100, 7), "2:c 3:d") << "three octets each: a key and {}";
  EXPECT_EQ(read(0, 5, 100, 1), "5:f") << "one in any case";
}

TEST_P(SourceContract, PartitionsDoNotMix) {
  write(0, {"a", "b"});
  write(1, {"x", "y"});
  EXPECT_EQ(read(0, 0, 1), "0:a");
  EXPECT_EQ(read(1, 0, 1), "0:x");
  EXPECT_EQ(read(0, 1), "1:b");
  EXPECT_EQ(read(1, 1), "1:y");
}

TEST_P(SourceContract, KnowsHowFarTopicsAreOnceRefreshed) {
  refresh();
  write(1, {"a", "b"});
  refresh();
  EXPECT_EQ(log->source().bounds(topic, 0).next, 0);
  EXPECT_EQ(log->source().bounds(topic, 1).next, 2);
  EXPECT_EQ(log->source().bounds(topic, 2).next, 0) << "there is no such partition";
}

TEST_P(SourceContract, BeginsAtTheStartOnceTheOldIsGone) {
  write(0, {"a", "b"});
  write(0, {"c"});
  log->forget_before(topic, 0, 2);
  refresh();
  EXPECT_EQ(log->source().bounds(topic, 0).start, 2);
  EXPECT_EQ(read(0, 0), "2:c");
}

TEST_P(SourceContract, SaysWhatIsNotThere) {
  std::string const stranger = "no-such-topic";
  log->source().refresh({&stranger, 1});
  EXPECT_EQ(log->source().partitions(stranger), 0);
  EXPECT_EQ(code_of([&] { std::ignore = log->source().read(stranger, 0, 0, 1, 1); }),
            Code::unknown_topic);
  write(0, {"a"});
  EXPECT_EQ(code_of([&] { std::ignore = log->source().read(topic, 0, 2, 1, 1); }),
            Code::offset_out_of_range);
}

TEST_P(SourceContract, DecodesBothFormatsAndRefusesTheRest) {
  auto const decoded = [&](std::string const& value) {
    std::string out = "kept ";
    auto const done = log->source().decode({.value = value}, out);
    return done ? out : out + std::string(info(done.error().code).name);
  };
  EXPECT_EQ(decoded(log->avro_value(17)), R"(kept {"n":17})");
  EXPECT_EQ(decoded(R"( {"n": 1.50} )"), R"(kept {"n":1.50})");
  auto cut = log->avro_value(1'000'000);
  cut.pop_back();
  auto strange = log->avro_value(1);
  strange[1] = 0x7f;
  for (auto const& value : {cut, strange, std::string("\0", 1), std::string("\0\0\0\0", 4),
                            std::string{}, std::string("[1]"), std::string("{\"n\":"),
                            std::string("7"), std::string("{\"a\":\"\xff\"}")})
    EXPECT_EQ(decoded(value), "kept unreadable-event") << value;
}

TEST_P(SourceContract, TheLogIsKnownByItsName) {
  auto const name_of = [this](SourceUnderTest& under_test) {
    under_test.source().refresh({&topic, 1});
    return under_test.source().identity(topic);
  };
  auto const name = name_of(*log);
  EXPECT_FALSE(name.empty());
  EXPECT_EQ(name, name_of(*log->another()));
  auto const elsewhere = GetParam()();
  EXPECT_EQ(name_of(*elsewhere), "");
  elsewhere->create(topic, 2);
  EXPECT_NE(name, name_of(*elsewhere));
  log->destroy(topic);
  log->create(topic, 2);
  EXPECT_NE(name, name_of(*log)) << "of a topic that was made anew";
}

INSTANTIATE_TEST_SUITE_P(Sources, SourceContract, testing::Values(&make_log_source),
                         [](auto const&) { return "Log"; });

}  // namespace
}  // namespace hansa::events
