// A registry for a command: each call of its service runs to its end on a loop of its own.
// Blocking; confined to one thread.
#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <utility>

#include "async/spawn.h"
#include "base/observe.h"
#include "registry/service.h"

namespace hansa::registry {

class Blocking {
 public:
  // The system's database; it is reached at the first call.
  explicit Blocking(postgres::Target target)
      : database_(context_, std::move(target), {.leased_connections_max = 1}, silent_observer()),
        service_(Store(database_)) {}

  // Throws what postgres::Database throws.
  template <class T>
  T run(std::function<async::Task<T>(Service&)> work) {
    std::optional<T> value;
    std::exception_ptr error;
    bool done = false;
    async::spawn(context_.get_executor(), keep(work, value, error, done));
    context_.restart();
    while (!done) context_.run_one();
    if (error) std::rethrow_exception(error);
    return *std::move(value);
  }

 private:
  template <class T>
  async::Task<void> keep(std::function<async::Task<T>(Service&)>& work, std::optional<T>& value,
                         std::exception_ptr& error, bool& done) {
    try {
      value.emplace(co_await work(service_));
    } catch (...) {
      error = std::current_exception();
    }
    done = true;
  }

  async::asio::io_context context_{1};
  postgres::Database database_;
  Service service_;
};

}  // namespace hansa::registry
