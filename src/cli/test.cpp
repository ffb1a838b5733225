// `hansa test`: the tests of reactions, on a database that is made for them and thrown away.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <random>

#include "cli/command.h"
#include "cli/folder.h"
#include "cli/printable.h"
#include "cli/terminal.h"
#include "cli/test_report.h"
#include "delivery/delivery.h"
#include "events/reaction_tests.h"
#include "events/topics.h"
#include "postgres/temporary_cluster.h"
#include "postgres/temporary_database.h"

namespace hansa::cli {
namespace {

using std::chrono::steady_clock;

struct Options {
  std::string folder = ".";
  std::vector<std::string> ports;
  std::string postgres;
  bool json = false;
};

double seconds_since(steady_clock::time_point start) {
  return std::chrono::duration<double>(steady_clock::now() - start).count();
}

// A legal name of a mesh and of a database that nobody else has.
std::string drawn_name() { return fmt::format("hansa_test_{:08x}", std::random_device{}()); }

// Where tests run: a database with the mesh of the folder, made anew and empty.
class TestBench {
 public:
  TestBench(mesh::Mesh mesh, std::vector<DomainName> const& domains, Options const& options,
            Program const& program, Stages& stages)
      : mesh_(std::move(mesh)) {
    // Roles are of the whole server: those of a mesh that lives there are not to be touched.
    auto const name = drawn_name();
    mesh_.name = MeshName(name);
    // What other tools make elsewhere is made here as its contract says.
    for (mesh::Domain& domain : mesh_.domains)
      for (mesh::Contract& contract : domain.contracts)
        for (mesh::Object& object : contract.objects) object.managed = true;
    stages.begin("PostgreSQL");
    auto const target = make_database(options, name, stages);
    stages.end(options.postgres.empty() ? "a PostgreSQL of its own" : "database " + name);
    stages.begin("applying the mesh");
    delivery::ApplyOptions how;
    how.interrupted = program.interrupted;
    delivery::apply(mesh_, {.target = target, .domains = domains}, how);
    session_.emplace(postgres::Session::open(target));
    stages.end("mesh applied");
  }

  [[nodiscard]] mesh::Mesh const& mesh() const { return mesh_; }
  [[nodiscard]] postgres::Session& session() { return *session_; }

 private:
  postgres::Target make_database(Options const& options, std::string const& name, Stages& stages) {
    if (!options.postgres.empty()) {
      database_ = std::make_unique<postgres::TemporaryDatabase>(options.postgres, name);
      return {.conninfo = database_->conninfo(), .role = "", .application = "hansa test"};
    }
    cluster_ = std::make_unique<postgres::TemporaryCluster>([&stages](std::string_view phrase) {
      stages.update(fmt::format("PostgreSQL: {}", phrase));
    });
    return {.conninfo = cluster_->conninfo(), .role = "", .application = "hansa test"};
  }

  mesh::Mesh mesh_;
  std::unique_ptr<postgres::TemporaryCluster> cluster_;
  std::unique_ptr<postgres::TemporaryDatabase> database_;
  std::optional<postgres::Session> session_;
};

void require_known(mesh::Mesh const& mesh, std::vector<std::string> const& ports) {
  std::vector<std::string> addresses;
  for (mesh::Subscription const& port : mesh.subscriptions)
    addresses.push_back(events::port_address(port));
  for (std::string const& port : ports) {
    if (events::find_port(mesh, port) != nullptr) continue;
    auto const near = nearest(port, {addresses.begin(), addresses.end()});
    throw Failure(
        Code::unknown_port, fmt::format("there is no input port {}", port),
        near.empty() ? "ports are named <domain>/<port>" : fmt::format("did you mean `{}`?", near));
  }
}

bool is_asked_for(Options const& options, std::string const& port) {
  return options.ports.empty() || std::ranges::find(options.ports, port) != options.ports.end();
}

std::vector<mesh::PortTests> chosen_tests(std::vector<mesh::PortTests> tests,
                                          Options const& options) {
  std::erase_if(tests, [&](mesh::PortTests const& each) {
    return !is_asked_for(options, each.domain.text() + "/" + each.port);
  });
  return tests;
}

std::vector<UntestedPort> untested_ports(mesh::Mesh const& mesh, Options const& options) {
  std::vector<UntestedPort> out;
  for (mesh::Subscription const& port : mesh.subscriptions) {
    auto const address = events::port_address(port);
    if (!port.reaction.test_file.empty() || !is_asked_for(options, address)) continue;
    std::filesystem::path file = port.reaction.file;
    out.push_back({address, file.replace_extension(".test.yaml").string()});
  }
  return out;
}

std::vector<DomainName> domains_of(std::vector<mesh::PortTests> const& tests) {
  std::vector<DomainName> out;
  for (mesh::PortTests const& each : tests)
    if (std::ranges::find(out, each.domain) == out.end()) out.push_back(each.domain);
  return out;
}

// `shown`: of each test as it ends.
void run_tests(TestBench& bench, std::vector<mesh::PortTests> const& tests, Program const& program,
               Stages& stages, TestReport& report,
               std::function<void(TestedReaction const&)> const& shown) {
  events::TrialOptions options;
  options.interrupted = program.interrupted;
  for (mesh::PortTests const& of_port : tests) {
    auto const& port =
        *bench.mesh().find_subscription(of_port.domain, of_port.product, of_port.port);
    for (mesh::ReactionTest const& test : of_port.tests) {
      auto const begun = steady_clock::now();
      TestedReaction tested{.port = events::port_address(port), .name = test.name};
      stages.begin(fmt::format("{}: {}", tested.port, printable(tested.name)));
      tested.result = events::run_test(bench.mesh(), port, test, bench.session(), options);
      tested.seconds = seconds_since(begun);
      stages.drop();
      shown(tested);
      report.tests.push_back(std::move(tested));
    }
  }
}

TestReport run_all(mesh::Loaded loaded, Options const& options, Program const& program) {
  auto const begun = steady_clock::now();
  TestReport report{.untested = untested_ports(*loaded.mesh, options)};
  auto const tests = chosen_tests(std::move(loaded.tests), options);
  auto const colour = colour_of(stdout);
  Stages stages(options.json);
  if (!tests.empty()) {
    TestBench bench(*std::move(loaded.mesh), domains_of(tests), options, program, stages);
    run_tests(bench, tests, program, stages, report, [&](TestedReaction const& test) {
      if (options.json) return;
      fmt::print("{}", to_text(test, colour));
      std::fflush(stdout);
    });
  }
  if (!options.json)
    for (UntestedPort const& port : report.untested) fmt::print("{}", to_text(port, colour));
  report.seconds = seconds_since(begun);
  return report;
}

int test(Options const& options, Program const& program) {
  if (std::error_code error; !std::filesystem::is_directory(options.folder, error))
    throw Failure(Code::usage, fmt::format("there is no folder {}", options.folder),
                  "the folder comes first: `hansa test . domain/port`");
  auto loaded = load_folder(options.folder);
  require_known(*loaded.mesh, options.ports);
  TestReport report;
  try {
    report = run_all(std::move(loaded), options, program);
  } catch (Failure const&) {
    // A Ctrl-C also ends the programs of PostgreSQL that make a cluster.
    if (program.interrupted == nullptr || !program.interrupted->load()) throw;
    throw Failure(Code::interrupted, "interrupted before every test was run");
  }
  if (options.json)
    fmt::print("{}\n", json::to_pretty_text(to_json(report)));
  else
    fmt::print("{}", summary(report));
  return report.failed() == 0 ? 0 : info(Code::reaction_test_failed).exit_status;
}

}  // namespace

void declare_test(CLI::App& app, Program const& program, Action& action) {
  auto options = std::make_shared<Options>();
  app.add_option("folder", options->folder, "the mesh's folder")->capture_default_str();
  app.add_option("ports", options->ports, "only these input ports, as domain/port");
  app.add_option("--postgres", options->postgres,
                 "make the database on this server (a conninfo) instead of a private PostgreSQL");
  app.add_flag("--json", options->json, "the results as JSON; no progress");
  app.callback([options, &action, &program] {
    action = [options, &program] { return test(*options, program); };
  });
}

}  // namespace hansa::cli
