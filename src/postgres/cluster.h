// The private PostgreSQL of `hansa up`: a cluster in a folder, reached by a unix socket only.
// Blocking.
//
// PostgreSQL refuses to run as root: as root, the cluster belongs to the system user `postgres` and
// lies where that user can reach it. The server outlives this object and this process: stop() ends
// it.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "base/result.h"

namespace hansa::postgres {

struct ClusterOptions {
  std::filesystem::path folder;    // DIR/.hansa; holds `postgres/` or a pointer to where it lies
  std::string database = "hansa";  // created if missing
  std::string superuser = "hansa";
  std::chrono::milliseconds start_timeout{60000};
  bool durable = true;  // false: rows do not survive a crash of the machine, but all is faster
  // Called with a short phrase as each stage starts: "creating the cluster", "starting",
  // "recovering".
  std::function<void(std::string_view)> progress = [](std::string_view) {};
};

struct ClusterState {
  enum class Found : std::uint8_t { created, started, recovered, adopted };
  Found found{};
  std::string conninfo;  // host=<socket folder> port=... dbname=... user=...
  std::filesystem::path data, socket_folder, log_file;
  int pid = 0;  // of the postmaster
};

// Brings the cluster up: creates it if absent, adopts a running one, recovers a crashed one (a
// stale postmaster.pid is told from a live one by the process itself). Two callers at once: one
// waits. Errors: missing_program (with the package to install), cluster_failed (with the log's last
// lines), disk_full, database_version (data of another major).
[[nodiscard]] Result<ClusterState> start_cluster(ClusterOptions const& options);

// Fast shutdown; waits. No error when it is not running.
[[nodiscard]] Result<void> stop_cluster(
    std::filesystem::path const& folder,
    std::chrono::milliseconds timeout = std::chrono::seconds(30));

// The running cluster of `folder`, if any.
[[nodiscard]] std::optional<ClusterState> find_cluster(std::filesystem::path const& folder);

// PostgreSQL's own programs, newest supported major first in /usr/lib/postgresql/*/bin, then PATH.
[[nodiscard]] Result<std::filesystem::path> find_program(std::string_view name);

}  // namespace hansa::postgres
