// What is asked of serving, from arguments and a mesh: the same for `serve` and `up`, and again
// whenever the folder is read anew.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/folder.h"

namespace hansa::cli {

struct ServeArguments {
  std::filesystem::path folder = ".";
  std::string environment;
  std::vector<std::string> domains;  // empty: all
  std::string host;                  // empty: the environment's
  int port = -1;                     // negative: the environment's
  // Negative: Kafka's and the registry's own, or free ones if `port` is to be free.
  int kafka_port = -1, registry_port = -1;
  std::size_t threads = 0;  // 0: see ServeRequest
  bool log_requests = false;
};

// Reads the folder. `reload` of the result does the same again and asks besides whether the
// databases are as the folder says: what is not applied cannot be served (not_applied). Throws what
// load_mesh, environment_of and places_of throw, and unknown_object for a domain that is not there.
[[nodiscard]] ServeRequest serve_request(ServeArguments const& arguments);
// Where the registry, groups and foreign topics are kept, of the databases of an environment.
[[nodiscard]] postgres::Target system_of(mesh::Environment const& environment,
                                         std::vector<delivery::Place> const& places);
// Throws Failure(not_applied) when the databases lack something that the domains served here need.
void require_applied(ServeRequest const& request);
// Of a mesh that was read already.
[[nodiscard]] ServeRequest serve_request(ServeArguments const& arguments,
                                         std::shared_ptr<mesh::Mesh const> mesh);

}  // namespace hansa::cli
