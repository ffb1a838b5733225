#include "cli/test_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "cli/printable.h"

namespace hansa::cli {
namespace {

using events::TestOutcome;

struct Paint {
  Colour colour;
  [[nodiscard]] std::string operator()(std::string_view escape, std::string_view text) const {
    return colour == Colour::on ? fmt::format("\x1b[{}m{}\x1b[0m", escape, text)
                                : std::string(text);
  }
};
constexpr std::string_view red = "31", green = "32", yellow = "33";

void append_rows(std::string& out, std::vector<std::string> const& rows, char sign,
                 std::string_view escape, Paint const& paint) {
  for (std::size_t i = 0; i < std::min(rows.size(), rows_shown); ++i)
    out += fmt::format("      {}\n", paint(escape, fmt::format("{} {}", sign, printable(rows[i]))));
  if (rows.size() > rows_shown)
    out += fmt::format("      {} ... and {} more\n", sign, rows.size() - rows_shown);
}

json::Value rows_of(std::vector<std::string> const& rows) {
  json::Array out;
  for (std::string const& row : rows) out.push_back(json::parse(row).value_or(json::text(row)));
  return json::array(std::move(out));
}

json::Value text_or_null(std::string_view text) {
  return text.empty() ? json::Value() : json::text(text);
}

json::Value to_json(TestedReaction const& test) {
  auto const& result = test.result;
  bool const passed = result.outcome == TestOutcome::passed;
  json::Array differences, splits;
  for (events::Difference const& each : result.differences)
    differences.push_back(json::object({{"relation", json::text(each.relation)},
                                        {"missing", rows_of(each.missing)},
                                        {"unexpected", rows_of(each.unexpected)}}));
  for (std::string const& split : result.splits) splits.push_back(json::text(split));
  return json::object(
      {{"port", json::text(test.port)},
       {"name", json::text(test.name)},
       {"file", json::text(result.where.file)},
       {"line", json::integer(result.where.line)},
       {"outcome", json::text(events::to_text(result.outcome))},
       {"code", passed ? json::Value() : json::text(label(events::code_of(result.outcome)))},
       {"reason", text_or_null(result.reason)},
       {"split", text_or_null(result.split)},
       {"splits", json::array(std::move(splits))},
       {"differences", json::array(std::move(differences))},
       {"seconds", json::number(fmt::format("{:.3f}", test.seconds))}});
}

}  // namespace

std::size_t TestReport::failed() const {
  return static_cast<std::size_t>(std::ranges::count_if(tests, [](TestedReaction const& test) {
    return test.result.outcome != TestOutcome::passed;
  }));
}

std::string to_text(TestedReaction const& test, Colour colour) {
  Paint const paint{colour};
  auto const& result = test.result;
  if (result.outcome == TestOutcome::passed)
    return fmt::format("{} {}: {}\n", paint(green, "✓"), test.port, printable(test.name));
  auto const code = events::code_of(result.outcome);
  auto out = fmt::format("{} {}: {} [{} {}]\n    {}:{}: {}\n", paint(red, "✗"), test.port,
                         printable(test.name), label(code), info(code).name, result.where.file,
                         result.where.line, printable(result.reason));
  bool const failed = result.outcome == TestOutcome::failed;
  for (events::Difference const& each : result.differences) {
    out +=
        fmt::format("    {} (- {}, + {})\n", each.relation,
                    failed ? "expected" : result.splits.front(), failed ? "found" : result.split);
    append_rows(out, each.missing, '-', red, paint);
    append_rows(out, each.unexpected, '+', green, paint);
  }
  return out;
}

std::string to_text(UntestedPort const& port, Colour colour) {
  return fmt::format("{} {}: no test; it would be {}\n", Paint{colour}(yellow, "!"), port.port,
                     port.file);
}

std::string summary(TestReport const& report) {
  auto const failed = report.failed();
  auto const count = report.tests.size();
  auto out = fmt::format("{} test{}: {} passed", count, count == 1 ? "" : "s", count - failed);
  if (failed > 0) out += fmt::format(", {} failed", failed);
  if (auto const untested = report.untested.size(); untested > 0)
    out += fmt::format("; {} port{} without a test", untested, untested == 1 ? "" : "s");
  return out + fmt::format(" ({:.1f} s)\n", report.seconds);
}

json::Value to_json(TestReport const& report) {
  json::Array tests, untested;
  for (TestedReaction const& test : report.tests) tests.push_back(to_json(test));
  for (UntestedPort const& port : report.untested)
    untested.push_back(
        json::object({{"port", json::text(port.port)}, {"file", json::text(port.file)}}));
  auto const failed = report.failed();
  return json::object(
      {{"version", json::integer(1)},
       {"passed", json::integer(static_cast<std::int64_t>(report.tests.size() - failed))},
       {"failed", json::integer(static_cast<std::int64_t>(failed))},
       {"seconds", json::number(fmt::format("{:.3f}", report.seconds))},
       {"tests", json::array(std::move(tests))},
       {"untested", json::array(std::move(untested))}});
}

}  // namespace hansa::cli
