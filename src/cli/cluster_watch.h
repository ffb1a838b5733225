// Keeps the private PostgreSQL of a running mesh alive: one whose postmaster was killed is started
// again within a second or two, as a service manager would.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>

#include "base/result.h"

namespace hansa::cli {

// Watches from construction to destruction, on a thread of its own that takes no signals.
class ClusterWatch {
 public:
  // `told` is called on that thread after each start: nullptr when it went well, else why not; the
  // next try follows a pause.
  ClusterWatch(std::filesystem::path state_folder, std::function<void(Error const*)> told);
  ~ClusterWatch();
  ClusterWatch(ClusterWatch const&) = delete;
  ClusterWatch& operator=(ClusterWatch const&) = delete;

 private:
  void watch(std::stop_token const& stop);

  std::filesystem::path state_folder_;
  std::function<void(Error const*)> told_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace hansa::cli
