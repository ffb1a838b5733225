#include "app/registry_service.h"

#include <fmt/format.h>

#include "api/access.h"
#include "app/door.h"
#include "registry/http.h"

namespace hansa::app {
namespace {

registry::HttpOptions http_options(cli::ServeRequest const& request, api::Context const& access,
                                   Observer& observer) {
  registry::HttpOptions options;
  options.target = request.system;
  options.target.application = "hansa registry";
  options.observer = &observer;
  options.program_version = HANSA_VERSION;
  options.refuse_write = [&access](net::Request const& asked) {
    auto const allowed = api::may_write(asked, access);
    return allowed ? std::string{} : allowed.error().detail;
  };
  return options;
}

bool is_below(std::string_view target, std::string_view prefix) {
  if (!target.starts_with(prefix)) return false;
  auto const rest = target.substr(prefix.size());
  return rest.empty() || rest.front() == '/' || rest.front() == '?';
}

class Both final : public net::Handler {
 public:
  Both(std::unique_ptr<net::Handler> rest, std::unique_ptr<net::Handler> registry)
      : rest_(std::move(rest)), registry_(std::move(registry)) {}
  async::Task<net::Response> handle(net::Request request) override {
    if (is_below(request.target, registry_prefix)) return registry_->handle(std::move(request));
    return rest_->handle(std::move(request));
  }
  net::Response refuse(int status, std::string_view reason) override {
    return rest_->refuse(status, reason);
  }

 private:
  std::unique_ptr<net::Handler> rest_, registry_;
};

}  // namespace

net::Server::MakeHandler with_registry(net::Server::MakeHandler rest,
                                       cli::ServeRequest const& request,
                                       api::Context const& context, Observer& observer) {
  auto options = http_options(request, context, observer);
  return [rest = std::move(rest), options = std::move(options)](async::asio::io_context& io) {
    return std::make_unique<Both>(
        rest(io), registry::make_handler(options, io, std::string(registry_prefix)));
  };
}

RegistryService::RegistryService(cli::ServeRequest const& request, Observer& observer) {
  if (request.databases.empty()) return;
  access_.writes = request.environment->name == "development" ? api::Writes::loopback_only
                                                              : api::Writes::refused;
  net::ServerOptions options;
  options.host = request.host;
  options.port = request.registry.number;
  options.threads = 1;
  constexpr std::size_t body_bytes_max = 4U << 20U;  // a schema, quoted, and some
  options.limits.body_bytes_max = body_bytes_max;
  auto const make = [asked = http_options(request, access_, observer)](
                        async::asio::io_context& io) { return registry::make_handler(asked, io); };
  server_ = opened(net::Server::bind(options, make, observer),
                   {.port = request.registry,
                    .missing = "no port for the schema registry",
                    .option = "--registry-port"},
                   observer);
  if (!server_) return;
  url_ = fmt::format("http://{}:{}", reached_at(request.host), server_->port());
  access_.public_url = url_;
}

RegistryService::~RegistryService() { stop(std::chrono::milliseconds(0)); }

void RegistryService::start() {
  if (server_) thread_ = std::thread([this] { server_->run(); });
}

void RegistryService::stop(std::chrono::milliseconds deadline) {
  if (!thread_.joinable()) return;
  server_->stop(deadline);
  thread_.join();
}

}  // namespace hansa::app
