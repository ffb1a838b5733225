#include "postgres/scratch.h"

#include <unistd.h>

#include <atomic>
#include <chrono>

namespace hansa::postgres {

ScratchDatabase::ScratchDatabase() {
  static std::atomic<unsigned> count{0};
  auto const now = std::chrono::steady_clock::now().time_since_epoch().count();
  name_ = "t" + std::to_string(::getpid()) + "x" + std::to_string(now % 1'000'000'000) + "x" +
          std::to_string(count++);
  std::string const base = std::getenv("HANSA_TEST_POSTGRES");
  auto session = Session::open({.conninfo = base});
  session.execute("create database " + name_);
  conninfo_ = base + " dbname=" + name_;
}

ScratchDatabase::~ScratchDatabase() {
  try {
    auto session = Session::open({.conninfo = std::getenv("HANSA_TEST_POSTGRES")});
    session.execute("drop database if exists " + name_ + " with (force)");
    auto const roles =
        session.execute("select rolname from pg_roles where rolname like $1", {name_ + "\\_%"});
    for (std::size_t row = 0; row < roles.size(); ++row)
      session.execute("drop role if exists " + quote_name(roles.value(row, 0)));
  } catch (std::exception const& error) {
    ADD_FAILURE() << "scratch database left behind: " << error.what();
  }
}

}  // namespace hansa::postgres
