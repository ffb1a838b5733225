// `hansa up`: the whole mesh on one machine: private PostgreSQL, apply, seed, serve.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "cli/apply.h"
#include "cli/cluster_watch.h"
#include "cli/command.h"
#include "cli/detach.h"
#include "cli/folder.h"
#include "cli/greeting.h"
#include "cli/running.h"
#include "cli/serving.h"
#include "cli/terminal.h"
#include "net/server.h"
#include "postgres/cluster.h"

namespace hansa::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string folder = ".", host;
  int port = -1;
  int kafka_port = -1, registry_port = -1;
  bool detach = false, log_requests = false, allow_destructive = false, database_only = false;
};

void stop_if_interrupted(Program const& program) {
  if (program.interrupted != nullptr && program.interrupted->load())
    throw Failure(Code::interrupted, "interrupted before the mesh was up");
}

fs::path make_state_folder(fs::path const& folder) {
  auto const state = state_folder(folder);
  std::error_code error;
  fs::create_directories(state, error);
  if (error)
    throw Failure(Code::io_error, fmt::format("{}: {}", state.string(), error.message()),
                  "`up` keeps its PostgreSQL there; the folder must be writable");
  return state;
}

// Empty when development names a PostgreSQL of its own.
std::string bring_up_cluster(mesh::Environment const& environment, fs::path const& state,
                             Stages& stages) {
  if (environment.postgres) return {};
  stages.begin("PostgreSQL");
  postgres::ClusterOptions how;
  how.folder = state;
  how.progress = [&stages](std::string_view phrase) {
    stages.update(fmt::format("PostgreSQL: {}", phrase));
  };
  auto const cluster = postgres::start_cluster(how);
  if (!cluster) throw Failure(cluster.error());
  using Found = postgres::ClusterState::Found;
  stages.end(cluster->found == Found::adopted     ? "PostgreSQL was running, adopted"
             : cluster->found == Found::recovered ? "PostgreSQL recovered from a crash"
             : cluster->found == Found::created   ? "PostgreSQL created and started"
                                                  : "PostgreSQL started");
  return cluster->conninfo;
}

void provision(mesh::Mesh const& mesh, mesh::Environment const& environment, Options const& options,
               Program const& program, Stages& stages) {
  for (delivery::Place const& place : places_of(mesh, environment)) {
    perform(mesh, place, options.allow_destructive, program, stages);
    stop_if_interrupted(program);
    if (!environment.seed) continue;
    stages.begin("loading seed rows");
    auto const seeded = delivery::seed(mesh, place);
    std::vector<std::string> parts;
    for (auto const& [object, rows] : seeded)
      if (rows > 0)
        parts.push_back(fmt::format("{} ({} row{})", object, rows, rows == 1 ? "" : "s"));
    stages.end(parts.empty() ? "no seed rows to load"
                             : fmt::format("seeded {}", fmt::join(parts, ", ")));
    stop_if_interrupted(program);
  }
}

// A refusal ends `up`, and PostgreSQL with it: say how to reach the rows all the same.
void provision_or_explain(mesh::Mesh const& mesh, mesh::Environment const& environment,
                          Options const& options, Program const& program, Stages& stages) {
  try {
    provision(mesh, environment, options, program, stages);
  } catch (Failure const& failure) {
    Error error = failure.error();
    bool const refused =
        error.code == Code::destructive_step || error.code == Code::incompatible_change ||
        error.code == Code::foreign_object || error.code == Code::existing_rows_violate;
    if (!refused || environment.postgres) throw;
    error.hint += fmt::format(
        "{}`hansa up {} --database-only` runs just PostgreSQL, for `plan`, `apply` and psql",
        error.hint.empty() ? "" : "; ", options.folder);
    throw Failure(std::move(error));
  }
}

// Whatever way the mesh ends, its PostgreSQL ends with it, cleanly.
class ClusterGuard {
 public:
  explicit ClusterGuard(fs::path state) : state_(std::move(state)) {}
  ~ClusterGuard() {
    if (!left_running_) std::ignore = postgres::stop_cluster(state_);
  }
  // For a PostgreSQL that ran before us and that people look at the data with.
  void leave_running() { left_running_ = true; }
  ClusterGuard(ClusterGuard const&) = delete;
  ClusterGuard& operator=(ClusterGuard const&) = delete;

 private:
  fs::path state_;
  bool left_running_ = false;
};

// PostgreSQL alone, left running: the way to look at and mend rows when `up` refuses to go on.
int run_database(Options const& options) {
  auto const mesh = load_mesh(options.folder);
  auto const& environment = environment_of(mesh, default_environment);
  auto const state = make_state_folder(mesh.folder);
  if (environment.postgres)
    throw Failure(Code::usage, "the development environment names a PostgreSQL of its own",
                  "`up` runs none for this mesh");
  Stages stages(false);
  auto const conninfo = bring_up_cluster(environment, state, stages);
  fmt::print("\n  SQL     psql '{}'\n\n`hansa down {}` stops it.\n", conninfo, options.folder);
  return 0;
}

// Before anything is made: a port that is taken would end all the work in an error.
void require_free_port(mesh::Environment const& environment, Options const& options) {
  net::ServerOptions wanted;
  wanted.host = options.host.empty() ? environment.listen_host : options.host;
  wanted.port =
      options.port >= 0 ? static_cast<std::uint16_t>(options.port) : environment.listen_port;
  wanted.threads = 1;
  auto const probe = net::Server::bind(wanted, {}, silent_observer());
  if (probe) return;
  Error error = probe.error();
  if (error.code == Code::address_in_use)
    error.hint = "stop that program, or give --port another number";
  throw Failure(std::move(error));
}

int serve_watched(ServeRequest const& request, mesh::Environment const& environment,
                  fs::path const& state, int log_fd, Program const& program) {
  if (environment.postgres) return program.serve(request);
  ClusterWatch const watch(state, [log_fd](Error const* error) {
    auto const said = error == nullptr ? std::string{"PostgreSQL was gone and is started again"}
                                       : to_text(*error);
    std::string line = R"({"level":"error","message":)";
    json::write_string(said, line);
    line.append("}\n");
    std::ignore = ::write(log_fd, line.data(), line.size());
  });
  return program.serve(request);
}

int run_here(Options const& options, Program const& program, Detachment* detachment) {
  auto const shared = std::make_shared<mesh::Mesh const>(load_mesh(options.folder));
  auto const& mesh = *shared;
  auto const& environment = environment_of(mesh, default_environment);
  auto const state = make_state_folder(mesh.folder);
  auto lock = RunLock::take(state);
  if (!lock) throw Failure(lock.error());
  require_free_port(environment, options);
  Stages stages(false);
  ClusterGuard guard(state);
  bool const ran_before = !environment.postgres && postgres::find_cluster(state).has_value();
  auto const conninfo = bring_up_cluster(environment, state, stages);
  stop_if_interrupted(program);
  try {
    provision_or_explain(mesh, environment, options, program, stages);
  } catch (Failure const&) {
    if (ran_before) guard.leave_running();
    throw;
  }
  auto request = serve_request({.folder = options.folder,
                                .environment = default_environment,
                                .host = options.host,
                                .port = options.port,
                                .kafka_port = options.kafka_port,
                                .registry_port = options.registry_port,
                                .log_requests = options.log_requests},
                               shared);
  LogFile const log(state / "hansa.log");
  request.log_fd = log.fd();
  request.listening = [&](Addresses const& addresses) {
    auto const lines = greeting(mesh, addresses, conninfo);
    write_state(state, {.pid = ::getpid(),
                        .url = addresses.url,
                        .kafka = addresses.kafka,
                        .registry = addresses.registry,
                        .conninfo = conninfo,
                        .greeting = lines});
    fmt::print("{}", lines);
    if (detachment == nullptr)
      fmt::print("\nLog: {}. Ctrl-C stops it.\n", (state / "hansa.log").string());
    std::fflush(stdout);
    if (detachment != nullptr) detachment->ready(log.fd());
  };
  int const status = serve_watched(request, environment, state, log.fd(), program);
  remove_state(state);
  if (detachment == nullptr) fmt::print(stderr, "stopping PostgreSQL\n");
  return status;
}

// A second `up --detach` of a running mesh says again what the first said, and that it did nothing.
bool greet_if_running(fs::path const& folder) {
  auto const state = state_folder(folder);
  if (!lock_holder(state)) return false;
  auto const running = read_state(state);
  if (!running) return false;
  fmt::print("{}", running->greeting);
  fmt::print(
      stderr,
      "\nIt was running already, and goes on as it was: `hansa apply {0}` serves what changed "
      "in the\n"
      "folder; for another address, `hansa down {0}` first.\n",
      folder.string());
  return true;
}

int up(Options const& options, Program const& program) {
  if (options.database_only) return run_database(options);
  if (!options.detach) return run_here(options, program, nullptr);
  if (greet_if_running(options.folder)) return 0;
  return detach([&](Detachment& detachment) { return run_here(options, program, &detachment); });
}

}  // namespace

void declare_up(CLI::App& app, Program const& program, Action& action) {
  auto options = std::make_shared<Options>();
  app.add_option("folder", options->folder, "the mesh's folder")->capture_default_str();
  app.add_flag("-d,--detach", options->detach,
               "return when the mesh answers; `hansa down` stops it");
  app.add_option("--host", options->host, "address to listen on (default: the environment's)");
  app.add_option("--port", options->port, "port to listen on; 0 takes a free one")
      ->check(CLI::Range(0, 65535));
  app.add_option("--kafka-port", options->kafka_port,
                 "port for Kafka clients (default: 9092); 0 takes a free one")
      ->check(CLI::Range(0, 65535));
  app.add_option("--registry-port", options->registry_port,
                 "port of the schema registry (default: 8081); 0 takes a free one")
      ->check(CLI::Range(0, 65535));
  app.add_flag("--allow-destructive", options->allow_destructive,
               "let steps destroy data, e.g. drop a column added by hand");
  app.add_flag("--database-only", options->database_only,
               "start only the mesh's PostgreSQL and return; `hansa down` stops it");
  app.add_flag("--log-requests", options->log_requests, "log every request");
  app.callback([options, &action, &program] {
    action = [options, &program] { return up(*options, program); };
  });
}

}  // namespace hansa::cli
