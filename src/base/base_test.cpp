// The base room: catalogue, diagnostics, hints.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/diagnostics.h"
#include "base/result.h"

namespace hansa {
namespace {

TEST(Codes, NamesAndLabelsAreStable) {
  EXPECT_EQ(label(Code::unknown_key), "H1001");
  EXPECT_EQ(info(Code::unknown_key).name, "unknown-key");
  EXPECT_EQ(info(Code::row_not_found).http_status, 404);
}

TEST(Diagnostics, DrawsLineCaretAndHint) {
  Diagnostics diagnostics;
  diagnostics.error(Code::unknown_key, {"a.yaml", 2, 1, 7}, "unknown key `verison`",
                    "did you mean `version`?");
  SourceTexts const sources{{"a.yaml", "id: x\nverison: 1\n"}};
  EXPECT_EQ(to_text(diagnostics.sorted(), sources, Colour::off),
            "a.yaml:2:1: error: unknown key `verison` [H1001 unknown-key]\n"
            "    verison: 1\n"
            "    ^~~~~~~\n"
            "  hint: did you mean `version`?\n");
}

TEST(Diagnostics, CaretStaysUnderItsByteAfterAccents) {
  Diagnostics diagnostics;
  diagnostics.error(Code::wrong_type, {"a.yaml", 1, 9, 1}, "m");
  SourceTexts const sources{{"a.yaml", "é: [à, x]\n"}};
  EXPECT_THAT(to_text(diagnostics.sorted(), sources, Colour::off),
              testing::HasSubstr("    é: [à, x]\n      "));
}

TEST(Diagnostics, SortsAndDropsTwins) {
  Diagnostics diagnostics;
  diagnostics.error(Code::wrong_type, {"b.yaml", 1, 1, 1}, "m");
  diagnostics.error(Code::wrong_type, {"a.yaml", 9, 1, 1}, "m");
  diagnostics.error(Code::wrong_type, {"b.yaml", 1, 1, 1}, "m");
  auto const list = diagnostics.sorted();
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].where.file, "a.yaml");
}

TEST(Nearest, FindsSlipsOnly) {
  EXPECT_EQ(nearest("verison", {"version", "kind"}), "version");
  EXPECT_EQ(nearest("nmae", {"name", "price"}), "name") << "two neighbours swapped";
  EXPECT_EQ(nearest("zzzzzz", {"version", "kind"}), "");
}

TEST(Clock, WritesRfc3339) {
  EXPECT_EQ(to_text(Time{std::chrono::microseconds{1}}), "1970-01-01T00:00:00.000001Z");
}

}  // namespace
}  // namespace hansa
