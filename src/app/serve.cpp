#include "app/serve.h"

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "api/api.h"
#include "app/log.h"
#include "app/metrics.h"
#include "delivery/delivery.h"
#include "net/server.h"
#include "product/idempotency.h"

namespace hansa::app {
namespace {

constexpr auto drain_max = std::chrono::seconds(5);
constexpr auto poll_pause = std::chrono::seconds(15);
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
    throw Failure(Code::schema_too_new, "this database was never prepared for the mesh",
                  "run `hansa apply` with the same folder and environment first");
  return delivery::cursor_key(session);
}

// Waits for SIGINT or SIGTERM, which every other thread has blocked, then drains the server.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGINT);
    sigaddset(&set_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set_, &before_);
  }
  ~Signals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  Signals(Signals const&) = delete;
  Signals& operator=(Signals const&) = delete;

  // True when one came, false when `timeout` passed.
  [[nodiscard]] bool wait(std::chrono::milliseconds timeout) const {
    timespec const limit{timeout.count() / 1000, (timeout.count() % 1000) * 1'000'000};
    return sigtimedwait(&set_, nullptr, &limit) > 0;
  }

 private:
  sigset_t set_{}, before_{};
};

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
  context.mesh = request.mesh;
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

}  // namespace

int serve(cli::ServeRequest const& request) {
  Signals const signals;
  Metrics metrics(*request.mesh);
  JsonLog log({.fd = request.log_fd, .requests = request.log_requests}, system_clock());
  Both observer(log, metrics);
  std::atomic<bool> draining = false;
  auto context = context_for(request, metrics, observer, draining);
  net::ServerOptions options;
  options.host = request.host;
  options.port = request.port;
  options.threads = request.threads;
  // The address is known only once the socket is bound; handlers are made after that, by run().
  auto const make = [&context](async::asio::io_context& io) {
    return api::make_handler(context)(io);
  };
  auto server = net::Server::bind(options, make, observer);
  if (!server) throw Failure(server.error());
  auto const url = local_url(request, (*server)->port());
  context.public_url = request.environment->url.empty() ? url : request.environment->url;
  std::jthread const housekeeper(
      [&](std::stop_token const& stop) { keep_house(stop, metrics, observer, request); });
  std::atomic<bool> ended = false;
  std::jthread const stopper([&] {
    while (!ended && !signals.wait(std::chrono::milliseconds(200))) {
    }
    draining = true;
    observer.observe(Notice{LogLevel::info, "draining", {}});
    (*server)->stop(drain_max);
  });
  observer.observe(Notice{LogLevel::info, "listening", url});
  if (request.listening) request.listening(url);
  (*server)->run();
  ended = true;
  observer.observe(Notice{LogLevel::info, "stopped", {}});
  return 0;
}

}  // namespace hansa::app
