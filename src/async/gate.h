// Where coroutines wait for a condition without a deadline of their own: whoever may have changed
// what they wait for opens the gate, and each looks again. Any number may wait at once. Must
// outlive those who wait.
#pragma once

#include <utility>
#include <vector>

#include "async/suspended.h"

namespace hansa::async {

class Gate {
 public:
  // Wakes all who wait now, in a later turn of the loop.
  void notify() {
    for (auto& each : std::exchange(waiting_, {})) each.post(true);
  }

  template <class Condition>
  Task<void> wait(Condition condition) {
    while (!condition())
      co_await suspend<bool>([this](Suspended<bool>::Handler handler) {
        waiting_.emplace_back();
        waiting_.back().hold(std::move(handler), [] {});
      });
  }

 private:
  std::vector<Suspended<bool>> waiting_;
};

}  // namespace hansa::async
