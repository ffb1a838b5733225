// The small files of a private cluster.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "postgres/cluster_place.h"

namespace hansa::postgres {
namespace {

TEST(PidFile, IsReadByLine) {
  auto const file = parse_pid_file("123\n/data\n1700000000\n5432\n/run/x\n\n 1 2\nready\n");
  EXPECT_EQ(file.pid, 123);
  EXPECT_EQ(file.port, "5432");
  EXPECT_EQ(file.socket_folder, "/run/x");
  EXPECT_EQ(parse_pid_file("").pid, 0);
  EXPECT_EQ(parse_pid_file("rubbish").pid, 0);
}

TEST(LastLines, KeepsTheEnd) {
  EXPECT_EQ(last_lines(""), "");
  EXPECT_EQ(last_lines("a\n"), "a");
  std::string log;
  for (int n = 0; n < 100; ++n) log += std::to_string(n) + "\n";
  EXPECT_THAT(last_lines(log), testing::StartsWith("88\n"));
  EXPECT_THAT(last_lines(log), testing::EndsWith("\n99"));
}

TEST(SocketConninfo, QuotesWhatNeedsIt) {
  EXPECT_EQ(socket_conninfo("/srv/shop", "5432", "hansa", "hansa"),
            "host=/srv/shop port=5432 dbname=hansa user=hansa");
  EXPECT_EQ(socket_conninfo("/a b", "5432", "l'ete", "u\\"),
            "host='/a b' port=5432 dbname='l\\'ete' user='u\\\\'");
}

TEST(ClusterPlace, KeepsSocketsWithinTheirLimit) {
  EXPECT_EQ(ClusterPlace{"/short"}.socket_folder(), "/short/socket");
  auto const folder = ClusterPlace{"/" + std::string(90, 'x')}.socket_folder().string();
  EXPECT_THAT(folder, testing::MatchesRegex("/tmp/hansa-[0-9a-f]+"));
  EXPECT_NE(folder, ClusterPlace{"/" + std::string(91, 'x')}.socket_folder().string());
}

}  // namespace
}  // namespace hansa::postgres
