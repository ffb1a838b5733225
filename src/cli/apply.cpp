// `hansa apply`: shows the plan, asks, performs it.
#include "cli/apply.h"

#include <fmt/format.h>

#include "cli/command.h"
#include "cli/folder.h"
#include "cli/running.h"
#include "cli/terminal.h"

namespace hansa::cli {
namespace {

struct Options {
  std::string folder = ".", environment = default_environment;
  bool yes = false, allow_destructive = false, json = false;
};

// False when there is nothing to do.
bool show(plan::Plan const& plan, bool as_json) {
  if (as_json)
    fmt::print("{}\n", plan::to_json(plan));
  else
    fmt::print("{}", plan::to_text(plan, colour_of(stdout)));
  std::fflush(stdout);
  return !plan.empty();
}

void refuse_destruction(plan::Plan const& plan, Options const& options) {
  if (!plan.destroys_data() || options.allow_destructive) return;
  throw Failure(Code::destructive_step, "the plan destroys data",
                "read it again; --allow-destructive permits it");
}

int apply(Options const& options, Program const& program) {
  auto const mesh = load_mesh(options.folder);
  auto const& environment = environment_of(mesh, options.environment);
  std::size_t performed = 0;
  for (delivery::Place const& place : places_of(mesh, environment)) {
    auto const plan = delivery::make_plan(mesh, place);
    if (!show(plan, options.json)) {
      delivery::tell_servers(place);
      continue;
    }
    if (!plan.refusals.empty()) throw Failure(plan.refusals.front());
    refuse_destruction(plan, options);
    if (!options.yes) {
      auto const answer = confirm("Perform these steps?");
      if (!answer) throw Failure(answer.error());
      if (!*answer) throw Failure(Code::not_confirmed, "nothing was changed");
    }
    Stages stages(options.json);
    performed += perform(mesh, place, options.allow_destructive, program, stages);
  }
  if (performed > 0 && lock_holder(state_folder(mesh.folder)) && !environment.postgres)
    fmt::print(stderr, "The running mesh takes the new contracts over within seconds.\n");
  return 0;
}

}  // namespace

std::size_t perform(mesh::Mesh const& mesh, delivery::Place const& place, bool allow_destructive,
                    Program const& program, Stages& stages) {
  delivery::ApplyOptions how;
  how.allow_destructive = allow_destructive;
  how.interrupted = program.interrupted;
  how.progress = [&stages](std::size_t index, std::size_t count, plan::Step const& step,
                           bool done) {
    if (!done) stages.update(fmt::format("{}/{} {}", index + 1, count, step.summary));
  };
  stages.begin("comparing folder and database");
  auto const performed = delivery::apply(mesh, place, how);
  auto const count = performed.steps.size();
  if (program.interrupted != nullptr && program.interrupted->load())
    throw Failure(Code::interrupted, "interrupted between two steps",
                  "run it again: it goes on where it stands");
  stages.end(count == 0 ? "database is as declared"
                        : fmt::format("{} step{} performed", count, count == 1 ? "" : "s"));
  return count;
}

void declare_apply(CLI::App& app, Program const& program, Action& action) {
  auto options = std::make_shared<Options>();
  app.add_option("folder", options->folder, "the mesh's folder")->capture_default_str();
  app.add_option("-e,--environment", options->environment, "an environment of mesh.yaml")
      ->capture_default_str();
  app.add_flag("-y,--yes", options->yes, "do not ask");
  app.add_flag("--allow-destructive", options->allow_destructive, "let steps destroy data");
  app.add_flag("--json", options->json, "the plan as JSON; no progress");
  app.callback([options, &action, &program] {
    action = [options, &program] { return apply(*options, program); };
  });
}

}  // namespace hansa::cli
