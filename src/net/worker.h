// One thread of the server: its io_context, listening socket, handler and connections. Everything
// but stop() runs on the thread that called run(); the only state threads share is Shared.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <string>

#include "base/observe.h"
#include "net/connection.h"
#include "net/listen.h"
#include "net/server.h"

namespace hansa::net {

struct Shared {
  ServerLimits limits;
  Observer& observer;
  std::atomic<std::size_t> connections{0};
};

class Worker {
 public:
  // Takes ownership of the listening descriptor.
  Worker(Shared& shared, async::asio::ip::tcp protocol, int descriptor);
  ~Worker();
  Worker(Worker const&) = delete;
  Worker& operator=(Worker const&) = delete;

  // Makes the handler and serves until stopped. Throws what `make` throws.
  void run(Server::MakeHandler const& make);
  // Callable from any thread, before run() too. A second call may only bring the end nearer.
  void stop(std::chrono::milliseconds deadline);

  // For the worker's connections.
  [[nodiscard]] ServerLimits const& limits() const { return shared_.limits; }
  [[nodiscard]] Handler& handler() const { return *handler_; }
  [[nodiscard]] bool draining() const { return draining_; }
  [[nodiscard]] std::string_view date() const { return date_; }

 private:
  async::Task<void> accept();
  async::Task<void> sweep();
  async::Task<void> serve(std::list<Connection>::iterator connection);
  void admit(Socket socket, async::asio::ip::tcp::endpoint const& peer);
  void drain(std::chrono::steady_clock::time_point cut_at);
  void end_if_drained();
  void refresh_date();

  Shared& shared_;
  async::asio::io_context context_{1};
  Acceptor acceptor_;
  async::Timer sweep_timer_;
  async::Timer accept_pause_;
  std::list<Connection> connections_;
  std::unique_ptr<Handler> handler_;
  std::string date_;
  std::int64_t date_seconds_ = 0;
  bool draining_ = false;
  std::chrono::steady_clock::time_point cut_at_ = std::chrono::steady_clock::time_point::max();
};

}  // namespace hansa::net
