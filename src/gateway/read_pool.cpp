#include "gateway/read_pool.h"

#include <memory>
#include <optional>

namespace hansa::gateway {

struct ReadPool::Worker {
  std::mutex mutex;  // of the session while somebody else may cancel its statement
  std::optional<postgres::Session> session;
  std::thread thread;
};

ReadPool::ReadPool(postgres::Target target, std::size_t threads, std::size_t queue_max)
    : target_(std::move(target)), queue_max_(queue_max) {
  for (std::size_t i = 0; i < threads; ++i) workers_.push_back(std::make_unique<Worker>());
  for (auto& each : workers_) each->thread = std::thread([this, &worker = *each] { work(worker); });
}

ReadPool::~ReadPool() {
  {
    std::lock_guard const lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  for (auto& each : workers_) {
    {
      std::lock_guard const lock(each->mutex);
      if (each->session) each->session->cancel();
    }
    each->thread.join();
  }
  auto const ended =
      std::make_exception_ptr(Failure(Code::shutting_down, "the server is shutting down"));
  for (Job& job : jobs_) job(nullptr, ended);
}

void ReadPool::add(Job job) {
  bool full = false;
  {
    std::lock_guard const lock(mutex_);
    full = ending_ || jobs_.size() >= queue_max_;
    if (!full) jobs_.push_back(std::move(job));
  }
  if (full)
    job(nullptr, std::make_exception_ptr(
                     Failure(Code::overloaded, "too many questions wait for the database")));
  else
    wake_.notify_one();
}

void ReadPool::work(Worker& worker) {
  for (;;) {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
    if (ending_) return;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    serve(worker, job);
  }
}

void ReadPool::serve(Worker& worker, Job& job) {
  constexpr int tries = 2;  // the second with a new connection
  std::exception_ptr error;
  for (int i = 0; i < tries; ++i) {
    try {
      if (!worker.session) {
        auto opened = postgres::Session::open(target_);
        std::lock_guard const lock(worker.mutex);
        worker.session.emplace(std::move(opened));
      }
    } catch (...) {
      error = std::current_exception();
      break;
    }
    if (job(&*worker.session, nullptr)) return;
    error = std::make_exception_ptr(
        Failure(Code::database_unreachable, "the connection to the database was lost"));
    std::lock_guard const lock(worker.mutex);
    worker.session.reset();
  }
  job(nullptr, error);
}

}  // namespace hansa::gateway
