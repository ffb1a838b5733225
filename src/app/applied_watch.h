// Notices that an apply ended in a database this program serves from.
#pragma once

#include <atomic>
#include <map>
#include <string>
#include <thread>

#include "base/ids.h"
#include "postgres/session.h"

namespace hansa::app {

// Asks every database once a second, on a thread of its own. One that cannot be asked has not
// changed; it is asked again.
class AppliedWatch {
 public:
  explicit AppliedWatch(std::map<DomainName, postgres::Target> const& targets);

  // True once after an apply that ended since the last time, or since the start.
  [[nodiscard]] bool take_changed() { return changed_.exchange(false); }

 private:
  void watch(std::stop_token const& stop);

  std::map<std::string, postgres::Target> databases_;  // by conninfo
  std::atomic<bool> changed_ = false;
  std::jthread thread_;
};

}  // namespace hansa::app
