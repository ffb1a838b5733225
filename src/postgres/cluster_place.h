// Where a private cluster lies on disk, and what its small files say.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "postgres/cluster.h"
#include "postgres/cluster_process.h"

namespace hansa::postgres {

struct ClusterPlace {
  std::filesystem::path base;  // of the account that runs PostgreSQL, 0700
  [[nodiscard]] std::filesystem::path data() const { return base / "data"; }
  [[nodiscard]] std::filesystem::path log_file() const { return base / "postgres.log"; }
  [[nodiscard]] std::filesystem::path names_file() const { return base / "names"; }
  // Beside the data, or under /tmp where a socket's path would be longer than 107 bytes.
  [[nodiscard]] std::filesystem::path socket_folder() const;
};

// The place that `folder` holds or points to; nullopt if it has none yet. No writes.
[[nodiscard]] std::optional<ClusterPlace> find_place(std::filesystem::path const& folder);
// Makes the place: under `folder` where `account` can reach it, else under /var/lib/hansa with a
// pointer file in `folder`. Errors: io_error, disk_full.
[[nodiscard]] Result<ClusterPlace> make_place(std::filesystem::path const& folder,
                                              Account const& account);
// Makes `folder`, or checks that it belongs to `account` and nobody else may enter.
[[nodiscard]] Result<void> make_private_folder(std::filesystem::path const& folder,
                                               Account const& account);
// Writes a file of `account`'s.
[[nodiscard]] Result<void> write_file(std::filesystem::path const& file, std::string_view text,
                                      Account const& account);
// The whole text of a small file; empty if it cannot be read. At most 1 MB, its end.
[[nodiscard]] std::string read_file(std::filesystem::path const& file);

// What stands in postmaster.pid.
struct PidFile {
  int pid = 0;
  std::string port, socket_folder;
};
[[nodiscard]] PidFile parse_pid_file(std::string_view text);

// Settings of the cluster, as hansa.conf.
[[nodiscard]] std::string_view cluster_settings();
// A conninfo with its values quoted.
[[nodiscard]] std::string socket_conninfo(std::filesystem::path const& socket_folder,
                                          std::string_view port, std::string_view database,
                                          std::string_view user);
// The last lines of a log, at most 12.
[[nodiscard]] std::string last_lines(std::string_view log);

}  // namespace hansa::postgres
