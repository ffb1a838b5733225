// CRC-32C and murmur2 against published values.
#include <gtest/gtest.h>

#include <string>

#include "wire/crc32c.h"
#include "wire/partition.h"

namespace hansa::wire {
namespace {

void check_crc(std::string const& bytes, std::uint32_t expected) {
  EXPECT_EQ(crc32c(bytes), expected);
  EXPECT_EQ(crc32c_portable(bytes), expected);
}

void check_murmur2(std::string_view key, std::int32_t expected) {
  EXPECT_EQ(static_cast<std::int32_t>(murmur2(key)), expected) << key;
}

// RFC 3720 appendix B.4, and the check value of the catalogue of CRCs.
TEST(Crc32c, AgreesWithTheStandard) {
  check_crc("", 0);
  check_crc("123456789", 0xE3069283U);
  check_crc(std::string(32, '\0'), 0x8A9136AAU);
  check_crc(std::string(32, '\xff'), 0x62A8AB43U);
  std::string rising, falling;
  for (char i = 0; i < 32; ++i) {
    rising += i;
    falling += static_cast<char>(31 - i);
  }
  check_crc(rising, 0x46DD794EU);
  check_crc(falling, 0x113FDB5CU);
}

TEST(Crc32c, BothWaysAgreeOnEverySize) {
  std::string bytes;
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(crc32c(bytes), crc32c_portable(bytes));
    bytes += static_cast<char>(i * 37);
  }
}

// The values of Kafka's own test of the function.
TEST(Murmur2, AgreesWithKafka) {
  check_murmur2("21", -973932308);
  check_murmur2("foobar", -790332482);
  check_murmur2("a-little-bit-long-string", -985981536);
  check_murmur2("a-little-bit-longer-string", -1486304829);
  check_murmur2("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971);
  check_murmur2("abc", 479470107);
}

TEST(Partition, IsThatOfTheJavaClient) {
  EXPECT_EQ(partition_of("21", 10), 1173551340 % 10);
  EXPECT_EQ(partition_of("foobar", 1000), 1357151166 % 1000);
  EXPECT_EQ(partition_of("abc", 479470107), 0);
  EXPECT_EQ(partition_of("abc", 1), 0);
  EXPECT_EQ(partition_of("", 12), 275646681 % 12);
}

}  // namespace
}  // namespace hansa::wire
