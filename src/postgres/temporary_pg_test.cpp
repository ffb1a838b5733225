// What is made for one run of a command is gone behind it, however it ended.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "postgres/cluster.h"
#include "postgres/cluster_process.h"
#include "postgres/scratch.h"
#include "postgres/temporary_cluster.h"
#include "postgres/temporary_database.h"

namespace hansa::postgres {
namespace {

namespace fs = std::filesystem;

// A folder for temporary files of the test's own, which PostgreSQL's user can pass through.
class TemporaryClusterTest : public testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_POSTGRES();
    std::string pattern = "/tmp/hansa-tmp.XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
    fs::permissions(root_, fs::perms(0755));
    ::setenv("TMPDIR", root_.c_str(), 1);
  }
  void TearDown() override {
    ::unsetenv("TMPDIR");
    if (!root_.empty()) EXPECT_EQ(entries(), 0U);
    fs::remove_all(root_);
  }
  [[nodiscard]] std::size_t entries() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(root_), fs::directory_iterator()));
  }
  fs::path root_;
};

void quiet(std::string_view) {}

// A server removes its pid file, which pg_ctl waits for, a moment before it ends. Linux 5.3.
bool ends_soon(int pid) {
  pollfd process{.fd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)), .events = POLLIN};
  if (process.fd < 0) return errno == ESRCH;  // it has ended, and was waited for
  int const ended = ::poll(&process, 1, 5'000);
  ::close(process.fd);
  return ended == 1;
}

TEST_F(TemporaryClusterTest, LivesAsLongAsItsObject) {
  int pid = 0;
  {
    TemporaryCluster const cluster(quiet);
    auto session = Session::open({.conninfo = cluster.conninfo()});
    EXPECT_EQ(session.execute("select current_setting('fsync')").value(0, 0), "off");
    EXPECT_EQ(
        session.execute("select rolsuper from pg_roles where rolname = current_user").value(0, 0),
        "t");
    pid = find_cluster(cluster.folder()).value().pid;
    EXPECT_EQ(cluster.folder().parent_path(), root_);
  }
  EXPECT_TRUE(ends_soon(pid));
}

// Its process is killed, so nobody runs a destructor.
TEST_F(TemporaryClusterTest, IsFoundByTheNextWhenItsOwnerWasKilled) {
  int const child = ::fork();
  if (child == 0) {
    TemporaryCluster const abandoned(quiet);
    ::_exit(entries() == 1 ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  auto const folder = fs::directory_iterator(root_)->path();
  auto const left = find_cluster(folder);
  ASSERT_TRUE(left.has_value());
  TemporaryCluster const second(quiet);
  EXPECT_FALSE(fs::exists(folder));
  EXPECT_FALSE(is_postmaster(left->pid, left->data));
  // One that lives is left alone.
  TemporaryCluster const third(quiet);
  EXPECT_NO_THROW(static_cast<void>(Session::open({.conninfo = second.conninfo()})));
}

TEST(TemporaryDatabaseTest, TakesItsRolesAlong) {
  SKIP_WITHOUT_POSTGRES();
  ScratchDatabase const scratch;
  auto const name = scratch.unique_name() + "y";
  auto session = Session::open(scratch.target());
  auto const count = [&](std::string const& sql) {
    return std::string(session.execute(sql, {name}).value(0, 0));
  };
  {
    TemporaryDatabase const database(scratch.conninfo(), name);
    auto inside = Session::open({.conninfo = database.conninfo()});
    EXPECT_EQ(inside.execute("select current_database()").value(0, 0), name);
    inside.execute("create role " + name + "_a_owner");
    inside.execute("create schema a authorization " + name + "_a_owner");
    EXPECT_EQ(count("select count(*) from pg_roles where starts_with(rolname, $1)"), "1");
  }
  EXPECT_EQ(count("select count(*) from pg_roles where starts_with(rolname, $1)"), "0");
  EXPECT_EQ(count("select count(*) from pg_database where datname = $1"), "0");
}

TEST(TemporaryDatabaseTest, SaysWhatTheLoginLacks) {
  SKIP_WITHOUT_POSTGRES();
  ScratchDatabase const scratch;
  auto const poor = scratch.unique_name() + "_poor";
  auto session = Session::open(scratch.target());
  session.execute("create role " + poor + " login");
  try {
    TemporaryDatabase const database(scratch.conninfo() + " user=" + poor,
                                     scratch.unique_name() + "z");
    FAIL() << "made";
  } catch (Failure const& failure) {
    EXPECT_EQ(failure.error().code, Code::insufficient_privilege);
    EXPECT_EQ(failure.error().hint, "the login needs CREATEDB and CREATEROLE");
  }
}

}  // namespace
}  // namespace hansa::postgres
