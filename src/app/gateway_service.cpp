#include "app/gateway_service.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/door.h"

namespace hansa::app {
namespace {

// The system's database first, then the others of the mesh.
std::vector<postgres::Target> databases_of(cli::ServeRequest const& request) {
  std::vector<postgres::Target> databases{request.system};
  for (auto const& [domain, target] : request.databases)
    if (std::ranges::find(databases, target.conninfo, &postgres::Target::conninfo) ==
        databases.end())
      databases.push_back(target);
  return databases;
}

gateway::GatewayOptions options_of(cli::ServeRequest const& request, Observer& observer) {
  auto const& environment = *request.environment;
  bool const development = environment.name == "development";
  gateway::GatewayOptions options;
  options.host = request.host;
  options.port = request.kafka.number;
  options.broker.mesh = request.mesh;
  options.broker.databases = databases_of(request);
  options.broker.advertised_host = environment.advertised_host;
  options.broker.advertised_port = environment.advertised_port;
  options.broker.announced_host = !environment.advertised_host.empty() ? environment.advertised_host
                                  : is_everywhere_or_loopback(request.host) ? "localhost"
                                                                            : request.host;
  options.broker.strangers =
      development ? gateway::Strangers::loopback_only : gateway::Strangers::readers;
  options.broker.topics_made_by_use = development;
  options.broker.observer = &observer;
  return options;
}

}  // namespace

GatewayService::GatewayService(cli::ServeRequest const& request, Observer& observer) {
  if (request.databases.empty()) return;
  gateway_ = opened(
      gateway::Gateway::bind(options_of(request, observer)),
      {.port = request.kafka, .missing = "no port for Kafka clients", .option = "--kafka-port"},
      observer);
  if (gateway_) address_ = fmt::format("{}:{}", reached_at(request.host), gateway_->port());
}

GatewayService::~GatewayService() { stop(std::chrono::milliseconds(0)); }

void GatewayService::start() {
  if (gateway_) gateway_->start();
}

void GatewayService::renew(std::shared_ptr<mesh::Mesh const> mesh) {
  std::lock_guard const lock(mutex_);
  if (gateway_) gateway_->renew(std::move(mesh));
}

void GatewayService::poke() noexcept {
  std::lock_guard const lock(mutex_);
  if (gateway_) gateway_->poke();
}

void GatewayService::stop(std::chrono::milliseconds deadline) {
  std::unique_ptr<gateway::Gateway> ending;
  {
    std::lock_guard const lock(mutex_);
    ending = std::move(gateway_);
  }
  if (ending) ending->stop(deadline);
}

void SequencedWatch::observe(Event const& event) noexcept {
  if (!std::holds_alternative<EventsSequenced>(event)) return;
  std::lock_guard const lock(mutex_);
  if (gateway_ != nullptr) gateway_->poke();
}

void SequencedWatch::tell(GatewayService* gateway) {
  std::lock_guard const lock(mutex_);
  gateway_ = gateway;
}

}  // namespace hansa::app
