// The input ports of one domain at work in one process. Processes that serve the same domain share
// its ports: each takes its fair part of the leases, and what one leaves another takes.
//
// run() blocks its thread until stopped; poke() is open to all. Failures are observed and tried
// again. A port that halts does not hold up its neighbours, but a reaction that runs does: ports of
// a domain take turns.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/observe.h"
#include "events/log_source.h"
#include "events/reactor.h"
#include "mesh/mesh.h"
#include "postgres/session.h"

namespace hansa::events {

struct PortsOptions {
  mesh::Mesh const* mesh = nullptr;
  DomainName domain;
  // Databases of all domains, as the role that applies; this domain's, and those of its topics.
  std::map<DomainName, postgres::Target> targets;
  Observer* observer = &silent_observer();
  ReactorOptions reactor = {};
  std::chrono::milliseconds idle_max{20};        // between looks, where others sequence
  std::chrono::milliseconds idle_told_max{200};  // where this process does: see set_told()
  std::chrono::milliseconds lease_pause{250};    // between looks at the leases
  std::chrono::milliseconds retry_min{1000};     // of a port that halted; doubled every time
  std::chrono::milliseconds retry_max{60'000};
};

class Ports {
 public:
  explicit Ports(PortsOptions options);
  ~Ports();
  Ports(Ports const&) = delete;
  Ports& operator=(Ports const&) = delete;

  void run(std::stop_token stop);
  // There may be something to read.
  void poke() noexcept;
  // Whether a poke tells of every new event, because this process sequences them; else others do,
  // and looking tells. Any thread.
  void set_told(bool told) noexcept { told_ = told; }

 private:
  struct Port;
  struct Reader;  // of one database
  void connect();
  void lose(std::string_view reason) noexcept;
  void share_leases();
  [[nodiscard]] std::size_t fair_part();
  void take(Port& port);
  void leave(Port& port) noexcept;
  [[nodiscard]] bool work();
  [[nodiscard]] bool run_port(Port& port);
  void report(Port const& port, Round const& round, Duration elapsed) const;
  void report_lags();
  [[nodiscard]] Reader& reader_of(mesh::Subscription const& subscription);
  void sleep(std::stop_token const& stop, std::chrono::milliseconds pause);

  PortsOptions options_;
  std::int32_t log_lock_;
  std::unique_ptr<postgres::Session> session_;
  std::map<std::string, std::unique_ptr<Reader>> readers_;  // by conninfo
  std::vector<std::unique_ptr<Port>> ports_;
  std::chrono::steady_clock::time_point leases_at_{}, lags_at_{};

  std::atomic<bool> poked_ = false, told_ = false;
  std::mutex mutex_;
  std::condition_variable_any wake_;
};

}  // namespace hansa::events
