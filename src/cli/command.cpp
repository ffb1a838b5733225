#include "cli/command.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "cli/terminal.h"

namespace hansa::cli {
namespace {

constexpr std::array table = {
    Command{"init", "write a new mesh, or an example of one", declare_init},
    Command{"check", "read the folder and report every mistake in it", declare_check},
    Command{"test", "run the tests of reactions on a database of their own", declare_test},
    Command{"plan", "show what apply would change in the database", declare_plan},
    Command{"apply", "bring the database to what the folder declares", declare_apply},
    Command{"up", "run the mesh on this machine, PostgreSQL included", declare_up},
    Command{"down", "stop what `up` runs", declare_down},
    Command{"serve", "serve data products against a given PostgreSQL", declare_serve},
    Command{"load", "load a CSV or NDJSON file into a data product", declare_load},
    Command{"events", "look at topics and input ports; replay, drop, rebuild", declare_events},
    Command{"schemas", "look at the schema registry; try and register schemas", declare_schemas},
    Command{"errors", "list every error code and what it means", declare_errors},
};

int report(Error const& error, bool as_json) {
  if (as_json)
    fmt::print("{}\n", json::to_pretty_text(error_document(error)));
  else
    fmt::print(stderr, "{}", to_people(error, colour_of(stderr)));
  int const status = info(error.code).exit_status;
  return status == 0 ? 1 : status;
}

bool wants_json(int argc, char const* const* argv) {
  for (int i = 1; i < argc; ++i)
    if (std::string_view{argv[i]} == "--json") return true;
  return false;
}

// A word that is no command, in words that say so; CLI11 only asks for "a subcommand".
std::string unknown_command(CLI::App const& app, int argc, char const* const* argv) {
  CLI::App const* group = &app;
  std::string before;
  for (int i = 1; i < argc && argv[i][0] != '-'; ++i) {
    auto const below = group->get_subcommands([](CLI::App const*) { return true; });
    if (below.empty()) return {};
    std::string const word = argv[i];
    auto const known =
        std::ranges::find(below, word, [](auto const* sub) { return sub->get_name(); });
    if (known == below.end()) {
      std::vector<std::string> names;
      for (CLI::App const* sub : below) names.push_back(sub->get_name());
      std::vector<std::string_view> const views(names.begin(), names.end());
      auto const near = nearest(word, views);
      return fmt::format("there is no command `{}{:.60}`{}", before, word,
                         near.empty() ? "" : fmt::format("; did you mean `{}{}`?", before, near));
    }
    group = *known;
    before += word + " ";
  }
  return {};
}

}  // namespace

std::span<Command const> commands() { return table; }

int run(int argc, char const* const* argv, Program const& program) {
  CLI::App app{"Hansa: a data mesh in one program"};
  app.name("hansa");
  app.set_version_flag("--version", "hansa " HANSA_VERSION);
  app.require_subcommand(1);
  app.footer("Start with `hansa init --example shop shop && hansa up shop`.");
  Action action;
  for (Command const& command : table) {
    auto* const sub = app.add_subcommand(std::string{command.name}, std::string{command.summary});
    command.declare(*sub, program, action);
  }
  try {
    app.parse(argc, argv);
  } catch (CLI::Success const& asked) {
    return app.exit(asked);
  } catch (CLI::ParseError const& mistake) {
    if (auto const unknown = unknown_command(app, argc, argv); !unknown.empty())
      return report({Code::usage, unknown, "see `hansa --help`"}, wants_json(argc, argv));
    return report({Code::usage, mistake.what(), "see `hansa --help`"}, wants_json(argc, argv));
  }
  try {
    return action();
  } catch (Failure const& failure) {
    return report(failure.error(), wants_json(argc, argv));
  } catch (std::exception const& error) {
    return report({Code::internal, error.what(), "this is a mistake in Hansa; please report it"},
                  wants_json(argc, argv));
  }
}

}  // namespace hansa::cli
