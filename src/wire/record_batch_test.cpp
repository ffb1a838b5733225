// Record batches: golden bytes, round trips, and that nothing malformed passes. The golden batch is
// what kafka-python writes for the same records.
#include "wire/record_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/varint.h"
#include "wire/big_endian.h"
#include "wire/crc32c.h"

namespace hansa::wire {
namespace {

using testing::HasSubstr;

struct Expected {
  std::int64_t offset, timestamp_ms;
  std::optional<std::string> key, value;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers = {};
  bool operator==(Expected const&) const = default;
};

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return bytes;
}

std::string const golden = from_hex(
    "0000000000000000000000560000000002fb8bda560000000000020000018bcfe568000000018bcfe56805ffffffff"
    "ffffffffffffffffffff0000000328000000046b310a68656c6c6f0402680276026e010c000a0201000010000104"
    "046b310100");

std::vector<Expected> const golden_records = {
    {0, 1700000000000, "k1", "hello", {{"h", "v"}, {"n", std::nullopt}}},
    {1, 1700000000005, std::nullopt, ""},
    {2, 1699999999999, "k1", std::nullopt}};

std::optional<std::string_view> view(std::optional<std::string> const& text) {
  if (!text) return std::nullopt;
  return *text;
}

void write(BatchWriter& writer, std::vector<Expected> const& records) {
  for (auto const& record : records) {
    std::vector<RecordHeader> headers;
    for (auto const& [key, value] : record.headers) headers.push_back({key, view(value)});
    Record const given{record.timestamp_ms, view(record.key), view(record.value), headers};
    writer.append_at(static_cast<std::int32_t>(record.offset), given);
  }
}

std::vector<Expected> read(BatchView const& batch) {
  std::vector<Expected> records;
  auto cursor = batch.cursor();
  while (auto const* record = cursor.next()) {
    Expected seen{cursor.offset(), record->timestamp_ms, {}, {}};
    if (record->key) seen.key = *record->key;
    if (record->value) seen.value = *record->value;
    for (auto const& header : record->headers) {
      seen.headers.emplace_back(header.key, std::nullopt);
      if (header.value) seen.headers.back().second = *header.value;
    }
    records.push_back(std::move(seen));
  }
  return records;
}

void check_round_trip(std::vector<Expected> records) {
  BatchWriter writer;
  write(writer, records);
  auto const batch = read_batch(writer.finish(0));
  ASSERT_TRUE(batch) << batch.error().detail;
  EXPECT_TRUE(read(*batch) == records);
}

// `change` spoils the golden batch; its CRC is made right again unless it is the fault.
void check_refused(std::string_view reason, void (*change)(std::string&), bool mend = true) {
  auto bytes = golden;
  change(bytes);
  if (mend) store_big_endian(crc32c(std::string_view(bytes).substr(21)), bytes.data() + 17);
  auto const batch = read_batch(bytes);
  ASSERT_FALSE(batch) << reason;
  EXPECT_EQ(batch.error().code, Code::invalid_body);
  EXPECT_THAT(batch.error().detail, HasSubstr(std::string(reason)));
}

TEST(RecordBatch, WritesWhatOthersWrite) {
  BatchWriter writer;
  write(writer, golden_records);
  EXPECT_EQ(writer.bytes(), golden.size());
  EXPECT_EQ(writer.count(), 3);
  EXPECT_EQ(writer.finish(0), golden);
}

TEST(RecordBatch, ReadsWhatOthersWrite) {
  auto const bytes = golden + "behind";
  auto const batch = read_batch(bytes);
  ASSERT_TRUE(batch) << batch.error().detail;
  EXPECT_EQ(batch->bytes, golden);
  EXPECT_TRUE(batch->dense());
  EXPECT_EQ(batch->codec(), Codec::none);
  EXPECT_EQ(batch->header.producer_id, -1);
  EXPECT_EQ(batch->header.base_sequence, -1);
  EXPECT_EQ(batch->header.max_timestamp_ms, 1700000000005);
  EXPECT_TRUE(read(*batch) == golden_records);
}

TEST(RecordBatch, RoundTrips) {
  check_round_trip({{0, 0, "", ""}});
  check_round_trip({{5, -1, std::nullopt, std::nullopt}, {9, 7, "a", "b"}});
  check_round_trip({{0, std::numeric_limits<std::int64_t>::min(), "a", "b"},
                    {2147483646, std::numeric_limits<std::int64_t>::max(), "a", "b"}});
  check_round_trip({{0, 1, std::string(63, 'k'), std::string(64, 'v')},
                    {1, 2, std::string(8191, 'k'), std::string(100'000, 'v')},
                    {2, 3, std::string("\0\xff", 2), "v", {{"", ""}, {"", std::nullopt}}}});
  std::vector<Expected> many;
  for (int i = 0; i < 5000; ++i)
    many.push_back(
        {i * 3, i % 7, std::to_string(i), std::string(static_cast<std::size_t>(i), 'x')});
  check_round_trip(many);
}

TEST(RecordBatch, WriterIsUsedAgain) {
  BatchWriter writer;
  writer.append({.timestamp_ms = 5, .value = std::string_view("one")});
  writer.append({.timestamp_ms = 4, .value = std::string_view("two")});
  auto const first = read_batch(writer.finish(10));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->header.base_offset, 10);
  EXPECT_EQ(first->header.last_offset_delta, 1);
  write(writer, golden_records);
  EXPECT_EQ(writer.finish(0), golden);
  writer.append({});
  writer.clear();
  EXPECT_EQ(writer.bytes(), batch_header_bytes);
  EXPECT_EQ(writer.count(), 0);
}

TEST(RecordBatch, MovesWithoutItsCrc) {
  auto bytes = golden;
  set_base_offset(bytes, 1'000'000'000'000);
  auto const batch = read_batch(bytes);
  ASSERT_TRUE(batch) << batch.error().detail;
  EXPECT_EQ(read(*batch).back().offset, 1'000'000'000'002);
}

TEST(RecordBatch, SizesAreForeseen) {
  BatchWriter writer;
  for (std::size_t size : {0, 1, 100, 10'000}) {
    std::string const text(size, 'x');
    RecordHeader const header{text, text};
    Record const record{static_cast<std::int64_t>(size), text, text, {&header, 1}};
    auto const before = writer.bytes();
    writer.append(record);
    EXPECT_LE(writer.bytes() - before, record_bytes(record));
    EXPECT_GE(writer.bytes() - before + 14, record_bytes(record));
  }
}

TEST(RecordBatch, HolesAreSeen) {
  BatchWriter writer;
  write(writer, {{3, 1, "a", "b"}});
  EXPECT_FALSE(read_batch(writer.finish(0))->dense());
}

TEST(RecordBatch, EveryTruncationIsRefused) {
  for (std::size_t size = 0; size < golden.size(); ++size) {
    // A copy of exactly this size, so that a read beyond it is seen.
    std::vector<char> const cut(golden.begin(), golden.begin() + static_cast<long>(size));
    EXPECT_FALSE(read_batch({cut.data(), cut.size()})) << size;
  }
}

TEST(RecordBatch, EveryFlippedBitIsSeen) {
  for (std::size_t bit = 0; bit < golden.size() * 8; ++bit) {
    auto bytes = golden;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    auto const batch = read_batch(bytes);
    bool const outside = bit < 64 || (bit >= 96 && bit < 128);  // base offset, leader epoch
    if (!outside) EXPECT_FALSE(batch) << bit;
  }
}

TEST(RecordBatch, RefusesWhatIsMalformed) {
  check_refused("version 2", [](std::string& b) { b[16] = 1; });
  check_refused("CRC", [](std::string& b) { b[97] = 1; }, false);
  check_refused("length", [](std::string& b) { store_big_endian(48, b.data() + 8); });
  check_refused("length", [](std::string& b) { store_big_endian(-1, b.data() + 8); });
  check_refused("cut short", [](std::string& b) { store_big_endian(87, b.data() + 8); });
  check_refused("compression", [](std::string& b) { b[22] = 5; });
  check_refused("out of range", [](std::string& b) { b[0] = '\x80'; });
  check_refused("negative count", [](std::string& b) { store_big_endian(-1, b.data() + 57); });
  check_refused("more records",
                [](std::string& b) { store_big_endian(0x7FFFFFFF, b.data() + 57); });
  check_refused("at index 3", [](std::string& b) {
    store_big_endian(0x7FFFFFFF, b.data() + 57);
    store_big_endian(0x7FFFFFFF, b.data() + 23);
  });
  check_refused("behind its last", [](std::string& b) { store_big_endian(2, b.data() + 57); });
  check_refused("not ascend", [](std::string& b) { b[85] = 0; });
  check_refused("not ascend", [](std::string& b) {
    store_big_endian(1, b.data() + 23), store_big_endian(2, b.data() + 57);
    b[85] = 4;
  });
  check_refused("at index 0", [](std::string& b) { b[61] = '\x7f'; });
  check_refused("at index 0", [](std::string& b) { b[65] = '\x7f'; });
  check_refused("at index 0", [](std::string& b) { b[65] = 3; });
  check_refused("at index 0", [](std::string& b) { b[74] = 6; });
}

TEST(RecordBatch, LeavesCompressedRecordsAlone) {
  auto bytes = golden;
  bytes[22] = 4;
  store_big_endian(crc32c(std::string_view(bytes).substr(21)), bytes.data() + 17);
  auto const batch = read_batch(bytes);
  ASSERT_TRUE(batch) << batch.error().detail;
  EXPECT_EQ(batch->codec(), Codec::zstd);
  EXPECT_TRUE(check_records(batch->header, batch->records));
}

TEST(RecordBatch, ABrokersTimeGoesForAll) {
  auto bytes = golden;
  bytes[22] = 8;
  store_big_endian(crc32c(std::string_view(bytes).substr(21)), bytes.data() + 17);
  auto const batch = read_batch(bytes);
  ASSERT_TRUE(batch);
  EXPECT_TRUE(batch->log_append_time());
  for (auto const& record : read(*batch)) EXPECT_EQ(record.timestamp_ms, 1700000000005);
}

TEST(Varint, KeepsEveryValue) {
  for (int shift = 0; shift < 64; ++shift)
    for (int near = -1; near <= 1; ++near) {
      auto const value =
          static_cast<std::int64_t>((1ULL << shift) + static_cast<std::uint64_t>(near));
      std::string bytes;
      write_varint(value, bytes);
      EXPECT_EQ(bytes.size(), varint_bytes(value));
      std::string_view rest = bytes;
      EXPECT_EQ(take_varint(rest), value);
      EXPECT_TRUE(rest.empty());
    }
  std::string_view too_long = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02";
  EXPECT_FALSE(take_varint(too_long));
  std::string_view unended = "\xff";
  EXPECT_FALSE(take_varint(unended));
}

}  // namespace
}  // namespace hansa::wire
