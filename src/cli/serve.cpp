// `hansa serve`: answers requests against a PostgreSQL that `hansa apply` prepared; changes
// nothing.
#include <fmt/format.h>

#include <algorithm>

#include "cli/command.h"
#include "cli/folder.h"

namespace hansa::cli {
namespace {

struct Options {
  std::string folder = ".", environment, host;
  std::vector<std::string> domains;
  int port = -1;
  std::size_t threads = 0;
  bool log_requests = false;
};

bool is_wanted(Options const& options, DomainName const& domain) {
  return options.domains.empty() ||
         std::ranges::find(options.domains, domain.text()) != options.domains.end();
}

void require_known(Options const& options, mesh::Mesh const& mesh) {
  for (std::string const& name : options.domains) {
    if (mesh.find_domain(name) != nullptr) continue;
    std::vector<std::string_view> names;
    for (mesh::Domain const& domain : mesh.domains) names.push_back(domain.name.text());
    auto const near = nearest(name, names);
    throw Failure(Code::unknown_object, fmt::format("no domain `{}` in this mesh", name),
                  near.empty() ? "" : fmt::format("did you mean {}?", near));
  }
}

int serve(Options const& options, Program const& program) {
  auto const mesh = load_mesh(options.folder);
  require_known(options, mesh);
  auto const& environment = environment_of(mesh, options.environment);
  ServeRequest request;
  request.mesh = &mesh;
  request.environment = &environment;
  request.host = options.host.empty() ? environment.listen_host : options.host;
  request.port =
      options.port >= 0 ? static_cast<std::uint16_t>(options.port) : environment.listen_port;
  request.threads = options.threads;
  request.log_requests = options.log_requests;
  for (delivery::Place const& place : places_of(mesh, environment))
    for (DomainName const& domain : place.domains) {
      if (!is_wanted(options, domain)) continue;
      request.targets[domain] = place.target;
      request.domains.push_back(domain);
    }
  request.listening = [](std::string const& url) {
    fmt::print("listening on {}\n", url);
    std::fflush(stdout);
  };
  return program.serve(request);
}

}  // namespace

void declare_serve(CLI::App& app, Program const& program, Action& action) {
  auto options = std::make_shared<Options>();
  app.add_option("folder", options->folder, "the mesh's folder")->capture_default_str();
  app.add_option("-e,--environment", options->environment, "an environment of mesh.yaml")
      ->required();
  app.add_option("--domain", options->domains, "serve only this domain (may be repeated)");
  app.add_option("--host", options->host, "address to listen on (default: the environment's)");
  app.add_option("--port", options->port, "port to listen on; 0 takes a free one")
      ->check(CLI::Range(0, 65535));
  app.add_option("--threads", options->threads, "threads that serve (default: one per core)")
      ->check(CLI::Range(1, 256));
  app.add_flag("--log-requests", options->log_requests, "log every request");
  app.callback([options, &action, &program] {
    action = [options, &program] { return serve(*options, program); };
  });
}

}  // namespace hansa::cli
