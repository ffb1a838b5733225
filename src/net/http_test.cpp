#include "net/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/response_head.h"

namespace hansa::net {
namespace {

using testing::ElementsAre;
using testing::Optional;
using testing::Pair;

TEST(PercentDecode, TurnsEscapesIntoBytes) {
  EXPECT_THAT(percent_decode("%41b%20c", Plus::literal), Optional(std::string("Ab c")));
  EXPECT_THAT(percent_decode("a+b", Plus::literal), Optional(std::string("a+b")));
  EXPECT_THAT(percent_decode("a+b", Plus::space), Optional(std::string("a b")));
  EXPECT_THAT(percent_decode("%c3%A9t%C3%A9", Plus::literal), Optional(std::string("été")));
  EXPECT_THAT(percent_decode("%252C", Plus::literal), Optional(std::string("%2C")));
}

TEST(PercentDecode, RefusesWhatIsNoText) {
  for (auto const* bad :
       {"%", "%4", "%zz", "%00", "%ff", "%c0%80", "%ed%a0%80", "%f4%90%80%80", "\xC3", "%e2%82"}) {
    EXPECT_EQ(percent_decode(bad, Plus::literal), std::nullopt) << bad;
  }
}

TEST(PercentEncode, KeepsOnlyUnreservedCharacters) {
  EXPECT_EQ(percent_encode("a-b_c.d~1"), "a-b_c.d~1");
  EXPECT_EQ(percent_encode("é,/?&="), "%C3%A9%2C%2F%3F%26%3D");
}

TEST(ParseQuery, KeepsOrderAndRepetition) {
  EXPECT_THAT(parse_query("a=1&b=x+y&&a=%26&flag&e="),
              Optional(ElementsAre(Pair("a", "1"), Pair("b", "x y"), Pair("a", "&"),
                                   Pair("flag", ""), Pair("e", ""))));
  EXPECT_THAT(parse_query(""), Optional(ElementsAre()));
  EXPECT_EQ(parse_query("a=1&b=%f0"), std::nullopt);
}

TEST(Request, SplitsItsTargetAndFindsHeadersWithoutCase) {
  Request request;
  request.target = "/a/b?c=d?e";
  request.headers = {{"content-TYPE", "x"}, {"Content-Type", "y"}};
  EXPECT_EQ(request.path(), "/a/b");
  EXPECT_EQ(request.query(), "c=d?e");
  EXPECT_EQ(request.header("Content-Type"), "x");
  EXPECT_FALSE(request.has_header("content"));
}

TEST(Head, IsWrittenInOrderAndCannotBeSplit) {
  Response response{.status = 404, .headers = {{"X-A", "1\r\nX-Evil: 2"}}};
  std::string out;
  append_head(out, response, {.length = 3, .persistence = Persistence::close, .date = "now"});
  EXPECT_EQ(out,
            "HTTP/1.1 404 Not Found\r\nDate: now\r\nX-A: 1  X-Evil: 2\r\n"
            "Content-Length: 3\r\nConnection: close\r\n\r\n");
}

TEST(HttpDate, IsImfFixdate) {
  EXPECT_EQ(http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(http_date(1709164799), "Wed, 28 Feb 2024 23:59:59 GMT");
}

}  // namespace
}  // namespace hansa::net
