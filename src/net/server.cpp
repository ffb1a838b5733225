#include "net/server.h"

#include <sys/resource.h>
#include <unistd.h>

#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "net/listen.h"
#include "net/worker.h"

namespace hansa::net {

namespace {

// A soft limit on descriptors below what the connections need is raised as far as it may be.
void raise_descriptor_limit(std::size_t connections_max) {
  static constexpr rlim_t others = 1024;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  auto const wanted = std::min<rlim_t>(connections_max + others, limit.rlim_max);
  if (limit.rlim_cur >= wanted) return;
  limit.rlim_cur = wanted;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

class ThreadedServer final : public Server {
 public:
  ThreadedServer(ServerLimits const& limits, MakeHandler make, Observer& observer,
                 Listeners const& listeners)
      : shared_{.limits = limits, .observer = observer},
        make_(std::move(make)),
        listeners_(listeners) {
    for (auto const descriptor : listeners.descriptors) {
      workers_.push_back(
          std::make_unique<Worker>(shared_, listeners.endpoint.protocol(), descriptor));
    }
  }

  [[nodiscard]] std::uint16_t port() const override { return listeners_.endpoint.port(); }
  [[nodiscard]] Listeners const& listeners() const { return listeners_; }

  void run() override {
    std::vector<std::thread> threads;
    for (std::size_t i = 1; i < workers_.size(); ++i) {
      threads.emplace_back([this, i] { run_one(*workers_[i]); });
    }
    run_one(*workers_.front());
    for (auto& thread : threads) thread.join();
    if (failed_) std::rethrow_exception(failed_);
  }

  void stop(std::chrono::milliseconds deadline) override {
    for (auto const& worker : workers_) worker->stop(deadline);
  }

 private:
  void run_one(Worker& worker) {
    try {
      worker.run(make_);
    } catch (...) {
      std::lock_guard const lock(failed_mutex_);
      if (!failed_) failed_ = std::current_exception();
      stop(std::chrono::milliseconds(0));
    }
  }

  Shared shared_;
  MakeHandler make_;
  Listeners const listeners_;  // owned by the workers, until they are stopped
  std::vector<std::unique_ptr<Worker>> workers_;
  std::mutex failed_mutex_;
  std::exception_ptr failed_;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::succeed(Server const& running, ServerLimits limits,
                                                MakeHandler make, Observer& observer) {
  auto const& before = static_cast<ThreadedServer const&>(running);
  HANSA_TRY(auto const listeners, duplicate(before.listeners()));
  return std::make_unique<ThreadedServer>(limits, std::move(make), observer, listeners);
}

Result<std::unique_ptr<Server>> Server::bind(ServerOptions options, MakeHandler make,
                                             Observer& observer) {
  auto threads = options.threads;
  if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
  raise_descriptor_limit(options.limits.connections_max);
  HANSA_TRY(auto const listeners, listen(options.host, options.port, threads));
  return std::make_unique<ThreadedServer>(options.limits, std::move(make), observer, listeners);
}

}  // namespace hansa::net
