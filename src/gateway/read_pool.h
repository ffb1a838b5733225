// Blocking questions to one database, asked from coroutines: a few threads, each with a session of
// its own. Any thread may ask; the answer comes back on the executor of whoever asked. Each job has
// to be bounded in itself; the queue is, and what finds it full gets Failure(overloaded).
#pragma once

#include <boost/asio/post.hpp>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "async/suspended.h"
#include "postgres/session.h"

namespace hansa::gateway {

// A call of `work` on another thread that ends in the caller's own: posts what `handler` waits for.
template <class Value, class Handler, class Work>
void finish(Handler handler, Work&& work, std::exception_ptr error) {
  Value value{};
  if (!error) {
    try {
      value = std::forward<Work>(work)();
    } catch (...) {
      error = std::current_exception();
    }
  }
  auto const executor = handler.get_executor();
  async::asio::post(executor,
                    [handler = std::move(handler), error, value = std::move(value)]() mutable {
                      handler(error, std::move(value));
                    });
}

class ReadPool {
 public:
  ReadPool(postgres::Target target, std::size_t threads, std::size_t queue_max);
  // Ends the jobs under way by cancelling their statements, and fails those that wait.
  ~ReadPool();
  ReadPool(ReadPool const&) = delete;
  ReadPool& operator=(ReadPool const&) = delete;

  // Runs `work`, which only reads, with a session; once more where the first finds its connection
  // gone. Throws what it throws, and Failure when the database cannot be reached.
  template <class Value>
  async::Task<Value> run(std::function<Value(postgres::Session&)> work) {
    return async::suspend<Value>(
        [this, work = std::move(work)](typename async::Suspended<Value>::Handler handler) mutable {
          add([handler = std::move(handler), work = std::move(work)](
                  postgres::Session* session, std::exception_ptr const& error) mutable {
            if (session != nullptr && !error) {
              Value value{};
              try {
                value = work(*session);
              } catch (Failure const& failure) {
                if (failure.error().code == Code::database_unreachable) return false;
                finish<Value>(std::move(handler), [] { return Value{}; }, std::current_exception());
                return true;
              } catch (...) {
                finish<Value>(std::move(handler), [] { return Value{}; }, std::current_exception());
                return true;
              }
              finish<Value>(std::move(handler), [&] { return std::move(value); }, nullptr);
              return true;
            }
            finish<Value>(std::move(handler), [] { return Value{}; }, error);
            return true;
          });
        });
  }

 private:
  // With a session or an error; false: the connection is gone, and it wants to be called again.
  using Job = std::move_only_function<bool(postgres::Session*, std::exception_ptr const&)>;
  struct Worker;

  void add(Job job);
  void work(Worker& worker);
  void serve(Worker& worker, Job& job);

  postgres::Target const target_;
  std::size_t const queue_max_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  bool ending_ = false;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace hansa::gateway
