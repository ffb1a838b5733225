// Notices that an apply ended in a database this program serves from.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <stop_token>
#include <string>

#include "base/ids.h"
#include "postgres/session.h"

namespace hansa::app {

// Asks every database once a second, on a thread of its own. One that cannot be asked has not
// changed; it is asked again. Its end waits for nobody: a thread that PostgreSQL keeps waiting ends
// when it may.
class AppliedWatch {
 public:
  explicit AppliedWatch(std::map<DomainName, postgres::Target> const& targets);

  // Whether it asks just the databases of `targets`. One that does is kept when the contracts
  // change: a new watch would miss an apply that ended before its first question.
  [[nodiscard]] bool watches(std::map<DomainName, postgres::Target> const& targets) const;
  // True once after an apply that ended since the last time, or since the start.
  [[nodiscard]] bool take_changed() { return state_->changed.exchange(false); }
  ~AppliedWatch() { state_->stop.request_stop(); }
  AppliedWatch(AppliedWatch const&) = delete;
  AppliedWatch& operator=(AppliedWatch const&) = delete;

 private:
  using Databases = std::map<std::string, postgres::Target>;  // by conninfo
  static Databases databases_of(std::map<DomainName, postgres::Target> const& targets);

  struct State {
    Databases databases;  // never changed once the thread runs
    std::atomic<bool> changed = false;
    std::stop_source stop;
  };
  static void watch(State& state);

  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace hansa::app
