#include "api/exchange.h"

#include <gtest/gtest.h>

namespace hansa::api {
namespace {

TEST(Exchange, TellsAWriteItsTraceAndActor) {
  Call call{.request = {.target = "/products/v1/product"},
            .trace = trace_of("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"),
            .match = {}};
  auto const request = write_request(call);
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->trace, to_text(call.trace)) << "what the answer carries";
  EXPECT_TRUE(request->trace.starts_with("00-0af7651916cd43dd8448eb211c80319c-"));
  EXPECT_EQ(request->actor, "rest");
}

}  // namespace
}  // namespace hansa::api
