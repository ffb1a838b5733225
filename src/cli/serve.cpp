// `hansa serve`: answers requests against a PostgreSQL that `hansa apply` prepared; changes
// nothing.
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/serving.h"

namespace hansa::cli {
namespace {

int serve(ServeArguments const& arguments, Program const& program) {
  auto request = serve_request(arguments);
  require_applied(request);
  request.listening = [](Addresses const& addresses) {
    fmt::print("listening on {}\n", addresses.url);
    if (!addresses.kafka.empty()) fmt::print("Kafka clients: {}\n", addresses.kafka);
    if (!addresses.registry.empty()) fmt::print("schema registry: {}\n", addresses.registry);
    std::fflush(stdout);
  };
  return program.serve(request);
}

}  // namespace

void declare_serve(CLI::App& app, Program const& program, Action& action) {
  auto options = std::make_shared<ServeArguments>();
  app.add_option("folder", options->folder, "the mesh's folder")->default_str(".");
  app.add_option("-e,--environment", options->environment, "an environment of mesh.yaml")
      ->required();
  app.add_option("--domain", options->domains, "serve only this domain (may be repeated)");
  app.add_option("--host", options->host, "address to listen on (default: the environment's)");
  app.add_option("--port", options->port, "port to listen on; 0 takes a free one")
      ->check(CLI::Range(0, 65535));
  app.add_option("--kafka-port", options->kafka_port,
                 "port for Kafka clients (default: 9092); 0 takes a free one")
      ->check(CLI::Range(0, 65535));
  app.add_option("--registry-port", options->registry_port,
                 "port of the schema registry (default: 8081); 0 takes a free one")
      ->check(CLI::Range(0, 65535));
  app.add_option("--threads", options->threads, "threads that serve (default: one per core)")
      ->check(CLI::Range(1, 256));
  app.add_flag("--log-requests", options->log_requests, "log every request");
  app.callback([options, &action, &program] {
    action = [options, &program] { return serve(*options, program); };
  });
}

}  // namespace hansa::cli
