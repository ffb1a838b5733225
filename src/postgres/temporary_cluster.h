// A private PostgreSQL for one run of one command: made in the folder for temporary files, reached
// by a unix socket only, and gone with the object. Blocking.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace hansa::postgres {

class TemporaryCluster {
 public:
  // Removes first what killed processes of this user left behind. `progress` as of ClusterOptions.
  // Throws Failure: the errors of start_cluster(), io_error.
  explicit TemporaryCluster(std::function<void(std::string_view)> progress);
  ~TemporaryCluster();
  TemporaryCluster(TemporaryCluster const&) = delete;
  TemporaryCluster& operator=(TemporaryCluster const&) = delete;

  [[nodiscard]] std::string const& conninfo() const { return conninfo_; }  // of a superuser
  [[nodiscard]] std::filesystem::path const& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
  int lock_ = -1;  // held while we live; a folder whose lock is free was abandoned
  std::string conninfo_;
};

}  // namespace hansa::postgres
