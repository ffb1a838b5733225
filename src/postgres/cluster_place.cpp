#include "postgres/cluster_place.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <fstream>

namespace hansa::postgres {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view pointer_name = "postgres.location";
constexpr std::string_view shared_root = "/var/lib/hansa";
constexpr std::size_t socket_path_max = 107;
constexpr std::string_view socket_name = "/.s.PGSQL.5432.lock";

// FNV-1a: names a folder in a path, guards nothing.
std::string digest(std::string_view text) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (char const c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  std::array<char, 16> hex{};
  auto const end = std::to_chars(hex.data(), hex.data() + hex.size(), hash, 16).ptr;
  return {hex.data(), end};
}

std::unexpected<Error> file_failure(std::string const& what) {
  auto const code = errno == ENOSPC || errno == EDQUOT ? Code::disk_full : Code::io_error;
  return failure(code, what + ": " + std::strerror(errno));
}

// Shares of a host or a network know neither our owner nor fsync as PostgreSQL needs them.
bool holds_databases(fs::path const& folder) {
  constexpr std::array<std::uint32_t, 7> unfit{
      0x01021997U /* 9p */, 0x6969U /* NFS */,      0x65735546U /* FUSE */,
      0x4d44U /* FAT */,    0xff534d42U /* CIFS */, 0x786f4256U /* vboxsf */,
      0xfe534d42U /* SMB2 */};
  struct statfs info{};
  if (::statfs(folder.c_str(), &info) != 0) return false;
  return std::ranges::find(unfit, static_cast<std::uint32_t>(info.f_type)) == unfit.end();
}

// The folder by its real name, so that one folder has one digest.
fs::path real(fs::path const& folder) {
  std::error_code error;
  auto path = fs::weakly_canonical(folder, error);
  return error ? fs::absolute(folder) : path;
}

}  // namespace

fs::path ClusterPlace::socket_folder() const {
  auto beside = base / "socket";
  if (beside.string().size() + socket_name.size() <= socket_path_max) return beside;
  return "/tmp/hansa-" + digest(base.string());
}

std::optional<ClusterPlace> find_place(fs::path const& folder) {
  std::error_code error;
  auto const own = real(folder) / "postgres";
  if (fs::is_directory(own / "data", error)) return ClusterPlace{own};
  std::string text = read_file(real(folder) / pointer_name);
  while (text.ends_with('\n')) text.pop_back();
  fs::path const base(text);
  // The file may come from anyone: only places of ours count.
  if (base.parent_path() != shared_root || base.filename() == "..") return std::nullopt;
  if (fs::is_directory(base / "data", error)) return ClusterPlace{base};
  return std::nullopt;
}

Result<ClusterPlace> make_place(fs::path const& folder, Account const& account) {
  auto const own = real(folder);
  if (!account.change || (reachable(account, own) && holds_databases(own))) {
    ClusterPlace const place{own / "postgres"};
    HANSA_CHECK_OK(make_private_folder(place.base, account));
    return place;
  }
  std::error_code error;
  fs::create_directories(shared_root, error);
  if (error)
    return failure(Code::io_error,
                   "cannot make " + std::string(shared_root) + ": " + error.message());
  fs::permissions(shared_root, fs::perms(0755), error);
  ClusterPlace const place{fs::path(shared_root) / digest(own.string())};
  HANSA_CHECK_OK(make_private_folder(place.base, account));
  HANSA_CHECK_OK(write_file(own / pointer_name, place.base.string() + "\n", {}));
  return place;
}

Result<void> make_private_folder(fs::path const& folder, Account const& account) {
  uid_t const owner = account.change ? account.user : ::geteuid();
  if (::mkdir(folder.c_str(), 0700) == 0) {
    if (account.change && ::lchown(folder.c_str(), account.user, account.group) != 0)
      return file_failure("cannot give away " + folder.string());
    return {};
  }
  if (errno != EEXIST) return file_failure("cannot make " + folder.string());
  struct stat info{};
  if (::lstat(folder.c_str(), &info) != 0) return file_failure("cannot look at " + folder.string());
  if (!S_ISDIR(info.st_mode) || info.st_uid != owner)
    return failure(Code::io_error, folder.string() + " belongs to someone else",
                   "remove it, or run as its owner");
  if ((info.st_mode & 077) != 0 && ::chmod(folder.c_str(), 0700) != 0)
    return file_failure("cannot close " + folder.string());
  return {};
}

Result<void> write_file(fs::path const& file, std::string_view text, Account const& account) {
  int const fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return file_failure("cannot write " + file.string());
  bool const good = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                    (!account.change || ::fchown(fd, account.user, account.group) == 0);
  auto const outcome = good ? Result<void>() : file_failure("cannot write " + file.string());
  ::close(fd);
  return outcome;
}

std::string read_file(fs::path const& file) {
  constexpr std::streamoff bytes_max = 1 << 20;
  std::ifstream stream(file, std::ios::binary | std::ios::ate);
  if (!stream) return {};
  auto const size = static_cast<std::streamoff>(stream.tellg());
  stream.seekg(std::max<std::streamoff>(0, size - bytes_max));
  return {std::istreambuf_iterator<char>(stream), {}};
}

PidFile parse_pid_file(std::string_view text) {
  PidFile file;
  for (int line = 1; !text.empty(); ++line) {
    auto const end = text.find('\n');
    auto const part = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line == 1) std::from_chars(part.data(), part.data() + part.size(), file.pid);
    if (line == 4) file.port = part;
    if (line == 5) file.socket_folder = part;
  }
  return file;
}

std::string_view cluster_settings() {
  return R"(# Written by hansa at creation; yours belong below the include in postgresql.conf.
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 128MB
wal_level = replica
fsync = on
max_wal_size = 1GB
# Server messages without the statements of users: those may hold personal data.
logging_collector = off
log_destination = 'stderr'
log_min_messages = log
log_min_error_statement = panic
log_checkpoints = off
log_line_prefix = '%m [%p] '
log_timezone = 'UTC'
timezone = 'UTC'
)";
}

std::string socket_conninfo(fs::path const& socket_folder, std::string_view port,
                            std::string_view database, std::string_view user) {
  // Plain values stay plain: people paste this between quotes of a shell.
  auto const quoted = [](std::string_view text) {
    if (!text.empty() && text.find_first_of(" '\\\t\n") == std::string_view::npos)
      return std::string(text);
    std::string value = "'";
    for (char const c : text) {
      if (c == '\'' || c == '\\') value.push_back('\\');
      value.push_back(c);
    }
    return value + "'";
  };
  return "host=" + quoted(socket_folder.string()) + " port=" + quoted(port) +
         " dbname=" + quoted(database) + " user=" + quoted(user);
}

std::string last_lines(std::string_view log) {
  while (log.ends_with('\n')) log.remove_suffix(1);
  std::size_t start = log.size();
  for (int lines = 0; lines < 12 && start != std::string_view::npos && start > 0; ++lines)
    start = log.rfind('\n', start - 1);
  if (start == std::string_view::npos) return std::string(log);
  return std::string(log.substr(start == 0 ? 0 : start + 1));
}

}  // namespace hansa::postgres
