#include "mesh/reaction_tests.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "mesh/load.h"
#include "spec/golden.h"

namespace hansa::mesh {
namespace {

std::filesystem::path testdata(std::string const& name) {
  return std::filesystem::path(HANSA_TESTDATA) / name;
}

std::string describe(std::vector<TestValue> const& values) {
  std::string out;
  for (TestValue const& value : values)
    out += fmt::format(" {}={}", value.name, value.text ? "[" + *value.text + "]" : "null");
  return out;
}

std::string describe(std::string_view what, std::vector<TestRow> const& rows) {
  std::string out = fmt::format("  {}\n", what);
  for (TestRow const& row : rows)
    out += fmt::format("    line {}:{}\n", row.where.line, describe(row.values));
  return out;
}

std::string describe(ReactionTest const& test) {
  std::string out = fmt::format("test {} at line {}\n", test.name, test.where.line);
  for (TestRows const& rows : test.given) out += describe("given " + rows.object.text(), rows.rows);
  for (TestEvent const& event : test.events)
    out += fmt::format("  event {} {} key {} at {} {}{}\n", event.op, event.id,
                       event.key ? "[" + *event.key + "]" : "made", event.time_ms, event.json,
                       describe(event.values));
  for (TestRows const& rows : test.tables)
    out += describe("table " + rows.object.text(), rows.rows);
  for (TestRows const& rows : test.streams)
    out += describe("stream " + rows.object.text(), rows.rows);
  return test.dead.empty() ? out : out + describe("dead", test.dead);
}

// A mesh whose products have two ports, with the files of `sections` over it.
Loaded load_with(std::vector<golden::Section> const& sections) {
  golden::TemporaryFolder folder;
  auto const base = golden::parse_sections(golden::read_file(testdata("tests_base.txt")));
  for (auto const* files : {&base, &sections})
    for (golden::Section const& file : *files)
      golden::write_file(folder.path() / file.name, file.body);
  return load(folder.path());
}

TEST(ReactionTests, AreJudgedAgainstContracts) {
  auto const cases = golden::cases(testdata("tests"));
  EXPECT_FALSE(cases.empty());
  for (golden::Case const& each : cases) {
    Loaded const loaded = load_with(each.sections);
    EXPECT_EQ(loaded.mesh.has_value(), !loaded.diagnostics.has_errors()) << each.file;
    auto text = to_text(loaded.diagnostics.sorted(), loaded.sources, Colour::off);
    for (PortTests const& tests : loaded.tests) {
      text += fmt::format("{}/{} {}\n", tests.domain.text(), tests.port, tests.file);
      for (ReactionTest const& test : tests.tests) text += describe(test);
    }
    golden::check(each, text);
  }
}

TEST(ReactionTests, AreBounded) {
  std::string text = "tests:\n  - name: too much\n    events:\n";
  for (std::size_t i = 0; i <= test_events_max; ++i) text += "      - {id: 1, product_id: 1}\n";
  text += "    expect:\n      tables:\n        rejection:\n";
  for (std::size_t i = 0; i <= test_rows_max; ++i) text += "          - {order_id: 1}\n";
  auto const found =
      load_with({{"domains/products/catalog/on/order.test.yaml", text}}).diagnostics.sorted();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].message, "more than 1000 events");
  EXPECT_EQ(found[1].message, "more than 1000 rows");
}

// The test of docs/language.md is one of the example's products.
TEST(ReactionTests, AreDocumentedAsTheyAre) {
  std::filesystem::path const root = HANSA_SOURCE;
  auto const page = golden::read_file(root / "docs/language.md");
  auto const start = page.find("```yaml\ntests:\n") + 8;
  auto const text = page.substr(start, page.find("```", start) - start);
  auto loaded = load(root / "examples/ecommerce");
  ASSERT_TRUE(loaded.mesh.has_value());
  std::string const file = "domains/products/catalog/on/order_placed.test.yaml";
  loaded.sources[file] = text;
  auto const read = read_reaction_tests(*loaded.mesh, loaded.sources, loaded.diagnostics);
  EXPECT_EQ(to_text(loaded.diagnostics.sorted(), loaded.sources, Colour::off), "");
  auto const found = std::ranges::find(read, file, &PortTests::file);
  ASSERT_NE(found, read.end());
  ASSERT_EQ(found->tests.size(), 1U);
  EXPECT_EQ(found->tests.front().events.size(), 2U);
}

}  // namespace
}  // namespace hansa::mesh
