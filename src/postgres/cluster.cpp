#include "postgres/cluster.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "postgres/cluster_place.h"
#include "postgres/cluster_process.h"
#include "postgres/session.h"

namespace hansa::postgres {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int major_min = 15;
constexpr milliseconds poll_interval{20};
constexpr std::string_view port = "5432";  // names the socket; nothing listens on TCP
constexpr std::uintmax_t log_bytes_max = 8 << 20;
std::vector<std::string> const initdb_arguments = {
    "--auth-local=trust", "--auth-host=reject", "-E", "UTF8", "--locale=C.UTF-8",
    "--data-checksums",   "--no-instructions"};
constexpr std::string_view settings_of_what_is_thrown_away =
    "fsync = off\nfull_page_writes = off\nsynchronous_commit = off\nautovacuum = off\n";

// Held while one process looks at the cluster and changes it; ends with the process.
class StartLock {
 public:
  static Result<StartLock> take(fs::path const& folder, Clock::time_point deadline) {
    StartLock lock;
    auto const file = folder / "postgres.lock";
    lock.fd_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock.fd_ < 0)
      return failure(errno == ENOSPC ? Code::disk_full : Code::io_error,
                     "cannot open " + file.string() + ": " + std::strerror(errno));
    while (::flock(lock.fd_, LOCK_EX | LOCK_NB) != 0) {
      if (Clock::now() >= deadline)
        return failure(Code::cluster_failed, "another process is starting or stopping this cluster",
                       "wait for it, or end it; " + file.string() + " is what it holds");
      std::this_thread::sleep_for(poll_interval);
    }
    return lock;
  }
  StartLock(StartLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  StartLock& operator=(StartLock&&) = delete;
  ~StartLock() {
    if (fd_ >= 0) ::close(fd_);
  }

 private:
  StartLock() = default;
  int fd_ = -1;
};

// Any failure of a program of PostgreSQL's, by what it wrote.
std::unexpected<Error> program_failure(std::string const& what, std::string_view log) {
  std::string text = what;
  if (auto const lines = last_lines(log); !lines.empty()) text.append(":\n").append(lines);
  if (log.contains("No space left on device"))
    return failure(Code::disk_full, std::move(text), "free some space and try again");
  if (log.contains("database files are incompatible with server"))
    return failure(Code::database_version, std::move(text));
  return failure(Code::cluster_failed, std::move(text));
}

int number(std::string_view text) {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Result<fs::path> program_of_major(std::string_view name, int major) {
  HANSA_TRY(auto newest, find_program(name));
  auto const exact = fs::path("/usr/lib/postgresql") / std::to_string(major) / "bin" / name;
  if (::access(exact.c_str(), X_OK) == 0) return exact;
  if (number(newest.parent_path().parent_path().filename().string()) == 0)
    return newest;  // of PATH
  return failure(
      Code::database_version,
      "the data is of PostgreSQL " + std::to_string(major) + ", found is " + newest.string(),
      "install postgresql-" + std::to_string(major) + ", or move the data with pg_upgrade");
}

Result<void> create(ClusterOptions const& options, ClusterPlace const& place,
                    Account const& account) {
  options.progress("creating the cluster");
  std::error_code error;
  if (fs::exists(place.data(), error) && !fs::is_empty(place.data(), error))
    return failure(Code::cluster_failed, place.data().string() + " is not a PostgreSQL cluster",
                   "move it away and start again");
  // Under another name until it is complete: what an interruption leaves is never taken for a
  // cluster.
  for (auto const& entry : fs::directory_iterator(place.base, error))
    if (entry.path().filename().string().starts_with("data.new"))
      fs::remove_all(entry.path(), error);
  auto const fresh = place.base / "data.new";
  HANSA_TRY(auto initdb, find_program("initdb"));
  auto arguments = initdb_arguments;
  arguments.insert(arguments.end(), {"-D", fresh.string(), "-U", options.superuser});
  if (!options.durable) arguments.emplace_back("--no-sync");
  HANSA_TRY(auto outcome, run_program(account, initdb, arguments, options.start_timeout));
  if (outcome.exit_status != 0) return program_failure("initdb failed", outcome.output);
  auto const written = std::string(cluster_settings()) +
                       (options.durable ? "" : std::string(settings_of_what_is_thrown_away));
  HANSA_CHECK_OK(write_file(fresh / "hansa.conf", written, account));
  auto const settings =
      read_file(fresh / "postgresql.conf") + "\ninclude_if_exists = 'hansa.conf'\n";
  HANSA_CHECK_OK(write_file(fresh / "postgresql.conf", settings, account));
  fs::remove(place.data(), error);
  fs::rename(fresh, place.data(), error);
  if (error)
    return failure(Code::io_error, "cannot name " + place.data().string() + ": " + error.message());
  return {};
}

// Ends what a killed postmaster left: its processes still use the shared memory, and a new server
// must not start beside them. They end by themselves when they notice; those that do not are told
// to.
Result<void> await_orphans(ClusterPlace const& place, Clock::time_point deadline) {
  auto const told = std::min(deadline, Clock::now() + std::chrono::seconds(3));
  bool asked = false;
  while (true) {
    auto const orphans = server_processes(place.data());
    if (orphans.empty()) return {};
    auto const now = Clock::now();
    if (now >= deadline)
      return failure(
          Code::cluster_failed,
          "process " + std::to_string(orphans.front()) + " of a killed server still runs",
          "end it, then start again");
    if (now >= told && !std::exchange(asked, true))
      for (int const pid : orphans) ::kill(pid, SIGQUIT);
    std::this_thread::sleep_for(poll_interval);
  }
}

void limit_log(ClusterPlace const& place) {
  std::error_code error;
  auto const old = place.base / "postgres.log.1";
  if (fs::file_size(place.log_file(), error) > log_bytes_max && !error)
    fs::rename(place.log_file(), old, error);
}

ClusterState state_of(ClusterPlace const& place, PidFile const& file, std::string_view database,
                      std::string_view superuser) {
  return {.conninfo = socket_conninfo(file.socket_folder, file.port, database, superuser),
          .data = place.data(),
          .socket_folder = file.socket_folder,
          .log_file = place.log_file(),
          .pid = file.pid};
}

PidFile pid_file(ClusterPlace const& place) {
  return parse_pid_file(read_file(place.data() / "postmaster.pid"));
}

// Waits until the server answers. `child` is its pid if it was started here.
Result<Session> await_answer(std::string const& conninfo, ClusterPlace const& place, int child,
                             std::uintmax_t log_from, Clock::time_point deadline) {
  while (true) {
    std::string reason;
    try {
      return Session::open({.conninfo = conninfo}, std::chrono::seconds(5));
    } catch (Failure const& refused) {
      reason = refused.error().detail;
    }
    if (child != 0 && reap(child)) {
      auto const log = read_file(place.log_file());
      return program_failure(
          "PostgreSQL did not start",
          std::string_view(log).substr(std::min<std::size_t>(log_from, log.size())));
    }
    if (child == 0 && !is_postmaster(pid_file(place).pid, place.data()))
      return failure(Code::not_running, "PostgreSQL ended: " + reason);
    if (Clock::now() >= deadline)
      return program_failure("PostgreSQL does not answer: " + reason, read_file(place.log_file()));
    std::this_thread::sleep_for(poll_interval);
  }
}

Result<void> ensure_database(Session& session, std::string const& name) {
  try {
    if (session.execute("select from pg_database where datname = $1", {name}).size() == 0)
      session.execute("create database " + quote_name(name) +
                      " template template0 encoding 'UTF8'");
    return {};
  } catch (Failure const& refused) {
    return std::unexpected(refused.error());
  }
}

Result<ClusterState> finish(ClusterOptions const& options, ClusterPlace const& place,
                            Account const& account, ClusterState::Found found, int child,
                            std::uintmax_t log_from, Clock::time_point deadline) {
  auto const file = pid_file(place);
  auto const sockets =
      file.socket_folder.empty() ? place.socket_folder() : fs::path(file.socket_folder);
  auto const first = socket_conninfo(sockets, port, "postgres", options.superuser);
  HANSA_TRY(auto session, await_answer(first, place, child, log_from, deadline));
  HANSA_CHECK_OK(ensure_database(session, options.database));
  HANSA_CHECK_OK(
      write_file(place.names_file(), options.database + "\n" + options.superuser + "\n", account));
  auto state = state_of(place, pid_file(place), options.database, options.superuser);
  state.found = found;
  return state;
}

// Starts the server over existing data. Requires the lock and that no postmaster lives.
Result<ClusterState> start(ClusterOptions const& options, ClusterPlace const& place,
                           Account const& account, bool created, Clock::time_point deadline) {
  int const major = number(read_file(place.data() / "PG_VERSION"));
  if (major < major_min)
    return failure(Code::database_version, "the data is of PostgreSQL " + std::to_string(major),
                   "move it to PostgreSQL 15 or newer with pg_upgrade");
  HANSA_TRY(auto postgres, program_of_major("postgres", major));
  auto const stale_file = place.data() / "postmaster.pid";
  std::error_code error;
  bool const crashed = fs::exists(stale_file, error);
  options.progress(crashed ? "recovering" : "starting");
  // Also without the file: it may have been removed by hand under living processes.
  HANSA_CHECK_OK(await_orphans(place, deadline));
  // PostgreSQL would refuse to start if another program, or a killed one that nobody has reaped
  // yet, has the old number.
  fs::remove(stale_file, error);
  fs::remove(place.socket_folder() / (".s.PGSQL." + std::string(port) + ".lock"), error);
  HANSA_CHECK_OK(make_private_folder(place.socket_folder(), account));
  limit_log(place);
  auto const log_size = fs::file_size(place.log_file(), error);
  auto const log_from = error ? 0 : log_size;
  HANSA_TRY(int child, start_program(account, postgres,
                                     {"-D", place.data().string(), "-k",
                                      place.socket_folder().string(), "-p", std::string(port)},
                                     place.log_file()));
  using Found = ClusterState::Found;
  auto const found = created ? Found::created : crashed ? Found::recovered : Found::started;
  return finish(options, place, account, found, child, log_from, deadline);
}

}  // namespace

Result<fs::path> find_program(std::string_view name) {
  std::vector<std::pair<int, fs::path>> found;
  std::error_code error;
  for (auto const& entry : fs::directory_iterator("/usr/lib/postgresql", error)) {
    int const major = number(entry.path().filename().string());
    auto const program = entry.path() / "bin" / name;
    if (major >= major_min && ::access(program.c_str(), X_OK) == 0)
      found.emplace_back(major, program);
  }
  if (!found.empty()) return std::ranges::max(found).second;
  char const* const path = std::getenv("PATH");
  for (std::string_view rest = path ? path : ""; !rest.empty();) {
    auto const end = rest.find(':');
    auto const program = fs::path(rest.substr(0, end)) / name;
    if (program.is_absolute() && ::access(program.c_str(), X_OK) == 0) return program;
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
  return failure(Code::missing_program,
                 "PostgreSQL's program `" + std::string(name) + "` is not installed",
                 "install it: apt-get install postgresql");
}

Result<ClusterState> start_cluster(ClusterOptions const& options) {
  auto const deadline = Clock::now() + options.start_timeout;
  HANSA_TRY(auto account, account_for_postgres());
  std::error_code error;
  fs::create_directories(options.folder, error);
  if (error)
    return failure(Code::io_error,
                   "cannot make " + options.folder.string() + ": " + error.message());
  HANSA_TRY(auto lock, StartLock::take(options.folder, deadline));
  auto place = find_place(options.folder);
  bool const created = !place || !fs::exists(place->data() / "PG_VERSION", error);
  if (created) {
    HANSA_TRY(place, make_place(options.folder, account));
    HANSA_CHECK_OK(create(options, *place, account));
  }
  // One that this process started and somebody killed: as a zombie it would hold its pid for ever.
  if (int const pid = pid_file(*place).pid; pid > 0) static_cast<void>(reap(pid));
  if (is_postmaster(pid_file(*place).pid, place->data())) {
    auto adopted = finish(options, *place, account, ClusterState::Found::adopted, 0, 0, deadline);
    // One that was just shutting down when it was found is started anew.
    if (adopted || adopted.error().code != Code::not_running) return adopted;
  }
  return start(options, *place, account, created, deadline);
}

Result<void> stop_cluster(fs::path const& folder, milliseconds timeout) {
  auto const deadline = Clock::now() + timeout;
  if (!find_place(folder)) return {};
  HANSA_TRY(auto lock, StartLock::take(folder, deadline));
  auto const place = find_place(folder);
  int const pid = place ? pid_file(*place).pid : 0;
  if (!place || !is_postmaster(pid, place->data())) return {};
  if (::kill(pid, SIGINT) != 0 && errno != ESRCH)
    return failure(Code::cluster_failed,
                   "cannot stop PostgreSQL: " + std::string(std::strerror(errno)));
  while (!reap(pid) && is_postmaster(pid, place->data())) {
    if (Clock::now() >= deadline)
      return program_failure("PostgreSQL did not stop in time", read_file(place->log_file()));
    std::this_thread::sleep_for(poll_interval);
  }
  return {};
}

std::optional<ClusterState> find_cluster(fs::path const& folder) {
  auto const place = find_place(folder);
  if (!place) return std::nullopt;
  auto const file = pid_file(*place);
  if (!is_postmaster(file.pid, place->data())) return std::nullopt;
  std::string const names = read_file(place->names_file());
  auto const line = names.find('\n');
  if (line == std::string::npos) return std::nullopt;
  auto const database = names.substr(0, line);
  auto const superuser = names.substr(line + 1, names.find('\n', line + 1) - line - 1);
  auto state = state_of(*place, file, database, superuser);
  state.found = ClusterState::Found::adopted;
  return state;
}

}  // namespace hansa::postgres
