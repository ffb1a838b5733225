#include "postgres/temporary_cluster.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <system_error>

#include "postgres/cluster.h"
#include "postgres/cluster_place.h"

namespace hansa::postgres {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view prefix = "hansa-scratch-";

Failure file_failure(fs::path const& file) {
  return {Code::io_error, "cannot make " + file.string() + ": " + std::strerror(errno),
          "TMPDIR names the folder for temporary files"};
}

fs::path make_folder() {
  auto pattern = (fs::temp_directory_path() / prefix).string() + "XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) throw file_failure(pattern);
  // As root, PostgreSQL runs as another user, who has to pass through.
  if (::geteuid() == 0) ::chmod(pattern.c_str(), 0711);
  return pattern;
}

// The lock has its name only once it is held, so that nobody finds it free while we live.
int take_lock(fs::path const& folder) {
  auto const fresh = folder / "lock.new";
  int const fd = ::open(fresh.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  bool const taken = fd >= 0 && ::flock(fd, LOCK_EX | LOCK_NB) == 0 &&
                     ::rename(fresh.c_str(), (folder / "lock").c_str()) == 0;
  if (taken) return fd;
  auto failure = file_failure(fresh);
  if (fd >= 0) ::close(fd);
  throw failure;
}

void destroy(fs::path const& folder) noexcept {
  std::error_code error;
  try {
    static_cast<void>(stop_cluster(folder));
    if (auto const place = find_place(folder)) {
      fs::remove_all(place->socket_folder(), error);
      fs::remove_all(place->base, error);
    }
  } catch (std::exception const&) {
    // What is left is found by the next one.
  }
  fs::remove_all(folder, error);
}

bool is_ours(fs::path const& folder) {
  struct stat info{};
  return ::lstat(folder.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == ::geteuid();
}

void remove_abandoned() {
  std::error_code error;
  for (auto const& entry : fs::directory_iterator(fs::temp_directory_path(), error)) {
    auto const& folder = entry.path();
    if (!folder.filename().string().starts_with(prefix) || !is_ours(folder)) continue;
    int const fd = ::open((folder / "lock").c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) continue;
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) destroy(folder);
    ::close(fd);
  }
}

}  // namespace

TemporaryCluster::TemporaryCluster(std::function<void(std::string_view)> progress) {
  remove_abandoned();
  folder_ = make_folder();
  try {
    lock_ = take_lock(folder_);
    ClusterOptions options;
    options.folder = folder_;
    options.durable = false;
    options.progress = std::move(progress);
    auto const state = start_cluster(options);
    if (!state) throw Failure(state.error());
    conninfo_ = state->conninfo;
  } catch (...) {
    destroy(folder_);
    if (lock_ >= 0) ::close(lock_);
    throw;
  }
}

TemporaryCluster::~TemporaryCluster() {
  destroy(folder_);
  ::close(lock_);
}

}  // namespace hansa::postgres
