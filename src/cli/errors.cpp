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
  app.callback([view, &action] { action = [view] { return errors(*view); }; });
}

}  // namespace hansa::cli
