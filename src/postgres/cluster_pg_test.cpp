// Private clusters, made in temporary folders of their own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "postgres/cluster.h"
#include "postgres/cluster_place.h"
#include "postgres/cluster_process.h"
#include "postgres/scratch.h"

namespace hansa::postgres {
namespace {

namespace fs = std::filesystem;
using Found = ClusterState::Found;

class ClusterTest : public testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_POSTGRES();
    std::string pattern = "/tmp/hansa-cluster.XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
    fs::permissions(root_, fs::perms(0755));
    folder_ = root_ / ".hansa";
  }
  void TearDown() override {
    if (root_.empty()) return;
    EXPECT_TRUE(stop_cluster(folder_).has_value());
    if (auto const place = find_place(folder_)) {
      fs::remove_all(place->socket_folder());
      fs::remove_all(place->base);
    }
    fs::remove_all(root_);
  }
  Result<ClusterState> start(std::chrono::milliseconds timeout = std::chrono::seconds(60)) {
    ClusterOptions options;
    options.folder = folder_;
    options.start_timeout = timeout;
    options.progress = [this](std::string_view phrase) { progress_.emplace_back(phrase); };
    return start_cluster(options);
  }
  ClusterState started(Found found) {
    auto state = start();
    EXPECT_TRUE(state.has_value()) << (state ? "" : to_text(state.error()));
    if (!state) std::abort();
    EXPECT_EQ(state->found, found);
    return *state;
  }
  static std::string one(ClusterState const& state, std::string_view sql) {
    auto session = Session::open({.conninfo = state.conninfo});
    return std::string(session.execute(sql).value(0, 0));
  }
  static void kill_postmaster(int pid) {
    ASSERT_EQ(::kill(pid, SIGKILL), 0);
    while (!reap(pid)) std::this_thread::yield();
  }
  fs::path root_, folder_;
  std::vector<std::string> progress_;
};

TEST_F(ClusterTest, LivesCreatedAdoptedStoppedAndStarted) {
  EXPECT_FALSE(find_cluster(folder_));
  EXPECT_TRUE(stop_cluster(folder_).has_value());
  auto const first = started(Found::created);
  EXPECT_THAT(progress_, testing::ElementsAre("creating the cluster", "starting"));
  EXPECT_EQ(one(first, "select current_database() || ' ' || current_user"), "hansa hansa");
  EXPECT_EQ(one(first, "select current_setting('data_checksums') || current_setting('fsync')"),
            "onon");
  EXPECT_EQ(one(first, "select current_setting('listen_addresses')"), "");
  EXPECT_EQ(
      one(first, "select pg_encoding_to_char(encoding) from pg_database where datname = 'hansa'"),
      "UTF8");
  // A Ctrl-C in the starter's terminal goes to the starter's process group only.
  EXPECT_NE(::getpgid(first.pid), ::getpgid(0));
  EXPECT_EQ(::getsid(first.pid), first.pid);
  EXPECT_EQ(fs::status(first.socket_folder).permissions(), fs::perms(0700));
  {
    auto session = Session::open({.conninfo = first.conninfo});
    session.script("create table kept (id int); insert into kept values (42)");
  }
  auto const second = started(Found::adopted);
  EXPECT_EQ(second.pid, first.pid);
  auto const found = find_cluster(folder_);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->conninfo, first.conninfo);
  EXPECT_EQ(found->pid, first.pid);
  ASSERT_TRUE(stop_cluster(folder_).has_value());
  EXPECT_FALSE(find_cluster(folder_));
  EXPECT_TRUE(stop_cluster(folder_).has_value());
  auto const third = started(Found::started);
  EXPECT_EQ(one(third, "select id from kept"), "42");
}

TEST_F(ClusterTest, RecoversAfterItsPostmasterWasKilled) {
  auto const first = started(Found::created);
  auto busy = Session::open({.conninfo = first.conninfo});
  busy.script("create table kept (id int); insert into kept values (7)");
  kill_postmaster(first.pid);
  EXPECT_FALSE(find_cluster(folder_));
  auto const second = started(Found::recovered);
  EXPECT_NE(second.pid, first.pid);
  EXPECT_EQ(one(second, "select id from kept"), "7");
}

TEST_F(ClusterTest, EndsABackendThatOutlivesItsPostmaster) {
  auto const first = started(Found::created);
  auto busy = Session::open({.conninfo = first.conninfo});
  // Computes without ever waiting, so that it does not notice the end of its postmaster.
  std::thread worker([&busy] {
    try {
      busy.execute("select count(*) from generate_series(1, 2000000000)");
      ADD_FAILURE() << "ran to the end";
    } catch (Failure const&) {
    }
  });
  while (one(first,
             "select count(*) from pg_stat_activity where query like '%generate_series%' and "
             "state = 'active' and pid <> pg_backend_pid()") == "0") {
  }
  kill_postmaster(first.pid);
  started(Found::recovered);
  worker.join();
}

TEST_F(ClusterTest, IsNotFooledByAReusedPid) {
  auto const first = started(Found::created);
  kill_postmaster(first.pid);
  auto const pid_file = first.data / "postmaster.pid";
  auto text = read_file(pid_file);
  text.replace(0, text.find('\n'), std::to_string(::getppid()));
  std::ofstream(pid_file) << text;
  EXPECT_FALSE(find_cluster(folder_));
  started(Found::recovered);
}

TEST_F(ClusterTest, AHalfMadeClusterIsMadeAnew) {
  auto const account = account_for_postgres();
  ASSERT_TRUE(account.has_value());
  fs::create_directories(folder_);
  auto const place = make_place(folder_, *account);
  ASSERT_TRUE(place.has_value());
  fs::create_directories(place->base / "data.new/base");
  std::ofstream(place->base / "data.new/PG_VERSION") << "15\n";
  started(Found::created);
}

TEST_F(ClusterTest, TwoStartersShareOneServer) {
  std::vector<Result<ClusterState>> states(2, failure(Code::internal, ""));
  auto const starter = [&](std::size_t n) {
    ClusterOptions options;
    options.folder = folder_;
    states[n] = start_cluster(options);
  };
  std::thread other([&] { starter(0); });
  starter(1);
  other.join();
  ASSERT_TRUE(states[0].has_value()) << to_text(states[0].error());
  ASSERT_TRUE(states[1].has_value()) << to_text(states[1].error());
  EXPECT_EQ(states[0]->pid, states[1]->pid);
  EXPECT_NE(states[0]->found, states[1]->found);
}

TEST_F(ClusterTest, ALongPathGetsAShortSocket) {
  folder_ = root_ / std::string(100, 'l') / ".hansa";
  auto const state = started(Found::created);
  EXPECT_THAT(state.socket_folder.string(), testing::StartsWith("/tmp/hansa-"));
  EXPECT_EQ(one(state, "select 1"), "1");
}

TEST_F(ClusterTest, AsRootAnUnreachableFolderPointsElsewhere) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  fs::permissions(root_, fs::perms(0700));
  auto const state = started(Found::created);
  EXPECT_THAT(state.data.string(), testing::StartsWith("/var/lib/hansa/"));
  EXPECT_EQ(started(Found::adopted).pid, state.pid);
}

TEST_F(ClusterTest, APointerToAForeignPlaceIsIgnored) {
  fs::create_directories(folder_);
  fs::create_directories(root_ / "evil/data");
  std::ofstream(folder_ / "postgres.location") << (root_ / "evil").string() << "\n";
  EXPECT_FALSE(find_place(folder_));
  std::ofstream(folder_ / "postgres.location") << "/var/lib/hansa/..\n";
  EXPECT_FALSE(find_place(folder_));
}

TEST_F(ClusterTest, WhatCannotStartIsExplained) {
  auto const first = started(Found::created);
  ASSERT_TRUE(stop_cluster(folder_).has_value());
  std::ofstream(first.data / "postgresql.conf", std::ios::app) << "shared_buffers = 'many'\n";
  auto const state = start();
  ASSERT_FALSE(state.has_value());
  EXPECT_EQ(state.error().code, Code::cluster_failed);
  EXPECT_THAT(state.error().detail, testing::HasSubstr("shared_buffers"));
  for (std::string const major : {"12", "99"}) {
    std::ofstream(first.data / "PG_VERSION") << major << "\n";
    auto const other = start();
    ASSERT_FALSE(other.has_value());
    EXPECT_EQ(other.error().code, Code::database_version) << to_text(other.error());
  }
}

}  // namespace
}  // namespace hansa::postgres
