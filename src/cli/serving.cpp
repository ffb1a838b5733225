#include "cli/serving.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "cli/folder.h"

namespace hansa::cli {
namespace {

bool is_wanted(ServeArguments const& arguments, DomainName const& domain) {
  return arguments.domains.empty() ||
         std::ranges::find(arguments.domains, domain.text()) != arguments.domains.end();
}

void require_known(ServeArguments const& arguments, mesh::Mesh const& mesh) {
  for (std::string const& name : arguments.domains) {
    if (mesh.find_domain(name) != nullptr) continue;
    std::vector<std::string_view> names;
    for (mesh::Domain const& domain : mesh.domains) names.push_back(domain.name.text());
    auto const near = nearest(name, names);
    throw Failure(Code::unknown_object, fmt::format("no domain `{}` in this mesh", name),
                  near.empty() ? "" : fmt::format("did you mean {}?", near));
  }
}

// A program that asks for any free port is one of several, so it takes no well-known one.
DoorPort door_port(int given, std::uint16_t usual, ServeArguments const& arguments) {
  if (given >= 0) return {static_cast<std::uint16_t>(given), true};
  return {arguments.port == 0 ? std::uint16_t{0} : usual, false};
}

ServeRequest reloaded(ServeArguments const& arguments) {
  auto request = serve_request(
      arguments, std::make_shared<mesh::Mesh>(load_mesh(arguments.folder, Report::quiet)));
  require_applied(request);
  return request;
}

}  // namespace

// Places are in the order of domains; that of the environment itself has no domain's override.
postgres::Target system_of(mesh::Environment const& environment,
                           std::vector<delivery::Place> const& places) {
  if (places.empty()) return {};
  for (delivery::Place const& place : places)
    for (DomainName const& domain : place.domains)
      if (!environment.domain_postgres.contains(domain)) return place.target;
  return places.front().target;
}

void require_applied(ServeRequest const& request) {
  std::map<std::string, delivery::Place> places;  // by conninfo
  for (auto const& [domain, target] : request.targets) {
    auto& place = places[target.conninfo];
    place.target = target;
    place.domains.push_back(domain);
  }
  for (auto const& [conninfo, place] : places)
    if (!delivery::is_applied(delivery::make_plan(*request.mesh, place)))
      throw Failure(Code::not_applied,
                    "the folder holds changes that the database does not have yet",
                    "`hansa plan` shows them, `hansa apply` performs them");
}

ServeRequest serve_request(ServeArguments const& arguments,
                           std::shared_ptr<mesh::Mesh const> mesh) {
  require_known(arguments, *mesh);
  ServeRequest request;
  request.mesh = std::move(mesh);
  auto const& environment = environment_of(*request.mesh, arguments.environment);
  request.environment = &environment;
  request.host = arguments.host.empty() ? environment.listen_host : arguments.host;
  request.port =
      arguments.port >= 0 ? static_cast<std::uint16_t>(arguments.port) : environment.listen_port;
  constexpr std::uint16_t kafka_port = 9092, registry_port = 8081;
  request.kafka = door_port(arguments.kafka_port, kafka_port, arguments);
  request.registry = door_port(arguments.registry_port, registry_port, arguments);
  request.threads = arguments.threads;
  request.log_requests = arguments.log_requests;
  auto const places = places_of(*request.mesh, environment);
  request.system = system_of(environment, places);
  for (delivery::Place const& place : places)
    for (DomainName const& domain : place.domains) {
      request.databases[domain] = place.target;
      if (!is_wanted(arguments, domain)) continue;
      request.targets[domain] = place.target;
      request.domains.push_back(domain);
    }
  request.reload = [arguments] { return reloaded(arguments); };
  return request;
}

ServeRequest serve_request(ServeArguments const& arguments) {
  return serve_request(arguments, std::make_shared<mesh::Mesh>(load_mesh(arguments.folder)));
}

}  // namespace hansa::cli
