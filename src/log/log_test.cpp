// The pure parts: names and numbers, records of events, segments of records.
#include "log/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "log/decimal_text.h"
#include "log/event_encoder.h"
#include "log/segment_writer.h"
#include "mesh/log_names.h"
#include "render/event_schemas.h"
#include "wire/big_endian.h"

namespace hansa::log {
namespace {

using testing::HasSubstr;

mesh::Topic topic(mesh::EventFormat format) {
  mesh::Topic topic;
  topic.name = "shop-item-v1";
  topic.domain = DomainName("shop");
  topic.object = ObjectName("item");
  topic.fields = {ColumnName("id"), ColumnName("state"), ColumnName("note")};
  topic.format = format;
  topic.record_name = "Item";
  topic.record_namespace = "mesh.shop.v1";
  topic.event_source = "/shop/catalog";
  topic.event_type = "shop.item.v1";
  return topic;
}

mesh::Object object() {
  mesh::Object object;
  object.columns.resize(4);
  object.columns[0] = {
      .name = ColumnName("id"), .type = {.kind = types::Kind::int64}, .required = true};
  object.columns[1] = {.name = ColumnName("secret"), .required = true};
  object.columns[2] = {.name = ColumnName("state"), .required = true};
  object.columns[2].default_value = {.kind = mesh::Default::Kind::literal, .text = "new"};
  object.columns[3] = {.name = ColumnName("note"), .type = {.kind = types::Kind::timestamptz}};
  object.columns[3].default_value = {.kind = mesh::Default::Kind::expression, .text = "now()"};
  return object;
}

PendingEvent event(char op, std::optional<std::string_view> row) {
  return {.sid = 7,
          .op = op,
          .key = "1",
          .row = row,
          .trace = {},
          .actor = {},
          .at_us = 1'767'261'600'500'000};
}

EventEncoder encoder(mesh::EventFormat format) {
  auto const made = topic(format);
  return {made, record_schema(object(), made), 5};
}

TEST(Names, AreWhatCaptureUses) {
  EXPECT_EQ(mesh::pending_table(DomainName("orders")), "pending_orders");
  EXPECT_EQ(mesh::pending_sequence(DomainName("orders")), "pending_orders_sid_seq");
  EXPECT_NE(mesh::log_lock_number(MeshName("shop"), DomainName("a")),
            mesh::log_lock_number(MeshName("shop"), DomainName("b")));
  EXPECT_EQ(mesh::log_lock_number(MeshName("foo"), DomainName("bar")), -497'505'517);
}

TEST(RecordSchema, FollowsTheContract) {
  EXPECT_EQ(json::to_text(avro::to_json(record_schema(object(), topic(mesh::EventFormat::avro)))),
            R"({"type":"record","name":"Item","namespace":"mesh.shop.v1","fields":[)"
            R"({"name":"id","type":"long"},{"name":"state","type":"string","default":"new"},)"
            R"({"name":"note","type":["null",{"type":"long","logicalType":"timestamp-micros"}],)"
            R"("default":null}]})");
}

TEST(EventEncoder, SaysTheSameInBothFormats) {
  auto binary = encoder(mesh::EventFormat::avro), text = encoder(mesh::EventFormat::json);
  auto const row = event('c', R"({"id":1,"state":"old","note":"2026-01-01T10:00:00+00:00"})");
  auto const* avro = binary.encode(row).value();
  EXPECT_EQ(*avro->value,
            std::string_view("\0\0\0\0\5\2\6old\2\x80\xa0\xa5\xfe\x94\xd4\xa3\x06", 19));
  EXPECT_EQ(avro->timestamp_ms, 1'767'261'600'500);
  auto const* json = text.encode(row).value();
  EXPECT_EQ(*json->value, R"({"id":1,"state":"old","note":"2026-01-01T10:00:00Z"})");
}

TEST(EventEncoder, TakesRowsOfOtherVersions) {
  auto text = encoder(mesh::EventFormat::json);
  EXPECT_EQ(*text.encode(event('u', R"({"gone":{"x":[1]},"id":2})")).value()->value,
            R"({"id":2,"state":"new","note":null})");
}

TEST(EventEncoder, LeavesOutWhatIsNoTraceAndNoActor) {
  auto text = encoder(mesh::EventFormat::json);
  auto forged = event('d', std::nullopt);
  forged.trace = "00-zz\r\nx: y";
  forged.actor = "";
  auto const* record = text.encode(forged).value();
  EXPECT_FALSE(record->value);
  for (auto const& header : record->headers) {
    EXPECT_NE(header.key, header::trace);
    EXPECT_NE(header.key, header::actor);
    EXPECT_NE(header.key, header::content_type);
  }
  EXPECT_EQ(record->headers.size(), 7U);
}

// The names of a record's headers, each with the one value or one of the values it must have.
void check_headers(mesh::Topic const& topic, PendingEvent const& event) {
  EventEncoder encoder(topic, record_schema(object(), topic), 5);
  auto const* record = encoder.encode(event).value();
  auto const kind = event.row ? render::RecordKind::event : render::RecordKind::tombstone;
  std::size_t at = 0;
  for (auto const& promised : render::record_headers(topic, kind)) {
    bool const there = at < record->headers.size() && record->headers[at].key == promised.name;
    EXPECT_TRUE(there || (!promised.always && !event.trace)) << promised.name;
    if (!there) continue;
    auto const value = record->headers[at++].value.value_or("(none)");
    bool const allowed = promised.values.empty() ||
                         std::ranges::find(promised.values, value) != promised.values.end();
    EXPECT_TRUE(allowed) << promised.name << ": " << value;
  }
  EXPECT_EQ(at, record->headers.size());
}

TEST(EventEncoder, WritesTheHeadersThatDocumentsPromise) {
  auto const* row = R"({"id":1,"state":"old","note":null})";
  for (auto const format : {mesh::EventFormat::avro, mesh::EventFormat::json}) {
    auto changes = topic(format);
    changes.source = mesh::Topic::Source::changes;
    auto emission = topic(format);
    emission.source = mesh::Topic::Source::emission;
    for (bool const traced : {false, true}) {
      auto const told = [traced](PendingEvent event) {
        if (traced) event.trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        if (traced) event.actor = "alice";
        return event;
      };
      check_headers(changes, told(event('c', row)));
      check_headers(changes, told(event('u', row)));
      check_headers(changes, told(event('d', std::nullopt)));
      check_headers(emission, told(event('e', row)));
    }
  }
}

TEST(EventEncoder, RefusesWhatIsNoEvent) {
  auto binary = encoder(mesh::EventFormat::avro);
  auto const check = [&](PendingEvent const& event, std::string const& reason) {
    auto const encoded = binary.encode(event);
    ASSERT_FALSE(encoded);
    EXPECT_THAT(encoded.error().detail, HasSubstr(reason));
  };
  check(event('x', "{}"), "unknown operation `x`");
  check(event('c', std::nullopt), "row");
  check(event('d', "{}"), "row");
  check(event('e', "{}"), "field `id` of type bigint is missing");
  check(event('e', "{"), "malformed");
}

// The segments of `count` records of `value_bytes` each: "base+records" of each.
std::string segments_of(int count, std::size_t value_bytes) {
  SegmentWriter writer;
  PartitionEnd end{.topic = 1, .partition = 2, .committed = 100, .next = 100};
  std::string const value(value_bytes, 'x');
  for (int i = 0; i < count; ++i) writer.append(end, {.key = "k", .value = value});
  EXPECT_TRUE(end.changed());
  writer.cut(end);
  EXPECT_EQ(end.next, 100 + count);
  std::string text;
  auto const insert = writer.insert();
  auto rest = insert.bytes.value_or("");
  std::string bases, counts, lengths;
  while (!rest.empty()) {
    auto const batch = wire::read_batch(rest);
    if (!batch) return "no batch";
    auto const base = std::to_string(batch->header.base_offset);
    auto const records = std::to_string(batch->header.record_count);
    text.append(base).append("+").append(records).append(" ");
    bases.append(bases.empty() ? "{" : ",").append(base);
    counts.append(counts.empty() ? "{" : ",").append(records);
    lengths.append(lengths.empty() ? "{" : ",").append(std::to_string(batch->bytes.size()));
    rest.remove_prefix(batch->bytes.size());
  }
  EXPECT_EQ(insert.params.at(2), bases + "}");
  EXPECT_EQ(insert.params.at(5), counts + "}");
  EXPECT_EQ(insert.params.at(6), lengths + "}");
  return text;
}

TEST(SegmentWriter, CutsByRecordsAndBytes) {
  EXPECT_EQ(segments_of(1, 10), "100+1 ");
  EXPECT_EQ(segments_of(5001, 1), "100+5000 5100+1 ");
  EXPECT_EQ(segments_of(3, 100'000), "100+2 102+1 ");
  EXPECT_EQ(segments_of(2, 300'000), "100+1 101+1 ");
}

TEST(DecimalText, ReadsAndWritesIntegers) {
  EXPECT_EQ(to_number<std::int64_t>("-9223372036854775808"), INT64_MIN);
  EXPECT_THROW(static_cast<void>(to_number<std::int32_t>("2147483648")), Failure);
  EXPECT_THROW(static_cast<void>(to_number<std::int32_t>("1x")), Failure);
  ArrayText array;
  EXPECT_EQ(array.text(), "{}");
  array.add(1);
  array.add(-2);
  EXPECT_EQ(array.text(), "{1,-2}");
}

}  // namespace
}  // namespace hansa::log
