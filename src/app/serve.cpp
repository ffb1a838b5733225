#include "app/serve.h"

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "app/applied_watch.h"
#include "app/contract_schemas.h"
#include "app/gateway_service.h"
#include "app/generation.h"
#include "app/log.h"
#include "app/registry_service.h"

namespace hansa::app {
namespace {

constexpr auto drain_max = std::chrono::seconds(5);
constexpr auto gateway_drain_max = std::chrono::milliseconds(500);
constexpr auto retire_max = std::chrono::seconds(30);  // streams of the contracts before
constexpr auto signal_pause = std::chrono::milliseconds(200);

enum class Said : std::uint8_t { nothing, reload, end };

// SIGINT and SIGTERM end the program. SIGHUP asks a service to read the folder anew, and tells a
// program on a terminal that its terminal is gone. Blocked in every thread, they are waited for by
// one.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGINT);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set_, &before_);
  }
  ~Signals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  Signals(Signals const&) = delete;
  Signals& operator=(Signals const&) = delete;

  // From now on a signal ends the program at once.
  void let_through() {
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
    pthread_sigmask(SIG_UNBLOCK, &set_, nullptr);
  }

  [[nodiscard]] Said wait(std::chrono::milliseconds timeout) const {
    timespec const limit{timeout.count() / 1000, (timeout.count() % 1000) * 1'000'000};
    int const number = sigtimedwait(&set_, nullptr, &limit);
    if (number <= 0) return Said::nothing;
    return number == SIGHUP && !on_terminal_ ? Said::reload : Said::end;
  }

 private:
  bool const on_terminal_ = ::isatty(STDIN_FILENO) != 0;
  sigset_t set_{}, before_{};
};

// What all generations share. Kept alive by every thread that may outlive the program's end,
// because PostgreSQL keeps it waiting.
struct Ground {
  explicit Ground(cli::ServeRequest const& request)
      : log({.fd = request.log_fd, .requests = request.log_requests}, system_clock()) {}
  Metrics metrics;
  JsonLog log;
  SequencedWatch sequenced;
  Both counted{log, metrics};
  Both observer{counted, sequenced};
};

// A next generation in the making: reading the folder and asking PostgreSQL may take their time,
// signals must not wait for them.
class Renewal {
 public:
  Renewal(std::shared_ptr<Ground> ground, std::shared_ptr<Generation> before)
      : state_(std::make_shared<State>()) {
    std::thread([state = state_, ground = std::move(ground), before = std::move(before)] {
      try {
        state->next = std::make_shared<Generation>(before->request().reload(), ground->metrics,
                                                   ground->observer, ground, before.get());
      } catch (std::exception const& error) {
        state->failure = error.what();
      }
      state->done = true;
    }).detach();
  }
  [[nodiscard]] bool done() const { return state_->done; }
  // Once done: the generation, or nothing and why.
  [[nodiscard]] std::shared_ptr<Generation> take() { return std::move(state_->next); }
  [[nodiscard]] std::string const& failure() const { return state_->failure; }

 private:
  struct State {
    std::atomic<bool> done = false;
    std::shared_ptr<Generation> next;
    std::string failure;
  };
  std::shared_ptr<State> state_;
};

// The generations of one program: one that serves, at most two before it that still drain, and one
// in the making.
class Serving {
 public:
  Serving(cli::ServeRequest request, std::shared_ptr<Ground> ground)
      : ground_(std::move(ground)),
        current_(std::make_shared<Generation>(std::move(request), ground_->metrics,
                                              ground_->observer, ground_, nullptr)),
        registry_(current_->request(), ground_->observer),
        gateway_(current_->request(), ground_->observer),
        watch_(std::in_place, current_->request().targets) {
    ground_->sequenced.tell(&gateway_);
  }
  ~Serving() { ground_->sequenced.tell(nullptr); }
  Serving(Serving const&) = delete;
  Serving& operator=(Serving const&) = delete;

  [[nodiscard]] cli::Addresses addresses() const {
    return {.url = current_->url(), .kafka = gateway_.address(), .registry = registry_.url()};
  }
  void start() {
    announce(current_->request());
    current_->start();
    registry_.start();
    gateway_.start();
  }

  [[nodiscard]] Generation& current() { return *current_; }

  // Call now and then. Serves the folder as it is now, if it is right and applied, when somebody
  // asked for it or an apply ended; else goes on and says why.
  void tend(bool asked) {
    wanted_ = wanted_ || asked || watch_->take_changed();
    if (renewal_ && renewal_->done()) finish_renewal();
    if (wanted_ && !renewal_) {
      wanted_ = false;
      renewal_.emplace(ground_, current_);
    }
    std::erase_if(retiring_, [](auto const& generation) { return generation->ended(); });
  }

  void end() {
    gateway_.stop(gateway_drain_max);
    registry_.stop(gateway_drain_max);
    current_->stop(drain_max);
    for (auto const& generation : retiring_) generation->stop(drain_max);
    current_->join();
  }

 private:
  static constexpr std::size_t retiring_max = 2;

  // A contract's schema that is not in the registry yet is nobody's hindrance to be served.
  void announce(cli::ServeRequest const& request) {
    try {
      if (request.databases.empty()) return;
      auto session = postgres::Session::open(request.system);
      register_contracts(session, *request.mesh);
    } catch (Failure const& failure) {
      ground_->observer.observe(
          Notice{LogLevel::warning, "the contracts' schemas are not registered", failure.what()});
    }
  }

  void finish_renewal() {
    auto next = renewal_->take();
    auto const failure = renewal_->failure();
    renewal_.reset();
    try {
      if (next) return succeed(std::move(next));
      ground_->observer.observe(
          Notice{LogLevel::warning, "still serving the contracts before", failure});
    } catch (std::exception const& error) {
      ground_->observer.observe(
          Notice{LogLevel::error, "still serving the contracts before", error.what()});
    }
  }

  void succeed(std::shared_ptr<Generation> next) {
    next->start();
    announce(next->request());
    gateway_.renew(next->request().mesh);
    current_->stop(retire_max);
    retiring_.push_back(std::exchange(current_, std::move(next)));
    // Each holds connections: who reads slowly through many changes is cut in the end.
    for (std::size_t old = 0; old + retiring_max < retiring_.size(); ++old)
      retiring_[old]->stop(std::chrono::milliseconds(0));
    if (!watch_->watches(current_->request().targets)) watch_.emplace(current_->request().targets);
    ground_->observer.observe(Notice{LogLevel::info, "serving the folder as it is now", {}});
  }

  std::shared_ptr<Ground> ground_;
  std::shared_ptr<Generation> current_;
  std::vector<std::shared_ptr<Generation>> retiring_;  // the oldest first
  RegistryService registry_;
  GatewayService gateway_;
  std::optional<AppliedWatch> watch_;
  std::optional<Renewal> renewal_;
  bool wanted_ = false;
};

}  // namespace

int serve(cli::ServeRequest const& request) {
  Signals signals;
  auto const ground = std::make_shared<Ground>(request);
  auto& observer = ground->observer;
  Serving serving(request, ground);
  auto const addresses = serving.addresses();
  observer.observe(Notice{LogLevel::info, "listening", addresses.url});
  if (!addresses.kafka.empty())
    observer.observe(Notice{LogLevel::info, "listening for Kafka clients", addresses.kafka});
  if (!addresses.registry.empty())
    observer.observe(Notice{LogLevel::info, "schema registry", addresses.registry});
  if (request.listening) request.listening(addresses);
  serving.start();
  for (Said said{}; said != Said::end && !serving.current().ended();) {
    said = signals.wait(signal_pause);
    if (said != Said::end) serving.tend(said == Said::reload);
  }
  signals.let_through();
  observer.observe(Notice{LogLevel::info, "draining", {}});
  serving.end();
  observer.observe(Notice{LogLevel::info, "stopped", {}});
  return 0;
}

}  // namespace hansa::app
