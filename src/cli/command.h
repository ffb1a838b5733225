// The command line as one table: a row per command, a file per row. A command is its arguments, an
// action and two views, for people and (--json) for machines.
#pragma once

#include <CLI/CLI.hpp>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/observe.h"
#include "mesh/mesh.h"
#include "postgres/session.h"

namespace hansa::cli {

// Where a program can be reached from its own machine. Empty: it does not listen there.
struct Addresses {
  std::string url;       // "http://localhost:8000"
  std::string kafka;     // "localhost:9092"
  std::string registry;  // "http://localhost:8081"
};

// The port of a door, and whether it was asked for: a default that is taken is done without.
struct DoorPort {
  std::uint16_t number = 0;  // 0: the kernel's choice
  bool asked_for = false;
};

// What serving needs from whoever composes the program (app), so that this room knows no metrics
// library and no thread layout.
struct ServeRequest {
  std::shared_ptr<mesh::Mesh const> mesh;
  mesh::Environment const* environment = nullptr;  // of `mesh`
  std::map<DomainName, postgres::Target> targets;  // login role; serving adds the runtime role
  std::vector<DomainName> domains;                 // served here
  // Of every domain, served here or not: events come from anywhere.
  std::map<DomainName, postgres::Target> databases;
  std::string host;
  std::uint16_t port = 0;
  DoorPort kafka, registry;
  // Where the registry, groups and foreign topics are kept: the environment's database if a domain
  // lives there, else that of the first domain.
  postgres::Target system;
  std::size_t threads = 0;  // 0: one per core
  bool log_requests = false;
  int log_fd = 2;  // JSON lines go there
  // Called once, when the server listens, with where it can be reached from here; before the first
  // answer. The environment's public URL may differ.
  std::function<void(Addresses const&)> listening;
  // The same request made anew from the folder as it is now; throws Failure when it is wrong.
  std::function<ServeRequest()> reload;
};

struct Program {
  // Serves until SIGINT or SIGTERM, drains, returns the exit status. Throws Failure.
  std::function<int(ServeRequest const&)> serve;
  // Set by SIGINT or SIGTERM while a command other than serve works.
  std::atomic<bool> const* interrupted = nullptr;
};

// Filled by the parsed command; run by main.
using Action = std::function<int()>;

struct Command {
  std::string_view name;
  std::string_view summary;
  // Declares arguments on `app` and sets `action` when the command was named.
  void (*declare)(CLI::App& app, Program const& program, Action& action);
};

[[nodiscard]] std::span<Command const> commands();

// Parses and runs. Everything thrown ends here, as text on standard error or JSON with --json.
// Returns the exit status: 0, 2 for "there are changes", or that of the error catalogue.
[[nodiscard]] int run(int argc, char const* const* argv, Program const& program);

void declare_init(CLI::App& app, Program const& program, Action& action);
void declare_check(CLI::App& app, Program const& program, Action& action);
void declare_plan(CLI::App& app, Program const& program, Action& action);
void declare_apply(CLI::App& app, Program const& program, Action& action);
void declare_up(CLI::App& app, Program const& program, Action& action);
void declare_down(CLI::App& app, Program const& program, Action& action);
void declare_serve(CLI::App& app, Program const& program, Action& action);
void declare_load(CLI::App& app, Program const& program, Action& action);
void declare_test(CLI::App& app, Program const& program, Action& action);
void declare_events(CLI::App& app, Program const& program, Action& action);
void declare_schemas(CLI::App& app, Program const& program, Action& action);
void declare_errors(CLI::App& app, Program const& program, Action& action);

}  // namespace hansa::cli
