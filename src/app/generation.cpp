#include "app/generation.h"

#include <fmt/format.h>

#include <condition_variable>
#include <mutex>

#include "app/registry_service.h"
#include "delivery/delivery.h"
#include "product/idempotency.h"

namespace hansa::app {
namespace {

constexpr auto poll_pause = std::chrono::seconds(15);
constexpr auto events_end_max = std::chrono::seconds(2);
constexpr std::uint64_t rounds_an_hour = std::chrono::hours(1) / poll_pause;

std::string local_url(cli::ServeRequest const& request, std::uint16_t port) {
  bool const everywhere = request.host == "0.0.0.0" || request.host == "::";
  bool const loopback = request.host == "127.0.0.1" || request.host == "::1";
  bool const bare_v6 = request.host.contains(':');
  auto const host = everywhere || loopback ? std::string{"localhost"}
                    : bare_v6              ? "[" + request.host + "]"
                                           : request.host;
  return fmt::format("http://{}:{}", host, port);
}

// The key that signs cursors is the mesh's, kept where its first domain lives.
std::string cursor_key(cli::ServeRequest const& request) {
  if (request.targets.empty())
    throw Failure(Code::usage, "there is no domain to serve", "give --domain a name of this mesh");
  auto session = postgres::Session::open(request.targets.begin()->second);
  auto const known = session.execute("select to_regclass('hansa.schema_version') is not null");
  if (known.value(0, 0) != "t")
    throw Failure(Code::not_applied, "this database was never prepared for the mesh",
                  "run `hansa apply` with the same folder and environment first");
  return delivery::cursor_key(session);
}

postgres::Target runtime_target(cli::ServeRequest const& request, DomainName const& domain) {
  auto target = request.targets.at(domain);
  target.role = mesh::role_name(request.mesh->name, domain, mesh::RoleKind::runtime);
  target.application = "hansa " + domain.text();
  return target;
}

void purge(cli::ServeRequest const& request, DomainName const& domain) {
  auto session = postgres::Session::open(runtime_target(request, domain));
  auto const hours = std::to_string(product::Settings{}.idempotency_kept.count());
  while (session.execute(product::purge_statement(domain), {hours}).affected() > 0) {
  }
}

// Housekeeping off the threads that serve: PostgreSQL's statistics are read now and then, kept
// answers past their day are deleted once an hour. A database that cannot be asked is tried again.
void keep_house(std::stop_token const& stop, Metrics& metrics, Observer& observer,
                cli::ServeRequest const& request) {
  std::mutex mutex;
  std::condition_variable_any wake;
  for (std::uint64_t round = 0; !stop.stop_requested(); ++round) {
    for (auto const& [domain, target] : request.targets) {
      try {
        metrics.poll(domain, target);
        if (round % rounds_an_hour == 0) purge(request, domain);
      } catch (Failure const& failure) {
        observer.observe(Notice{LogLevel::warning, "housekeeping failed", failure.what()});
      }
    }
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop, poll_pause, [] { return false; });
  }
}

api::Context context_for(cli::ServeRequest const& request, Metrics& metrics, Observer& observer,
                         std::atomic<bool> const& draining) {
  api::Context context;
  context.mesh = request.mesh.get();
  context.environment = request.environment;
  context.product.cursor_key = cursor_key(request);
  context.domains = request.domains;
  context.threads = request.threads;
  for (DomainName const& domain : request.domains)
    context.targets[domain] = runtime_target(request, domain);
  context.writes = request.environment->name == "development" ? api::Writes::loopback_only
                                                              : api::Writes::refused;
  context.observer = &observer;
  context.metrics = [&metrics] { return metrics.text(); };
  context.draining = &draining;
  return context;
}

std::unique_ptr<net::Server> server_for(api::Context const& context,
                                        cli::ServeRequest const& request, Observer& observer,
                                        net::Server const* before) {
  net::ServerOptions options;
  options.host = request.host;
  options.port = request.port;
  options.threads = context.threads;
  // The address is known only once the socket is bound; handlers are made after that, by run().
  auto const rest = [&context](async::asio::io_context& io) {
    return api::make_handler(context)(io);
  };
  auto const make = with_registry(rest, request, context, observer);
  auto server = before != nullptr ? net::Server::succeed(*before, options.limits, make, observer)
                                  : net::Server::bind(options, make, observer);
  if (!server) throw Failure(server.error());
  return *std::move(server);
}

}  // namespace

Generation::Generation(cli::ServeRequest request, Metrics& metrics, Observer& observer,
                       std::shared_ptr<void const> ground, Generation const* before)
    : request_(std::move(request)),
      metrics_(metrics),
      observer_(observer),
      context_(context_for(request_, metrics, observer, draining_)),
      events_(request_, observer, std::move(ground)) {
  context_.wrote = [this](DomainName const& domain) { events_.wrote(domain); };
  server_ =
      server_for(context_, request_, observer, before != nullptr ? before->server_.get() : nullptr);
  url_ = local_url(request_, server_->port());
  context_.public_url = request_.environment->url.empty() ? url_ : request_.environment->url;
  metrics_.know(*request_.mesh);
}

Generation::~Generation() {
  if (!runner_.joinable()) return;
  stop(std::chrono::milliseconds(0));
  runner_.join();
}

void Generation::start() {
  events_.start();
  housekeeper_ = std::jthread(
      [this](std::stop_token const& stop) { keep_house(stop, metrics_, observer_, request_); });
  runner_ = std::jthread([this] {
    try {
      server_->run();
    } catch (...) {
      failed_ = std::current_exception();
    }
    ended_ = true;
  });
}

void Generation::stop(std::chrono::milliseconds deadline) {
  draining_ = true;
  housekeeper_.request_stop();
  events_.stop();
  server_->stop(deadline);
}

void Generation::join() {
  runner_.join();
  events_.wait(events_end_max);
  if (failed_) std::rethrow_exception(failed_);
}

}  // namespace hansa::app
