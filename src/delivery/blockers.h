// Who keeps a session waiting for a lock, asked from another session while it waits. Owns a thread
// and a connection for as long as it lives; never throws: without an answer there is just no name
// to give.
#pragma once

#include <memory>
#include <string>

#include "postgres/session.h"

namespace hansa::delivery {

class BlockerWatch {
 public:
  BlockerWatch(postgres::Target const& target, int waiting_pid);
  ~BlockerWatch();
  BlockerWatch(BlockerWatch const&) = delete;
  BlockerWatch& operator=(BlockerWatch const&) = delete;

  // "pid 4711 (alice, psql, since 12:00:01): select ..."; empty if nobody was seen.
  [[nodiscard]] std::string seen() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hansa::delivery
