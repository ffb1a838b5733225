#include "app/serve.h"

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <list>

#include "app/applied_watch.h"
#include "app/generation.h"
#include "app/log.h"

namespace hansa::app {
namespace {

constexpr auto drain_max = std::chrono::seconds(5);
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

// The generations of one program: one that serves, and those before it that still drain.
class Serving {
 public:
  Serving(cli::ServeRequest request, Observer& observer, Metrics& metrics)
      : observer_(observer), metrics_(metrics) {
    current_ = std::make_unique<Generation>(std::move(request), metrics_, observer_, nullptr);
  }

  [[nodiscard]] Generation& current() { return *current_; }

  // Serves the folder as it is now, if it is right and applied; else goes on and says why.
  void renew() {
    try {
      auto next = std::make_unique<Generation>(current_->request().reload(), metrics_, observer_,
                                               current_.get());
      next->start();
      current_->stop(retire_max);
      retiring_.push_back(std::exchange(current_, std::move(next)));
      observer_.observe(Notice{LogLevel::info, "serving the folder as it is now", {}});
    } catch (Failure const& failure) {
      observer_.observe(
          Notice{LogLevel::warning, "still serving the contracts before", failure.what()});
    }
  }

  void forget_ended() {
    std::erase_if(retiring_, [](auto const& generation) { return generation->ended(); });
  }

  void end() {
    current_->stop(drain_max);
    for (auto const& generation : retiring_) generation->stop(drain_max);
    current_->join();
  }

 private:
  Observer& observer_;
  Metrics& metrics_;
  std::unique_ptr<Generation> current_;
  std::list<std::unique_ptr<Generation>> retiring_;
};

}  // namespace

int serve(cli::ServeRequest const& request) {
  Signals const signals;
  Metrics metrics;
  JsonLog log({.fd = request.log_fd, .requests = request.log_requests}, system_clock());
  Both observer(log, metrics);
  Serving serving(request, observer, metrics);
  AppliedWatch watch(request.targets);
  serving.current().start();
  auto const url = serving.current().url();
  observer.observe(Notice{LogLevel::info, "listening", url});
  if (request.listening) request.listening(url);
  for (Said said{}; said != Said::end && !serving.current().ended();) {
    said = signals.wait(signal_pause);
    if (said == Said::reload || (watch.take_changed() && said != Said::end)) serving.renew();
    serving.forget_ended();
  }
  observer.observe(Notice{LogLevel::info, "draining", {}});
  serving.end();
  observer.observe(Notice{LogLevel::info, "stopped", {}});
  return 0;
}

}  // namespace hansa::app
