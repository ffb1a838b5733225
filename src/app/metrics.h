// Prometheus metrics: a reader of the one event type, and a poll of PostgreSQL's own statistics.
// Thread safe; the path of a request touches only counters its thread has looked up before.
#pragma once

#include <memory>
#include <string>

#include "base/observe.h"
#include "cli/command.h"

namespace hansa::app {

class Metrics final : public Observer {
 public:
  Metrics();
  ~Metrics() override;
  Metrics(Metrics const&) = delete;
  Metrics& operator=(Metrics const&) = delete;

  void observe(Event const& event) noexcept override;

  // Learns the contracts' versions, for labels, and whose events to ask for; again when another
  // mesh is served.
  void know(mesh::Mesh const& mesh);

  // The exposition format of Prometheus, version 0.0.4.
  [[nodiscard]] std::string text() const;

  // Reads pg_stat_user_tables of a domain's schema, so that SQL users count too; and, where it has
  // events, how far its topics are and how old its oldest pending one is. Blocking; throws Failure
  // when the database cannot be asked.
  void poll(DomainName const& domain, postgres::Target const& target);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// An observer that passes events on to two.
class Both final : public Observer {
 public:
  Both(Observer& first, Observer& second) : first_(first), second_(second) {}
  void observe(Event const& event) noexcept override {
    first_.observe(event);
    second_.observe(event);
  }

 private:
  Observer &first_, &second_;
};

}  // namespace hansa::app
