#include "postgres/cluster_process.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>

namespace hansa::postgres {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
constexpr std::size_t output_max = 64 * 1024;

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor const&) = delete;
  Descriptor& operator=(Descriptor const&) = delete;
  [[nodiscard]] int get() const { return fd_; }
  void reset(int fd = -1) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
  }

 private:
  int fd_;
};

// Everything a child needs, made before fork(): between fork() and exec() only async-signal-safe
// calls are allowed, since other threads may hold any lock.
struct Launch {
  Launch(Account const& who, fs::path const& program, std::vector<std::string> const& arguments)
      : account(who), path(program.string()), texts(arguments), home("HOME=" + who.home) {
    argv.push_back(path.data());
    for (std::string& text : texts) argv.push_back(text.data());
    argv.push_back(nullptr);
    environment = {home.data(), path_variable.data(), locale.data(), nullptr};
  }

  [[noreturn]] void exec(int output, bool own_session) {
    if (own_session) ::setsid();
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    for (int const signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGCHLD, SIGUSR1, SIGUSR2})
      ::signal(signal, SIG_DFL);
    int const null = ::open("/dev/null", O_RDONLY);
    bool const ready = null >= 0 && ::dup2(null, 0) >= 0 && ::dup2(output, 1) >= 0 &&
                       ::dup2(output, 2) >= 0 && ::close_range(3, ~0U, 0) == 0 &&
                       ::chdir("/") == 0 && become();
    ::umask(077);
    if (ready) ::execve(path.c_str(), argv.data(), environment.data());
    ::_exit(127);
  }

  [[nodiscard]] bool become() const {
    if (!account.change) return true;
    return ::setgroups(account.groups.size(), account.groups.data()) == 0 &&
           ::setresgid(account.group, account.group, account.group) == 0 &&
           ::setresuid(account.user, account.user, account.user) == 0;
  }

  Account const& account;
  std::string path;
  std::vector<std::string> texts;
  std::string home;
  std::string path_variable = "PATH=/usr/local/bin:/usr/bin:/bin";
  std::string locale = "LC_ALL=C.UTF-8";
  std::vector<char*> argv;
  std::array<char*, 4> environment{};
};

std::unexpected<Error> system_failure(std::string const& what) {
  auto const code = errno == ENOSPC ? Code::disk_full : Code::io_error;
  return failure(code, what + ": " + std::strerror(errno));
}

int exit_status(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

// Reads to the end of `fd`; false when `deadline` passes first.
bool drain(int fd, Clock::time_point deadline, std::string& output) {
  std::array<char, 4096> buffer;
  while (true) {
    auto const left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    pollfd wait{.fd = fd, .events = POLLIN, .revents = 0};
    if (::poll(&wait, 1, static_cast<int>(left)) <= 0) continue;
    auto const count = ::read(fd, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return true;
    output.append(buffer.data(), static_cast<std::size_t>(count));
    if (output.size() > 2 * output_max) output.erase(0, output.size() - output_max);
  }
}

bool works_in(int pid, fs::path const& data) {
  std::error_code error;
  auto const folder = fs::read_symlink("/proc/" + std::to_string(pid) + "/cwd", error);
  return !error && folder == data;
}

// Arguments as the process shows them; server processes but the postmaster show "postgres: ..." .
std::string command_line(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/cmdline");
  return {std::istreambuf_iterator<char>(file), {}};
}

fs::path resolved(fs::path const& data) {
  std::error_code error;
  auto path = fs::canonical(data, error);
  return error ? data : path;
}

}  // namespace

Result<Account> account_for_postgres() {
  Account account;
  if (::geteuid() != 0) return account;
  passwd const* const entry = ::getpwnam("postgres");
  if (!entry)
    return failure(Code::missing_program,
                   "PostgreSQL does not run as root, and there is no user `postgres`",
                   "install the package postgresql, or run as an ordinary user");
  account = {.user = entry->pw_uid, .group = entry->pw_gid, .home = entry->pw_dir, .change = true};
  int count = 64;
  account.groups.resize(static_cast<std::size_t>(count));
  if (::getgrouplist("postgres", entry->pw_gid, account.groups.data(), &count) < 0) count = 0;
  account.groups.resize(static_cast<std::size_t>(count));
  return account;
}

Result<Outcome> run_program(Account const& account, fs::path const& program,
                            std::vector<std::string> const& arguments,
                            std::chrono::milliseconds timeout) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return system_failure("cannot make a pipe");
  Descriptor const reading(ends[0]);
  Descriptor writing(ends[1]);
  Launch launch(account, program, arguments);
  pid_t const pid = ::fork();
  if (pid < 0) return system_failure("cannot start " + program.string());
  if (pid == 0) launch.exec(writing.get(), false);
  writing.reset();
  Outcome outcome;
  bool const ended = drain(reading.get(), Clock::now() + timeout, outcome.output);
  if (!ended) ::kill(pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!ended)
    return failure(Code::cluster_failed,
                   program.string() + " did not end in time: " + outcome.output);
  outcome.exit_status = exit_status(status);
  if (outcome.exit_status == 127 && outcome.output.empty())
    return failure(Code::missing_program, program.string() + " cannot be executed");
  return outcome;
}

Result<int> start_program(Account const& account, fs::path const& program,
                          std::vector<std::string> const& arguments, fs::path const& log_file) {
  Descriptor const log(
      ::open(log_file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (log.get() < 0) return system_failure("cannot write " + log_file.string());
  if (account.change && ::fchown(log.get(), account.user, account.group) != 0)
    return system_failure("cannot give away " + log_file.string());
  Launch launch(account, program, arguments);
  pid_t const pid = ::fork();
  if (pid < 0) return system_failure("cannot start " + program.string());
  if (pid == 0) launch.exec(log.get(), true);
  return pid;
}

bool reachable(Account const& account, fs::path const& folder) {
  if (!account.change) return true;
  std::string const path = folder.string();
  Launch const launch(account, "/", {});
  pid_t const pid = ::fork();
  if (pid == 0) ::_exit(launch.become() && ::access(path.c_str(), X_OK) == 0 ? 0 : 1);
  int status = 1;
  while (pid > 0 && ::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return pid > 0 && exit_status(status) == 0;
}

bool is_postmaster(int pid, fs::path const& data) {
  if (pid <= 1 || !works_in(pid, resolved(data))) return false;
  auto const text = command_line(pid);
  std::string_view const name(text.c_str());
  return !name.contains(':') && (name == "postgres" || name.ends_with("/postgres"));
}

std::vector<int> server_processes(fs::path const& data) {
  std::vector<int> found;
  auto const folder = resolved(data);
  std::error_code error;
  for (auto const& entry : fs::directory_iterator("/proc", error)) {
    auto const name = entry.path().filename().string();
    int pid = 0;
    auto const [end, wrong] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (wrong != std::errc() || end != name.data() + name.size()) continue;
    if (works_in(pid, folder) && command_line(pid).contains("postgres")) found.push_back(pid);
  }
  return found;
}

bool reap(int pid) {
  int status = 0;
  return ::waitpid(pid, &status, WNOHANG) == pid;
}

}  // namespace hansa::postgres
