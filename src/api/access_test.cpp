#include "api/access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/edge_fixture.h"
#include "api/negotiate.h"
#include "api/trace.h"

namespace hansa::api {
namespace {

using net::Header;
using net::Method;

Context shop() {
  Context context;
  context.writes = Writes::loopback_only;
  context.public_url = "http://mesh.shop.example";
  return context;
}

net::Request post(std::vector<Header> headers) {
  net::Request request;
  request.method = Method::post;
  request.headers = std::move(headers);
  request.peer_is_loopback = true;
  return request;
}

TEST(Writing, IsForThisMachinesOwnPages) {
  auto const context = shop();
  auto const allowed = [&](std::vector<Header> headers) {
    return may_write(post(std::move(headers)), context).has_value();
  };
  EXPECT_TRUE(allowed({{"Host", "localhost:8000"}}));
  EXPECT_TRUE(allowed({{"Host", "127.0.0.1"}}));
  EXPECT_TRUE(allowed({{"Host", "[::1]:8000"}}));
  EXPECT_TRUE(allowed({{"Host", "mesh.shop.example"}}));
  EXPECT_TRUE(allowed({{"Host", "localhost:8000"}, {"Origin", "http://localhost:3000"}}));
  EXPECT_TRUE(allowed({{"Host", "localhost:8000"}, {"Origin", "http://127.0.0.1:8000"}}));

  EXPECT_FALSE(allowed({{"Host", "evil.example"}}));
  EXPECT_FALSE(allowed({{"Host", "localhost.evil.example"}}));
  EXPECT_FALSE(allowed({{"Host", "evil.example:8000"}, {"Origin", "http://evil.example:8000"}}));
  EXPECT_FALSE(allowed({{"Host", "localhost:8000"}, {"Origin", "https://evil.example"}}));
  EXPECT_FALSE(allowed({{"Host", "localhost:8000"}, {"Origin", "http://localhost.evil.example"}}));
  EXPECT_FALSE(allowed({{"Host", "localhost:8000"}, {"Origin", "http://localhost@evil.example"}}));
  EXPECT_FALSE(allowed({{"Host", "localhost:8000"}, {"Origin", "null"}}));
  EXPECT_FALSE(allowed({{"Host", "localhost:8000"}, {"Origin", ""}}));
  EXPECT_FALSE(allowed({{"Host", "localhost:8000"}, {"Sec-Fetch-Site", "cross-site"}}));
  EXPECT_FALSE(allowed({{"Host", "localhost:8000"}, {"X-Forwarded-For", "192.0.2.1"}}));
  EXPECT_FALSE(allowed({}));
}

TEST(Writing, IsRefusedFromElsewhereAndOutsideDevelopment) {
  auto context = shop();
  auto request = post({{"Host", "localhost:8000"}});
  request.peer_is_loopback = false;
  EXPECT_EQ(may_write(request, context).error().code, Code::writes_not_allowed);
  context.writes = Writes::refused;
  EXPECT_FALSE(may_write(post({{"Host", "localhost:8000"}}), context).has_value());
  TestEdge edge(Writes::refused);
  auto const answer =
      edge.ask(Method::post, "/products/v1/product", {{"Content-Type", "application/json"}}, "{}");
  EXPECT_EQ(answer.status, 403);
}

TEST(Cors, LetsEveryPageReadAndOnlyOwnPagesWrite) {
  TestEdge edge;
  auto const preflight = [&](std::string origin) {
    return edge.ask(Method::options, "/products/v1/product",
                    {{"Origin", std::move(origin)}, {"Access-Control-Request-Method", "POST"}});
  };
  auto const own = preflight("http://localhost:3000");
  EXPECT_EQ(header_of(own, "Access-Control-Allow-Origin"), "http://localhost:3000");
  EXPECT_THAT(header_of(own, "Access-Control-Allow-Methods"), testing::HasSubstr("POST"));
  auto const stranger = preflight("https://evil.example");
  EXPECT_EQ(header_of(stranger, "Access-Control-Allow-Methods"), "GET, HEAD, OPTIONS");
  auto const read = edge.ask(Method::get, "/healthz", {{"Origin", "https://evil.example"}});
  EXPECT_EQ(header_of(read, "Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(header_of(read, "Access-Control-Allow-Credentials"), "(none)");
  auto const write =
      edge.ask(Method::post, "/products/v1/product",
               {{"Origin", "https://evil.example"}, {"Content-Type", "application/json"}}, "{}");
  EXPECT_EQ(write.status, 403);
  EXPECT_EQ(header_of(write, "Access-Control-Allow-Origin"), "(none)");
}

TEST(Negotiation, TakesTheBestOfWhatIsOffered) {
  static constexpr std::array<std::string_view, 2> offered = {"application/json",
                                                              "application/x-ndjson"};
  auto const check = [](std::string_view accept, std::string_view expected) {
    EXPECT_EQ(preferred_type(accept, offered).value_or("none"), expected) << accept;
  };
  check("", "application/json");
  check("*/*", "application/json");
  check("application/*", "application/json");
  check("application/x-ndjson", "application/x-ndjson");
  check("application/json;q=0.5, application/x-ndjson", "application/x-ndjson");
  check("application/x-ndjson;q=0.5, */*;q=0.1", "application/x-ndjson");
  check("application/json;q=0, */*", "application/x-ndjson");
  check("text/html, application/xhtml+xml, */*;q=0.8", "application/json");
  check("APPLICATION/JSON ; charset=utf-8", "application/json");
  check("text/csv", "none");
  check("application/json;q=0", "none");
  check(",,;;,", "none");
}

TEST(Negotiation, KnowsBodiesAndCodings) {
  EXPECT_TRUE(is_accepted_type("application/json", "application/json"));
  EXPECT_TRUE(is_accepted_type("Application/JSON; Charset=\"UTF-8\"", "application/json"));
  EXPECT_FALSE(is_accepted_type("", "application/json"));
  EXPECT_FALSE(is_accepted_type("application/json; charset=utf-16", "application/json"));
  EXPECT_TRUE(accepts_gzip("gzip"));
  EXPECT_TRUE(accepts_gzip("br, *"));
  EXPECT_FALSE(accepts_gzip("*, gzip;q=0"));
  EXPECT_FALSE(accepts_gzip(""));
  EXPECT_THAT(preferences("count=exact , return=minimal,"),
              testing::ElementsAre("count=exact", "return=minimal"));
}

TEST(Trace, JoinsOnlyAValidOne) {
  auto const valid = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
  EXPECT_EQ(trace_of(valid).id(), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_NE(to_text(trace_of(valid)), valid);
  for (std::string_view const bad : {"", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
                                     "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
                                     "00-00000000000000000000000000000000-b7ad6b7169203331-00",
                                     "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"}) {
    EXPECT_NE(trace_of(bad).id().substr(0, 8), "0af76519") << bad;
    EXPECT_EQ(to_text(trace_of(bad)).size(), 55U);
  }
  EXPECT_NE(trace_of("").id(), trace_of("").id());
}

}  // namespace
}  // namespace hansa::api
