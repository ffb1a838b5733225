#include "cli/cluster_watch.h"

#include <pthread.h>
#include <signal.h>

#include "postgres/cluster.h"

namespace hansa::cli {
namespace {

constexpr auto look_pause = std::chrono::seconds(1);

void take_no_signals() {
  sigset_t all{};
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

ClusterWatch::ClusterWatch(std::filesystem::path state_folder,
                           std::function<void(Error const*)> told)
    : state_folder_(std::move(state_folder)),
      told_(std::move(told)),
      thread_([this](std::stop_token const& stop) { watch(stop); }) {}

ClusterWatch::~ClusterWatch() {
  thread_.request_stop();
  thread_.join();
}

void ClusterWatch::watch(std::stop_token const& stop) {
  take_no_signals();
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, stop, look_pause, [&] { return stop.stop_requested(); })) {
    if (stop.stop_requested()) return;
    if (postgres::find_cluster(state_folder_)) continue;
    postgres::ClusterOptions how;
    how.folder = state_folder_;
    auto const started = postgres::start_cluster(how);
    told_(started ? nullptr : &started.error());
  }
}

}  // namespace hansa::cli
