// `hansa errors`: the error catalogue, for people, as JSON, or as the page docs/errors.md.
#include <fmt/format.h>

#include "base/code.h"
#include "cli/command.h"
#include "json/value.h"

namespace hansa::cli {
namespace {

enum class View : std::uint8_t { text, json, markdown };

void print_json() {
  json::Array rows;
  for (CodeInfo const& row : all_codes())
    rows.push_back(json::object({{"code", json::text(label(row.code))},
                                 {"name", json::text(row.name)},
                                 {"http_status", json::integer(row.http_status)},
                                 {"exit_status", json::integer(row.exit_status)},
                                 {"title", json::text(row.title)}}));
  fmt::print("{}\n", json::to_pretty_text(json::array(std::move(rows))));
}

// "H3012", "h3012", "3012" or "existing-rows-violate".
bool is_called(CodeInfo const& row, std::string_view wanted) {
  auto const number = label(row.code).substr(1);
  bool const letter = wanted.starts_with('H') || wanted.starts_with('h');
  return wanted == row.name || (letter ? wanted.substr(1) : wanted) == number;
}

int one_error(std::string const& wanted) {
  for (CodeInfo const& row : all_codes()) {
    if (!is_called(row, wanted)) continue;
    fmt::print("{} {}: {}\nHTTP status {}, exit status {}\n", label(row.code), row.name, row.title,
               row.http_status, row.exit_status);
    return 0;
  }
  throw Failure(Code::usage, fmt::format("no error is called `{:.60}`", wanted),
                "`hansa errors` lists them all");
}

int errors(View view) {
  if (view == View::json) {
    print_json();
    return 0;
  }
  if (view == View::markdown)
    fmt::print(
        "# Errors\n\nEvery error has a code that is never reused. Made by `hansa errors "
        "--markdown`.\n\n"
        "| code | name | HTTP | exit | meaning |\n|---|---|---|---|---|\n");
  for (CodeInfo const& row : all_codes()) {
    if (view == View::markdown)
      fmt::print("| {} | {} | {} | {} | {} |\n", label(row.code), row.name, row.http_status,
                 row.exit_status, row.title);
    else
      fmt::print("{}  {:<28} HTTP {}  exit {:<2}  {}\n", label(row.code), row.name, row.http_status,
                 row.exit_status, row.title);
  }
  return 0;
}

}  // namespace

void declare_errors(CLI::App& app, Program const&, Action& action) {
  auto view = std::make_shared<View>(View::text);
  app.add_flag_callback("--json", [view] { *view = View::json; }, "as JSON");
  app.add_flag_callback("--markdown", [view] { *view = View::markdown; }, "as docs/errors.md");
  auto wanted = std::make_shared<std::string>();
  app.add_option("code", *wanted, "only this one, e.g. H3012");
  app.callback([view, wanted, &action] {
    action = [view, wanted] { return wanted->empty() ? errors(*view) : one_error(*wanted); };
  });
}

}  // namespace hansa::cli
