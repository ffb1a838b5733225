// The gateway: a server of Kafka's protocol over the log, for Kafka clients as they are. It listens
// at once; one process of a mesh at a time serves, elected by a lock of PostgreSQL, and all others
// name that one to their clients. All of it runs on a thread of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "gateway/broker.h"

namespace hansa::gateway {

struct GatewayOptions {
  BrokerOptions broker;  // without a port: what it listens on, unless one is advertised
  std::string host = "127.0.0.1";
  std::uint16_t port = 9092;  // 0: the kernel's choice
  std::size_t connections_max = 2'000;
};

class Gateway {
 public:
  // Binds and listens; serves from start() on. Errors: address_in_use, io_error.
  [[nodiscard]] static Result<std::unique_ptr<Gateway>> bind(GatewayOptions options);
  virtual ~Gateway() = default;

  [[nodiscard]] virtual std::uint16_t port() const = 0;
  virtual void start() = 0;
  // Ends: requests under way get until `deadline`. Blocks until it is over.
  virtual void stop(std::chrono::milliseconds deadline) = 0;
  // The contracts are now those of `mesh`. Any thread.
  virtual void renew(std::shared_ptr<mesh::Mesh const> mesh) = 0;
  // Tables may have new events. Any thread; cheap.
  virtual void poke() noexcept = 0;
};

}  // namespace hansa::gateway
