// The log as a source, for the contract test; and a log written by hand.
#include <fmt/format.h>

#include "avro/avro.h"
#include "events/events_harness.h"
#include "events/log_source.h"
#include "log/schema_ids.h"
#include "log/test_tables.h"
#include "wire/record_batch.h"

namespace hansa::events {
namespace {

std::string hex(std::string_view bytes) {
  std::string out = "\\x";
  for (char const c : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

class LogUnderTest final : public SourceUnderTest {
 public:
  explicit LogUnderTest(std::shared_ptr<TestLog> log)
      : log_(std::move(log)), session_(log_->open()), source_(session_) {}

  void create(std::string const& topic, std::int32_t partitions) override {
    log_->create(topic, partitions);
  }
  void destroy(std::string const& topic) override {
    log_->session.execute("delete from hansa.topic where name = $1", {topic});
  }
  void write(std::string const& topic, std::int32_t partition,
             std::vector<Written> const& records) override {
    log_->write(topic, partition, records);
  }
  void forget_before(std::string const& topic, std::int32_t partition,
                     std::int64_t offset) override {
    log_->forget_before(topic, partition, offset);
  }
  std::string avro_value(std::int32_t n) override {
    avro::RecordSchema const schema{
        .name = "N", .fields = {{.name = "n", .type = {.kind = types::Kind::int32}}}};
    std::string value;
    avro::frame(log::schema_id(log_->session, "n-value", json::to_text(avro::to_json(schema))),
                value);
    std::vector<std::optional<std::string_view>> values;
    auto const text = std::to_string(n);
    values.emplace_back(text);
    EXPECT_TRUE(avro::encode(schema, values, value));
    return value;
  }
  Source& source() override { return source_; }
  std::unique_ptr<SourceUnderTest> another() override {
    return std::make_unique<LogUnderTest>(log_);
  }

 private:
  std::shared_ptr<TestLog> log_;
  postgres::Session session_;
  LogSource source_;
};

}  // namespace

TestLog::TestLog() : session(open()) { session.script(log::test_tables); }

std::string TestLog::one(std::string const& sql) {
  auto const rows = session.execute(sql);
  return rows.size() == 0 ? "" : std::string(rows.value(0, 0));
}

void TestLog::create(std::string const& topic, std::int32_t partitions) {
  session.execute(
      "insert into hansa.topic (name, domain, partitions, cleanup, message_bytes_max) "
      "values ($1, 'orders', $2, 'delete', 1048576)",
      {topic, std::to_string(partitions)});
  session.execute(
      "insert into hansa.topic_partition (topic, partition) select id, generate_series(0, "
      "partitions - 1) from hansa.topic where name = $1",
      {topic});
}

void TestLog::write(std::string const& topic, std::int32_t partition,
                    std::vector<Written> const& records) {
  wire::BatchWriter writer;
  for (Written const& each : records) {
    std::vector<wire::RecordHeader> headers;
    auto const add = [&headers](std::string_view name, std::string const& value) {
      if (!value.empty()) headers.push_back({name, value});
    };
    add("ce_id", each.id);
    add("hansa_op", each.operation);
    add("traceparent", each.trace);
    add("hansa_actor", each.actor);
    std::optional<std::string_view> value;
    if (each.value) value = *each.value;
    writer.append(
        {.timestamp_ms = each.timestamp_ms, .key = each.key, .value = value, .headers = headers});
  }
  auto const next = std::stoll(one(fmt::format(
      "select next_offset from hansa.topic_partition p join hansa.topic t on t.id = p.topic "
      "where t.name = '{}' and partition = {}",
      topic, partition)));
  auto const end = next + static_cast<std::int64_t>(records.size());
  session.execute(
      "with p as (update hansa.topic_partition p set next_offset = $3 from hansa.topic t where "
      "t.id = p.topic and t.name = $1 and p.partition = $2 returning p.topic) insert into "
      "hansa.segment select topic, $2, $4, $3, 1, $5, $6::bytea from p",
      {topic, std::to_string(partition), std::to_string(end), std::to_string(next),
       std::to_string(records.size()), hex(writer.finish(next))});
}

void TestLog::forget_before(std::string const& topic, std::int32_t partition, std::int64_t offset) {
  session.execute(
      "with p as (update hansa.topic_partition p set start_offset = $3 from hansa.topic t where "
      "t.id = p.topic and t.name = $1 and p.partition = $2 returning p.topic) delete from "
      "hansa.segment s using p where s.topic = p.topic and s.partition = $2 and s.next_offset <= "
      "$3",
      {topic, std::to_string(partition), std::to_string(offset)});
}

std::unique_ptr<SourceUnderTest> make_log_source() {
  return std::make_unique<LogUnderTest>(std::make_shared<TestLog>());
}

TEST(LogSource, SaysThatABatchIsDamagedAndGivesNothing) {
  SKIP_WITHOUT_POSTGRES();
  TestLog log;
  log.create("t", 1);
  log.write("t", 0, {{.key = "a", .value = "{}"}, {.key = "b", .value = "{}"}});
  log.session.script("update hansa.segment set batch = set_byte(batch, 70, 7)");
  LogSource source(log.session);
  try {
    std::ignore = source.read("t", 0, 0, 10, 1000);
    FAIL() << "it was read";
  } catch (Failure const& failure) {
    EXPECT_EQ(failure.error().code, Code::corrupt_segment);
  }
}

TEST(LogSource, PassesOverWhatCompactionTook) {
  SKIP_WITHOUT_POSTGRES();
  TestLog log;
  log.create("t", 1);
  for (int i = 0; i < 3; ++i) log.write("t", 0, {{.key = std::to_string(i), .value = "{}"}});
  log.session.script("delete from hansa.segment where base_offset = 1");
  LogSource source(log.session);
  EXPECT_EQ(source.read("t", 0, 0, 1, 1000).back().offset, 0);
  EXPECT_EQ(source.read("t", 0, 1, 1, 1000).back().offset, 2);
  EXPECT_TRUE(source.read("t", 0, 3, 1, 1000).empty());
}

}  // namespace hansa::events
