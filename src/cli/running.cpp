#include "cli/running.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>

#include "json/value.h"

namespace hansa::cli {
namespace {

namespace fs = std::filesystem;

fs::path lock_file(fs::path const& folder) { return folder / "up.lock"; }
fs::path state_file(fs::path const& folder) { return folder / "state.json"; }

int open_lock(fs::path const& folder) {
  int const fd = ::open(lock_file(folder).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0)
    throw Failure(Code::io_error,
                  fmt::format("{}: {}", lock_file(folder).string(), std::strerror(errno)),
                  "the folder must be writable");
  return fd;
}

int pid_in(int fd) {
  std::array<char, 16> text{};
  auto const got = ::pread(fd, text.data(), text.size(), 0);
  int pid = 0;
  if (got > 0) std::from_chars(text.data(), text.data() + got, pid);
  return pid;
}

std::string text_member(json::Value const& document, std::string_view name) {
  auto const* const member = document.find(name);
  return member != nullptr && member->as_string() != nullptr ? *member->as_string() : std::string{};
}

}  // namespace

Result<RunLock> RunLock::take(fs::path const& folder) {
  RunLock lock{open_lock(folder)};
  if (::flock(lock.fd_, LOCK_EX | LOCK_NB) != 0) {
    auto const state = read_state(folder);
    return failure(Code::already_running,
                   fmt::format("process {} runs this mesh already{}", pid_in(lock.fd_),
                               state ? " at " + state->url : std::string{}),
                   "`hansa down` stops it");
  }
  auto const pid = fmt::format("{}\n", ::getpid());
  if (::ftruncate(lock.fd_, 0) != 0 || ::pwrite(lock.fd_, pid.data(), pid.size(), 0) < 0)
    throw Failure(Code::io_error,
                  fmt::format("{}: {}", lock_file(folder).string(), std::strerror(errno)));
  return lock;
}

RunLock::RunLock(RunLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

RunLock& RunLock::operator=(RunLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

RunLock::~RunLock() {
  if (fd_ >= 0) ::close(fd_);
}

std::optional<int> lock_holder(fs::path const& folder) {
  std::error_code ignored;
  if (!fs::exists(lock_file(folder), ignored)) return std::nullopt;
  int const fd = open_lock(folder);
  bool const is_free = ::flock(fd, LOCK_EX | LOCK_NB) == 0;
  int const pid = pid_in(fd);
  ::close(fd);
  if (is_free) return std::nullopt;
  return pid;
}

bool wait_until_free(fs::path const& folder, std::chrono::milliseconds timeout) {
  auto const end = std::chrono::steady_clock::now() + timeout;
  while (lock_holder(folder)) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

void write_state(fs::path const& folder, RunState const& state) {
  auto const document = json::object({{"pid", json::integer(state.pid)},
                                      {"url", json::text(state.url)},
                                      {"kafka", json::text(state.kafka)},
                                      {"registry", json::text(state.registry)},
                                      {"conninfo", json::text(state.conninfo)},
                                      {"greeting", json::text(state.greeting)}});
  auto const fresh = state_file(folder).concat(".new");
  std::ofstream out(fresh, std::ios::trunc);
  out << json::to_pretty_text(document) << "\n";
  out.close();
  if (!out) throw Failure(Code::io_error, fmt::format("{} cannot be written", fresh.string()));
  fs::rename(fresh, state_file(folder));
}

std::optional<RunState> read_state(fs::path const& folder) {
  std::ifstream in(state_file(folder));
  if (!in) return std::nullopt;
  std::stringstream text;
  text << in.rdbuf();
  auto const document = json::parse(text.str());
  if (!document) return std::nullopt;
  RunState state;
  if (auto const* const pid = document->find("pid");
      pid != nullptr && pid->as_number() != nullptr) {
    auto const& digits = pid->as_number()->digits;
    std::from_chars(digits.data(), digits.data() + digits.size(), state.pid);
  }
  state.url = text_member(*document, "url");
  state.kafka = text_member(*document, "kafka");
  state.registry = text_member(*document, "registry");
  state.conninfo = text_member(*document, "conninfo");
  state.greeting = text_member(*document, "greeting");
  return state;
}

void remove_state(fs::path const& folder) {
  std::error_code ignored;
  fs::remove(state_file(folder), ignored);
}

}  // namespace hansa::cli
