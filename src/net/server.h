// The HTTP/1.1 server: a thread per core, each with its own io_context, acceptor (SO_REUSEPORT) and
// handler; threads share nothing. Keep-alive and pipelined requests; bounds on everything a peer
// sends.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "async/task.h"
#include "base/observe.h"
#include "base/result.h"
#include "net/http.h"

namespace hansa::net {

struct ServerLimits {
  std::size_t target_bytes_max = 8U << 10U;
  std::size_t header_bytes_max = 16U << 10U;
  std::size_t body_bytes_max = 8U << 20U;
  std::size_t connections_max = 10'000;  // per process; more are closed at accept
  std::chrono::milliseconds header_timeout{
      10'000};                                      // from first byte (or accept) to end of headers
  std::chrono::milliseconds body_timeout{60'000};   // whole body; a slow sender is cut
  std::chrono::milliseconds idle_timeout{75'000};   // between requests
  std::chrono::milliseconds write_timeout{60'000};  // without progress of a reader
};

struct ServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;   // 0: the kernel's choice, see Server::port()
  std::size_t threads = 0;  // 0: one per core
  ServerLimits limits;
};

class Server {
 public:
  // Called once per thread, on that thread's context, before it accepts.
  using MakeHandler = std::function<std::unique_ptr<Handler>(async::asio::io_context&)>;

  // Binds and listens at once; serving starts with run(). Error: address_in_use (names the holder
  // where it can be found), io_error.
  [[nodiscard]] static Result<std::unique_ptr<Server>> bind(ServerOptions options, MakeHandler make,
                                                            Observer& observer);
  // In place of `running`, which must not have been stopped yet, without a refused connection: both
  // accept from the same listening sockets, one a thread, until `running` is. Error: io_error.
  [[nodiscard]] static Result<std::unique_ptr<Server>> succeed(Server const& running,
                                                               ServerLimits limits,
                                                               MakeHandler make,
                                                               Observer& observer);
  virtual ~Server() = default;
  [[nodiscard]] virtual std::uint16_t port() const = 0;
  // Serves until stop(); blocks the calling thread, which is one of the threads.
  virtual void run() = 0;
  // Stops accepting; requests in flight get until `deadline` to end, idle connections close at
  // once. Callable from any thread, also twice.
  virtual void stop(std::chrono::milliseconds deadline) = 0;
};

}  // namespace hansa::net
