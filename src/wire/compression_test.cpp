#include "wire/compression.h"

#include <gtest/gtest.h>

#include "wire/record_batch.h"

namespace hansa::wire {
namespace {

constexpr std::array codecs = {Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd};
constexpr std::size_t bytes_max = 1U << 20U;

std::string sample(std::size_t bytes) {
  std::string out;
  for (std::uint32_t state = 1; out.size() < bytes; state = state * 1'664'525U + 1'013'904'223U)
    out += static_cast<char>('a' + (state >> 28U));
  return out;
}

TEST(Compression, GivesBackWhatItTook) {
  for (Codec const codec : codecs)
    for (std::size_t const size : {1, 100, 40'000, 700'000}) {
      auto const text = sample(size);
      auto const back = decompress(codec, compress(codec, text), bytes_max);
      ASSERT_TRUE(back) << static_cast<int>(codec) << " " << back.error().detail;
      EXPECT_EQ(*back, text);
    }
}

TEST(Compression, StopsAtTheBound) {
  for (Codec const codec : codecs) {
    auto const compressed = compress(codec, sample(10'000));
    EXPECT_TRUE(decompress(codec, compressed, 10'000));
    auto const over = decompress(codec, compressed, 9'999);
    ASSERT_FALSE(over);
    EXPECT_EQ(over.error().code, Code::decompression_failed);
  }
}

TEST(Compression, ABombTakesNoMoreThanItsBound) {
  std::string const zeros(std::size_t{256} << 20U, '\0');
  for (Codec const codec : codecs) {
    auto const bomb = compress(codec, zeros);
    EXPECT_LT(bomb.size(), zeros.size() / 15);
    EXPECT_FALSE(decompress(codec, bomb, bytes_max)) << static_cast<int>(codec);
  }
}

TEST(Compression, RefusesWhatIsCutOffOrDamaged) {
  for (Codec const codec : codecs) {
    auto const text = sample(5'000);
    auto const compressed = compress(codec, text);
    for (std::size_t i = 1; i < compressed.size(); i += 7) {
      auto const cut = decompress(codec, compressed.substr(0, compressed.size() - i), bytes_max);
      EXPECT_FALSE(cut && *cut == text) << static_cast<int>(codec);
      auto damaged = compressed;
      damaged[i] = static_cast<char>(~damaged[i]);
      static_cast<void>(decompress(codec, damaged, bytes_max));
    }
    EXPECT_FALSE(decompress(codec, "no such data at all", bytes_max));
    EXPECT_FALSE(decompress(codec, "", bytes_max));
  }
}

TEST(Compression, ReadsSeveralFramesAsOne) {
  for (Codec const codec : codecs) {
    auto const both =
        decompress(codec, compress(codec, "one ") + compress(codec, "two"), bytes_max);
    ASSERT_TRUE(both) << static_cast<int>(codec);
    EXPECT_EQ(*both, "one two");
  }
}

TEST(Compression, BelievesNoLengthOfSnappy) {
  // A block of five bytes that says it holds four gibibytes.
  EXPECT_FALSE(
      decompress(Codec::snappy, std::string("\xff\xff\xff\xff\x0f", 5), std::size_t{8} << 30U));
}

TEST(OpenBatch, WalksTheRecordsOfACompressedBatch) {
  BatchWriter writer;
  for (std::string_view const value : {"a", "b"})
    writer.append({.timestamp_ms = 5, .value = value});
  std::string const plain(writer.finish(7));
  auto const view = read_batch(plain);
  ASSERT_TRUE(view);
  for (Codec const codec : codecs) {
    auto const records = compress(codec, view->records);
    auto packed = *view;
    packed.records = records;
    packed.header.attributes = static_cast<std::uint16_t>(codec);
    auto const open = open_batch(packed);
    ASSERT_TRUE(open);
    EXPECT_EQ(open->view.codec(), Codec::none);
    auto cursor = open->view.cursor();
    EXPECT_EQ(cursor.next()->value, "a");
    EXPECT_EQ(cursor.offset(), 7);
    EXPECT_EQ(cursor.next()->value, "b");
    EXPECT_EQ(cursor.next(), nullptr);
    packed.header.record_count = 3;
    packed.header.last_offset_delta = 2;
    EXPECT_FALSE(open_batch(packed));
  }
}

}  // namespace
}  // namespace hansa::wire
