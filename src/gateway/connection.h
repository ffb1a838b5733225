// One connection of a Kafka client: frames in, frames out, in their order. Produce requests overlap
// (the next is read while one is being written), all others wait until what came before them is
// answered, as with Apache Kafka. Lives in the server's list, on its thread; it keeps no timer of
// its own: each phase has a deadline, and the server's sweep cuts those that are late.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "async/gate.h"
#include "gateway/broker.h"
#include "gateway/call.h"
#include "net/listen.h"

namespace hansa::gateway {

class Connection {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  Connection(Broker& broker, net::Socket socket, Peer peer);

  // Serves until either side is done and nothing is under way. Never throws.
  async::Task<void> serve();
  // Cuts what is late.
  void sweep(TimePoint now);
  // The server is stopping: what is under way is answered, nothing new is read.
  void drain();
  void cut();

 private:
  // An answer in the order of its request.
  struct Slot {
    bool ready = false;
    std::string bytes;  // with its length; empty: none is sent
  };

  async::Task<bool> read(char* to, std::size_t bytes, std::chrono::milliseconds allowed);
  async::Task<bool> read_body(Frame& frame, std::size_t bytes);
  async::Task<std::optional<Call>> receive();
  async::Task<bool> answer(Call call);
  async::Task<void> end_produce(std::shared_ptr<Call> call, PreparedProduce prepared,
                                std::shared_ptr<Slot> slot);
  void fill(Slot& slot, Call& call);
  async::Task<void> send();
  async::Task<void> settled();

  Broker& broker_;
  net::Socket socket_;
  Peer peer_;
  async::Gate changed_;  // a slot was filled, sent or taken away; reading ended
  std::deque<std::shared_ptr<Slot>> slots_;
  std::size_t under_way_ = 0;  // coroutines besides serve()
  bool reading_ = true;
  bool broken_ = false;
  TimePoint read_deadline_ = TimePoint::max(), write_deadline_ = TimePoint::max();
};

}  // namespace hansa::gateway
