#include "delivery/load_pipeline.h"

#include <utility>

namespace hansa::delivery {
namespace {

constexpr std::size_t ready_max = 2;

}  // namespace

LoadPipeline::LoadPipeline(LoadReader& reader) : thread_([this, &reader] { run(reader); }) {}

LoadPipeline::~LoadPipeline() {
  {
    std::lock_guard const lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void LoadPipeline::run(LoadReader& reader) {
  std::exception_ptr failure;
  try {
    for (bool more = true; more;) {
      LoadChunk chunk;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return stopped_ || ready_.size() < ready_max; });
        if (stopped_) return;
        if (!spare_.empty()) {
          chunk = std::move(spare_.back());
          spare_.pop_back();
        }
      }
      more = reader.next(chunk);
      {
        std::lock_guard const lock(mutex_);
        ready_.push_back(std::move(chunk));
      }
      changed_.notify_all();
    }
  } catch (...) {
    failure = std::current_exception();
  }
  {
    std::lock_guard const lock(mutex_);
    ended_ = true;
    failure_ = failure;
  }
  changed_.notify_all();
}

bool LoadPipeline::next(LoadChunk& chunk) {
  std::unique_lock lock(mutex_);
  if (spare_.size() < ready_max) spare_.push_back(std::move(chunk));
  changed_.wait(lock, [this] { return ended_ || !ready_.empty(); });
  if (ready_.empty()) {
    if (failure_) std::rethrow_exception(failure_);
    return false;
  }
  chunk = std::move(ready_.front());
  ready_.erase(ready_.begin());
  lock.unlock();
  changed_.notify_all();
  return true;
}

}  // namespace hansa::delivery
