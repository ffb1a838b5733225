// Everything that moves events in one process: a sequencer and the upkeep of the log for each
// database, and the input ports of each domain, on threads of their own.
#pragma once

#include <chrono>
#include <memory>

#include "base/observe.h"
#include "cli/command.h"

namespace hansa::app {

class EventService {
 public:
  // Does nothing yet. `ground` keeps the observer alive for threads that outlive this object
  // because PostgreSQL keeps them waiting.
  EventService(cli::ServeRequest const& request, Observer& observer,
               std::shared_ptr<void const> ground);
  ~EventService() { stop(); }
  EventService(EventService const&) = delete;
  EventService& operator=(EventService const&) = delete;

  void start();
  // Asks all to end, and returns at once. What a reaction has not committed is undone, and done by
  // whoever takes over.
  void stop() noexcept;
  // Waits for the end after stop(), but no longer than `limit`: what PostgreSQL keeps waiting is
  // left behind.
  void wait(std::chrono::milliseconds limit);
  // A transaction of ours may have appended events of `domain`. Any thread; cheap.
  void wrote(DomainName const& domain) noexcept;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace hansa::app
