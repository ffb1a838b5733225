#include "cli/test_report.h"

#include <gtest/gtest.h>

namespace hansa::cli {
namespace {

using events::TestOutcome;

TestedReaction tested(TestOutcome outcome, std::vector<events::Difference> differences = {}) {
  TestedReaction out{.port = "products/order_placed", .name = "both count", .seconds = 0.0125};
  out.result.outcome = outcome;
  out.result.where = {.file = "on/order_placed.test.yaml", .line = 2};
  out.result.splits = {"one at a time", "2 at once"};
  if (outcome == TestOutcome::passed) return out;
  out.result.reason = "they differ";
  out.result.split = "2 at once";
  out.result.differences = std::move(differences);
  return out;
}

TEST(TestReport, IsALinePerTest) {
  EXPECT_EQ(to_text(tested(TestOutcome::passed), Colour::off),
            "✓ products/order_placed: both count\n");
  EXPECT_EQ(to_text(tested(TestOutcome::passed), Colour::on),
            "\x1b[32m✓\x1b[0m products/order_placed: both count\n");
  EXPECT_EQ(to_text(UntestedPort{"orders/product", "on/product.test.yaml"}, Colour::off),
            "! orders/product: no test; it would be on/product.test.yaml\n");
}

TEST(TestReport, ShowsWhatIsMissingAndWhatIsThere) {
  events::Difference const stock{"table product", {R"({"stock": 45})"}, {R"({"stock": 48})"}};
  EXPECT_EQ(to_text(tested(TestOutcome::failed, {stock}), Colour::off),
            "✗ products/order_placed: both count [H7017 reaction-test-failed]\n"
            "    on/order_placed.test.yaml:2: they differ\n"
            "    table product (- expected, + found)\n"
            "      - {\"stock\": 45}\n"
            "      + {\"stock\": 48}\n");
  EXPECT_EQ(to_text(tested(TestOutcome::split_dependent, {stock}), Colour::off),
            "✗ products/order_placed: both count [H7018 split-dependent]\n"
            "    on/order_placed.test.yaml:2: they differ\n"
            "    table product (- one at a time, + 2 at once)\n"
            "      - {\"stock\": 45}\n"
            "      + {\"stock\": 48}\n");
}

TEST(TestReport, ShowsFewRowsOfMany) {
  events::Difference const many{"table product", std::vector<std::string>(13, "{}"), {}};
  auto const text = to_text(tested(TestOutcome::failed, {many}), Colour::off);
  EXPECT_TRUE(text.ends_with("      - {}\n      - ... and 3 more\n")) << text;
}

// Rows and errors quote what events hold.
TEST(TestReport, MovesNoCursor) {
  auto test = tested(TestOutcome::failed, {{"table product", {"{\"name\": \"\xc2\x9b\"}"}, {}}});
  test.name = "\x1b]0;title\x07";
  test.result.reason = "\x1b[2J";
  EXPECT_EQ(to_text(test, Colour::off).find('\x1b'), std::string::npos);
  EXPECT_EQ(to_text(test, Colour::off).find("\xc2\x9b"), std::string::npos);
}

TEST(TestReport, CountsAtTheEnd) {
  TestReport report{.tests = {tested(TestOutcome::passed)}, .untested = {}, .seconds = 1.26};
  EXPECT_EQ(summary(report), "1 test: 1 passed (1.3 s)\n");
  report.tests.push_back(tested(TestOutcome::split_dependent));
  report.untested = {{"orders/product", "on/product.test.yaml"}};
  EXPECT_EQ(summary(report), "2 tests: 1 passed, 1 failed; 1 port without a test (1.3 s)\n");
  EXPECT_EQ(report.failed(), 1U);
}

TEST(TestReport, IsADocument) {
  TestReport const report{
      .tests = {tested(TestOutcome::passed),
                tested(TestOutcome::failed, {{"dead letters", {}, {R"({"id": 1.50})"}}})},
      .untested = {{"orders/product", "on/product.test.yaml"}},
      .seconds = 2};
  EXPECT_EQ(
      json::to_text(to_json(report)),
      R"({"version":1,"passed":1,"failed":1,"seconds":2.000,"tests":[)"
      R"({"port":"products/order_placed","name":"both count","file":"on/order_placed.test.yaml",)"
      R"("line":2,"outcome":"passed","code":null,"reason":null,"split":null,)"
      R"("splits":["one at a time","2 at once"],"differences":[],"seconds":0.013},)"
      R"({"port":"products/order_placed","name":"both count","file":"on/order_placed.test.yaml",)"
      R"("line":2,"outcome":"failed","code":"H7017","reason":"they differ","split":"2 at once",)"
      R"("splits":["one at a time","2 at once"],"differences":[{"relation":"dead letters",)"
      R"("missing":[],"unexpected":[{"id":1.50}]}],"seconds":0.013}],)"
      R"("untested":[{"port":"orders/product","file":"on/product.test.yaml"}]})");
}

}  // namespace
}  // namespace hansa::cli
