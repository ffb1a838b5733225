// The gateway of a program, beside the generations of its REST server: Kafka clients stay connected
// when contracts change. Thread safe.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "base/observe.h"
#include "cli/command.h"
#include "gateway/gateway.h"

namespace hansa::app {

class GatewayService {
 public:
  // Binds; does not serve yet. A port that nobody asked for and somebody else has is done without,
  // and said in the log. Throws Failure: address_in_use, io_error.
  GatewayService(cli::ServeRequest const& request, Observer& observer);
  ~GatewayService();
  GatewayService(GatewayService const&) = delete;
  GatewayService& operator=(GatewayService const&) = delete;

  // "localhost:9092"; empty: there is none.
  [[nodiscard]] std::string const& address() const { return address_; }
  void start();
  // The contracts are now those of `mesh`.
  void renew(std::shared_ptr<mesh::Mesh const> mesh);
  // Tables have new events. Cheap.
  void poke() noexcept;
  void stop(std::chrono::milliseconds deadline);

 private:
  std::string address_;
  std::mutex mutex_;  // of the next one, which ends while others poke
  std::unique_ptr<gateway::Gateway> gateway_;
};

// Tells a gateway of events that were sequenced in this process.
class SequencedWatch final : public Observer {
 public:
  void observe(Event const& event) noexcept override;
  // nullptr: nobody wants to know.
  void tell(GatewayService* gateway);

 private:
  std::mutex mutex_;
  GatewayService* gateway_ = nullptr;
};

}  // namespace hansa::app
