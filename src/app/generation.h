// One mesh being served: its server, its threads, its housekeeping. When contracts change, the next
// generation takes over the listening sockets and this one drains.
#pragma once

#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <thread>

#include "api/api.h"
#include "app/event_service.h"
#include "app/metrics.h"
#include "cli/command.h"
#include "net/server.h"

namespace hansa::app {

class Generation {
 public:
  // Binds, or shares the sockets of `before`. Blocks for one question to PostgreSQL. Throws
  // Failure: address_in_use, database_unreachable, not_applied.
  // `ground` keeps metrics and observer alive.
  Generation(cli::ServeRequest request, Metrics& metrics, Observer& observer,
             std::shared_ptr<void const> ground, Generation const* before);
  ~Generation();
  Generation(Generation const&) = delete;
  Generation& operator=(Generation const&) = delete;

  // Serves on threads of its own.
  void start();
  // Ends serving: requests in flight get until `deadline`. Returns at once; ended() tells when.
  void stop(std::chrono::milliseconds deadline);
  [[nodiscard]] bool ended() const { return ended_; }
  // Waits for the end; throws what ended it, if it was not stop().
  void join();

  [[nodiscard]] cli::ServeRequest const& request() const { return request_; }
  [[nodiscard]] std::string const& url() const { return url_; }

 private:
  cli::ServeRequest const request_;
  Metrics& metrics_;
  Observer& observer_;
  api::Context context_;
  std::string url_;
  std::atomic<bool> draining_ = false;
  std::atomic<bool> ended_ = false;
  std::exception_ptr failed_;
  EventService events_;
  std::unique_ptr<net::Server> server_;
  std::jthread housekeeper_;
  std::jthread runner_;
};

}  // namespace hansa::app
