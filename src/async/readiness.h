// Readiness of a file descriptor that someone else owns, such as a socket inside libpq.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <utility>

#include "async/task.h"

namespace hansa::async {

// Watches `fd` and never closes it. Must end before the owner closes the descriptor: its number may
// be another file's a moment later.
class Readiness {
 public:
  enum class Direction : std::uint8_t { read, write };

  Readiness(asio::io_context& context, int fd) : descriptor_(context, fd) {}
  ~Readiness() {
    if (descriptor_.is_open()) descriptor_.release();
  }
  Readiness(Readiness const&) = delete;
  Readiness& operator=(Readiness const&) = delete;

  // Suspends until a read or write would not block, or failed; the error code is set when
  // cancelled.
  [[nodiscard]] auto wait(Direction direction) {
    return descriptor_.async_wait(type(direction), asio::as_tuple(use_task));
  }
  // The same with a callback (error_code), for who has no coroutine at hand.
  template <class Callback>
  void wait(Direction direction, Callback callback) {
    descriptor_.async_wait(type(direction), std::move(callback));
  }
  // Ends every wait under way.
  void cancel() { descriptor_.cancel(); }

 private:
  using Descriptor = asio::posix::basic_stream_descriptor<Executor>;
  static Descriptor::wait_type type(Direction direction) {
    return direction == Direction::read ? Descriptor::wait_read : Descriptor::wait_write;
  }
  Descriptor descriptor_;
};

}  // namespace hansa::async
