#include "cli/detach.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>

#include "base/result.h"
#include "cli/terminal.h"

namespace hansa::cli {
namespace {

constexpr char ready_mark = '\x04';
constexpr std::uintmax_t log_bytes_max = 64U << 20U;

// Copies to standard output until the end of the pipe. True if the mark came last.
bool copy_until_ready(int from) {
  std::array<char, 4096> piece{};
  bool ready = false;
  for (;;) {
    auto const got = ::read(from, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return ready;
    std::string_view text{piece.data(), static_cast<std::size_t>(got)};
    ready = text.ends_with(ready_mark);
    if (ready) text.remove_suffix(1);
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
  }
}

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int run_child(int pipe, std::function<int(Detachment&)> const& work) {
  ::setsid();
  int const nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(pipe, STDOUT_FILENO);
  Detachment detachment{pipe};
  try {
    return work(detachment);
  } catch (Failure const& failure) {
    fmt::print(stderr, "{}", to_people(failure.error(), Colour::off));
    return info(failure.error().code).exit_status;
  } catch (std::exception const& error) {
    fmt::print(stderr, "{}", to_people({Code::internal, error.what()}, Colour::off));
    return 1;
  }
}

}  // namespace

LogFile::LogFile(std::filesystem::path const& file) {
  std::error_code error;
  if (std::filesystem::file_size(file, error) > log_bytes_max && !error)
    std::filesystem::rename(file, std::filesystem::path{file}.concat(".1"), error);
  fd_ = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd_ < 0)
    throw Failure(Code::io_error, fmt::format("{}: {}", file.string(), std::strerror(errno)));
}

LogFile::~LogFile() { ::close(fd_); }

void Detachment::ready(int log_fd) {
  std::fflush(stdout);
  std::fflush(stderr);
  std::ignore = ::write(pipe_, &ready_mark, 1);
  ::dup2(log_fd, STDOUT_FILENO);
  ::dup2(log_fd, STDERR_FILENO);
  ::close(pipe_);
}

int detach(std::function<int(Detachment&)> const& work) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    throw Failure(Code::io_error, fmt::format("no pipe: {}", std::strerror(errno)));
  std::fflush(stdout);
  std::fflush(stderr);
  pid_t const child = ::fork();
  if (child < 0) throw Failure(Code::io_error, fmt::format("no process: {}", std::strerror(errno)));
  if (child == 0) {
    ::close(ends[0]);
    int const status = run_child(ends[1], work);
    std::fflush(stdout);
    std::fflush(stderr);
    ::_exit(status);
  }
  ::close(ends[1]);
  bool const ready = copy_until_ready(ends[0]);
  ::close(ends[0]);
  return ready ? 0 : wait_for(child);
}

}  // namespace hansa::cli
