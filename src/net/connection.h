// One accepted connection: reads requests, asks the handler, writes answers, one after the other.
// Lives in its worker's list and runs on its worker's thread. It waits for no timer of its own:
// each phase has a deadline, and the worker's sweep cuts those that are late.
#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "net/listen.h"
#include "net/request_parser.h"
#include "net/response_head.h"

namespace hansa::net {

class Worker;

// Bytes received and not yet consumed. Small while idle, grows on need, shrinks when it is empty.
class ReceiveBuffer {
 public:
  static constexpr std::size_t bytes_min = 2U << 10U;

  [[nodiscard]] std::string_view unread() const { return {bytes_.get() + begin_, end_ - begin_}; }
  void consume(std::size_t bytes);
  // Room behind the unread bytes; at least `wanted` after the call.
  [[nodiscard]] async::asio::mutable_buffer prepare(std::size_t wanted);
  void commit(std::size_t bytes) { end_ += bytes; }
  void shrink();

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

class Connection {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  Connection(Worker& worker, Socket socket, async::asio::ip::tcp::endpoint const& peer);

  // Serves until either side is done; the socket is closed when it ends. Never throws.
  async::Task<void> serve();
  // Called by the worker's sweep: interrupts what is late.
  void sweep(TimePoint now);
  // The server is stopping: a connection between two requests closes.
  void drain();
  // Closes at once, whatever is going on.
  void cut();

 private:
  enum class Phase : std::uint8_t { idle, head, body, handling, writing, lingering };
  enum class Received : std::uint8_t { request, refusal, nothing };

  async::Task<Received> receive();
  async::Task<bool> fill();
  async::Task<bool> answer(Request request);
  async::Task<bool> send(Response response, Method method);
  async::Task<bool> send_stream(BodyStream stream, Framing framing);
  async::Task<bool> write(std::string_view first, std::string_view second = {},
                          std::string_view third = {});
  async::Task<void> refuse(Refusal refusal);
  async::Task<void> linger();
  void enter(Phase phase, std::chrono::milliseconds allowed);
  void reset_on_close();
  [[nodiscard]] Persistence persistence() const;

  Worker& worker_;
  Socket socket_;
  std::string peer_;
  bool peer_is_loopback_ = false;
  bool keep_alive_ = true;
  bool http10_ = false;
  bool late_ = false;
  Phase phase_ = Phase::idle;
  TimePoint deadline_ = TimePoint::max();
  std::uint64_t requests_ = 0;
  RequestParser parser_;
  Refusal refusal_;
  ReceiveBuffer received_;
  std::string head_;  // of the answer; reused
};

}  // namespace hansa::net
