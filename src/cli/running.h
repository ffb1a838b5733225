// The mark a running `hansa up` leaves in DIR/.hansa: a lock it holds for its life, and a small
// file that says where it answers. Blocking; small files only.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"

namespace hansa::cli {

// Held by one process at a time (flock); released by the kernel when it ends, however it ends.
class RunLock {
 public:
  // Error: already_running, with the holder's pid and, if known, its address.
  [[nodiscard]] static Result<RunLock> take(std::filesystem::path const& state_folder);
  RunLock(RunLock&& other) noexcept;
  RunLock& operator=(RunLock&& other) noexcept;
  ~RunLock();

 private:
  explicit RunLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

// The pid that holds the lock of `state_folder`; nullopt when nobody does.
[[nodiscard]] std::optional<int> lock_holder(std::filesystem::path const& state_folder);
// Waits for the lock to be free; false when `timeout` passed first.
[[nodiscard]] bool wait_until_free(std::filesystem::path const& state_folder,
                                   std::chrono::milliseconds timeout);

// state.json: where the running mesh answers.
struct RunState {
  int pid = 0;
  std::string url;       // "http://localhost:8000"
  std::string kafka;     // "localhost:9092"; empty: it takes no Kafka clients
  std::string registry;  // "http://localhost:8081"; likewise
  std::string conninfo;  // of the private cluster; empty when PostgreSQL is not ours
  std::string greeting;  // the lines `up` ended in, for a second `up --detach`
};
void write_state(std::filesystem::path const& state_folder, RunState const& state);
[[nodiscard]] std::optional<RunState> read_state(std::filesystem::path const& state_folder);
void remove_state(std::filesystem::path const& state_folder);

}  // namespace hansa::cli
