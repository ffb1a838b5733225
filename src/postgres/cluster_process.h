// Programs of PostgreSQL as processes: run to the end, started for good, found again. Blocking.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace hansa::postgres {

// As whom PostgreSQL's programs run: the caller itself, or as root the system user `postgres`.
struct Account {
  uid_t user = 0;
  gid_t group = 0;
  std::vector<gid_t> groups;
  std::string home = "/";
  bool change = false;  // false: the process stays who it is
};
// Error: missing_program when root finds no user `postgres`.
[[nodiscard]] Result<Account> account_for_postgres();

struct Outcome {
  int exit_status = 0;  // 128 + signal for a killed one
  std::string output;   // the last 64 KB of stdout and stderr
};

// Runs `program` with `arguments` without a shell, in `/`, with a small fixed environment. Errors:
// missing_program, cluster_failed when `timeout` passes (the program is then killed).
[[nodiscard]] Result<Outcome> run_program(Account const& account,
                                          std::filesystem::path const& program,
                                          std::vector<std::string> const& arguments,
                                          std::chrono::milliseconds timeout);

// Starts `program` in a session of its own, its output appended to `log_file`, and returns its pid.
// It outlives this process and does not hear the terminal's Ctrl-C.
[[nodiscard]] Result<int> start_program(Account const& account,
                                        std::filesystem::path const& program,
                                        std::vector<std::string> const& arguments,
                                        std::filesystem::path const& log_file);

// Whether `account` may pass through `folder` and all its parents.
[[nodiscard]] bool reachable(Account const& account, std::filesystem::path const& folder);

// A live process that is the postmaster of `data`: known by its working folder and its name.
[[nodiscard]] bool is_postmaster(int pid, std::filesystem::path const& data);
// Every server process that works in `data`, the postmaster included.
[[nodiscard]] std::vector<int> server_processes(std::filesystem::path const& data);

// Takes note of the end of a child. True if `pid` was a child of ours and has ended.
[[nodiscard]] bool reap(int pid);

}  // namespace hansa::postgres
