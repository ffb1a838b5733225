// A server on a free port with a handler of a few known routes, and a client of raw bytes, for
// tests. Every wait of the client has a deadline, after which the test fails.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "net/server.h"

namespace hansa::net {

struct RawAnswer {
  int status = 0;
  std::string head;
  std::string body;  // by Content-Length
};

class Client {
 public:
  explicit Client(std::uint16_t port);
  ~Client();
  Client(Client&& other) noexcept;
  Client& operator=(Client&&) = delete;

  void send(std::string_view bytes);
  void finish_sending();
  // What came up to and with `end`. Fails the test at the end of the stream.
  std::string read_until(std::string_view end);
  RawAnswer read_answer();
  // What comes until the server closes, by whatever means.
  std::string read_all();

 private:
  bool receive();
  int descriptor_ = -1;
  std::string unread_;
};

// 8 MiB that no socket buffer holds.
std::string const& large_body();

// Counts connections; tests wait on it instead of on time.
class ConnectionCount final : public Observer {
 public:
  void observe(Event const& event) noexcept override;
  [[nodiscard]] bool wait_for(std::int64_t count);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::int64_t count_ = 0;
};

// Routes: /echo and any other (method, target, body), /length, /large, /stream/N, /broken, and
// /hold, which is answered when release() is called.
class RunningServer {
 public:
  explicit RunningServer(ServerLimits const& limits = {.body_bytes_max = 1U << 20U},
                         std::size_t threads = 2);
  ~RunningServer();
  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  [[nodiscard]] Server& server() { return *server_; }
  // In place of `before`, which goes on until it is stopped.
  explicit RunningServer(RunningServer const& before);
  void wait_for_connections(std::int64_t count);
  // How many requests wait in /hold.
  void wait_for_held(std::size_t count);
  void release();
  // Waits until run() has returned.
  void join();

 private:
  struct Held;
  [[nodiscard]] Server::MakeHandler handlers() const;
  void start(Result<std::unique_ptr<Server>> server);
  std::shared_ptr<Held> held_;
  ConnectionCount connections_;
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

}  // namespace hansa::net
