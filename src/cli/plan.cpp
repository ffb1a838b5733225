// `hansa plan`: what apply would do. Exit 0: nothing; 2: there are changes.
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/folder.h"
#include "cli/terminal.h"

namespace hansa::cli {
namespace {

struct PlanOptions {
  std::string folder = ".", environment = default_environment;
  bool json = false;
};

int plan(PlanOptions const& options) {
  auto const mesh = load_mesh(options.folder);
  auto const& environment = environment_of(mesh, options.environment);
  plan::Plan whole;
  for (delivery::Place const& place : places_of(mesh, environment)) {
    auto part = delivery::make_plan(mesh, place);
    std::ranges::move(part.steps, std::back_inserter(whole.steps));
    std::ranges::move(part.refusals, std::back_inserter(whole.refusals));
    std::ranges::move(part.notes, std::back_inserter(whole.notes));
  }
  if (options.json)
    fmt::print("{}\n", plan::to_json(whole));
  else
    fmt::print("{}", plan::to_text(whole, colour_of(stdout)));
  return whole.empty() ? 0 : 2;
}

}  // namespace

void declare_plan(CLI::App& app, Program const&, Action& action) {
  auto options = std::make_shared<PlanOptions>();
  app.add_option("folder", options->folder, "the mesh's folder")->capture_default_str();
  app.add_option("-e,--environment", options->environment, "an environment of mesh.yaml")
      ->capture_default_str();
  app.add_flag("--json", options->json, "the plan as JSON");
  app.callback([options, &action] { action = [options] { return plan(*options); }; });
}

}  // namespace hansa::cli
