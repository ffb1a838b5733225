// A caller that waits until another part of the same thread answers it: its completion handler,
// kept. Costs no timer and no allocation; a deadline is the business of whoever keeps it.
#pragma once

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>
#include <cassert>
#include <exception>
#include <optional>
#include <utility>

#include "async/task.h"

namespace hansa::async {

// Value is movable and default constructible. Empty, or holding exactly one caller.
template <class Value>
class Suspended {
 public:
  using Signature = void(std::exception_ptr, Value);
  using Handler =
      typename asio::async_result<asio::use_awaitable_t<Executor>, Signature>::handler_type;

  Suspended() = default;
  Suspended(Suspended&& other) noexcept {
    if (!other.handler_) return;
    handler_.emplace(std::move(*other.handler_));
    other.handler_.reset();
  }
  Suspended& operator=(Suspended&&) = delete;

  [[nodiscard]] bool empty() const { return !handler_; }

  // Keeps `handler`. `on_cancel` is called when the caller is cancelled (a deadline around it
  // passed) and must call cancelled(); it has to be safe to call after this object is gone.
  template <class OnCancel>
  void hold(Handler handler, OnCancel on_cancel) {
    assert(empty());
    auto slot = asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected())
      slot.assign([on_cancel = std::move(on_cancel)](asio::cancellation_type) { on_cancel(); });
    handler_.emplace(std::move(handler));
  }

  // The caller runs on before these return; nothing may be held that it could touch.
  void resume(Value value) { take()(std::exception_ptr(), std::move(value)); }
  void fail(std::exception_ptr const& error) { take()(error, Value()); }

  // The caller runs on in a later turn of the loop.
  void post(Value value) { post_to(take(), {}, std::move(value)); }
  void post_fail(std::exception_ptr const& error) { post_to(take(), error, Value()); }
  static void post_fail(Handler handler, std::exception_ptr const& error) {
    post_to(std::move(handler), error, Value());
  }

  // From on_cancel only: the slot is running, so it cannot be emptied here.
  void cancelled() {
    Handler handler = std::move(*handler_);
    handler_.reset();
    post_to(std::move(handler),
            std::make_exception_ptr(boost::system::system_error(asio::error::operation_aborted)),
            Value());
  }

 private:
  Handler take() {
    assert(!empty());
    Handler handler = std::move(*handler_);
    handler_.reset();
    auto slot = asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected()) slot.clear();
    return handler;
  }

  static void post_to(Handler handler, std::exception_ptr error, Value value) {
    auto const executor = handler.get_executor();
    asio::post(executor,
               [handler = std::move(handler), error = std::move(error),
                value = std::move(value)]() mutable { handler(error, std::move(value)); });
  }

  std::optional<Handler> handler_;
};

// Suspends the calling coroutine and hands its handler to `keep`, which must not throw.
template <class Value, class Keep>
Task<Value> suspend(Keep keep) {
  return asio::async_initiate<asio::use_awaitable_t<Executor> const,
                              typename Suspended<Value>::Signature>(
      [keep = std::move(keep)](typename Suspended<Value>::Handler handler) mutable {
        keep(std::move(handler));
      },
      use_task);
}

}  // namespace hansa::async
