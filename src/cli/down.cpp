// `hansa down`: stops what `hansa up` runs, and its PostgreSQL.
#include <fmt/format.h>
#include <signal.h>

#include "cli/command.h"
#include "cli/folder.h"
#include "cli/running.h"
#include "cli/terminal.h"
#include "postgres/cluster.h"

namespace hansa::cli {
namespace {

constexpr auto patience = std::chrono::seconds(40);

int down(std::string const& folder) {
  auto const state = state_folder(folder);
  if (!std::filesystem::exists(state)) {
    fmt::print("nothing was ever up in {}\n", folder);
    return 0;
  }
  Stages stages(false);
  auto const holder = lock_holder(state);
  if (holder) {
    stages.begin(fmt::format("stopping process {}", *holder));
    ::kill(*holder, SIGTERM);
    if (!wait_until_free(state, patience))
      throw Failure(Code::io_error, fmt::format("process {} does not stop", *holder),
                    fmt::format("`kill -9 {}` ends it; no acknowledged write is lost", *holder));
    stages.end("stopped");
  }
  bool const had_cluster = postgres::find_cluster(state).has_value();
  if (had_cluster) stages.begin("stopping PostgreSQL");
  auto const stopped = postgres::stop_cluster(state);
  if (!stopped) throw Failure(stopped.error());
  if (had_cluster) stages.end("PostgreSQL stopped");
  remove_state(state);
  if (!holder && !had_cluster) fmt::print("nothing was running in {}\n", folder);
  return 0;
}

}  // namespace

void declare_down(CLI::App& app, Program const&, Action& action) {
  auto folder = std::make_shared<std::string>(".");
  app.add_option("folder", *folder, "the mesh's folder")->capture_default_str();
  app.callback([folder, &action] { action = [folder] { return down(*folder); }; });
}

}  // namespace hansa::cli
