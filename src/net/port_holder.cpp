#include "net/port_holder.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string_view>
#include <system_error>

namespace hansa::net {

namespace {

namespace fs = std::filesystem;

// Inodes of the sockets that listen on `port`, from a table like /proc/net/tcp (proc(5)).
void add_listeners(char const* table, std::uint16_t port, std::set<std::string>& inodes) {
  std::ifstream file(table);
  std::string line;
  std::getline(file, line);
  auto const suffix = fmt::format(":{:04X}", port);
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    std::string slot, local, remote, state, queues, timer, retransmits, user, timeout, inode;
    fields >> slot >> local >> remote >> state >> queues >> timer >> retransmits >> user >>
        timeout >> inode;
    if (state == "0A" && local.ends_with(suffix)) inodes.insert(fmt::format("socket:[{}]", inode));
  }
}

bool holds_one_of(fs::path const& process, std::set<std::string> const& inodes) {
  std::error_code ec;
  fs::directory_iterator descriptors(process / "fd", ec);
  while (!ec && descriptors != fs::directory_iterator()) {
    std::error_code unreadable;
    auto const target = fs::read_symlink(descriptors->path(), unreadable);
    if (!unreadable && inodes.contains(target.string())) return true;
    descriptors.increment(ec);
  }
  return false;
}

}  // namespace

std::string port_holder(std::uint16_t port) {
  std::set<std::string> inodes;
  add_listeners("/proc/net/tcp", port, inodes);
  add_listeners("/proc/net/tcp6", port, inodes);
  if (inodes.empty()) return {};
  std::error_code ec;
  fs::directory_iterator processes("/proc", ec);
  while (!ec && processes != fs::directory_iterator()) {
    auto const pid = processes->path().filename().string();
    auto const is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (std::ranges::all_of(pid, is_digit) && holds_one_of(processes->path(), inodes)) {
      std::ifstream file(processes->path() / "comm");
      std::string name;
      std::getline(file, name);
      return fmt::format("{} (pid {})", name, pid);
    }
    processes.increment(ec);
  }
  return {};
}

}  // namespace hansa::net
