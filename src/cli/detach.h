// Going to the background and telling the one who waits in front how it went.
#pragma once

#include <filesystem>
#include <functional>

namespace hansa::cli {

// An append-only file for JSON log lines, made 0600; one older generation is kept beside it.
class LogFile {
 public:
  explicit LogFile(std::filesystem::path const& file);
  ~LogFile();
  LogFile(LogFile const&) = delete;
  LogFile& operator=(LogFile const&) = delete;
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_ = -1;
};

// The background side's way to say it is ready.
class Detachment {
 public:
  explicit Detachment(int pipe) : pipe_(pipe) {}
  // The waiting process returns 0; from now on standard output and error go to `log_fd`.
  void ready(int log_fd);

 private:
  int pipe_;
};

// Forks; requires that no thread was started. In front: copies what the other side prints until it
// is ready (returns 0) or ends (returns its exit status). In the background, in a session of its
// own: runs `work` and exits with its status; never returns.
[[nodiscard]] int detach(std::function<int(Detachment&)> const& work);

}  // namespace hansa::cli
