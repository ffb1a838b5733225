// Opens a connection without blocking the event loop.
#pragma once

#include <chrono>

#include "async/task.h"
#include "postgres/connect.h"

namespace hansa::postgres {

// Suspends until the connection is up. Throws Failure: connect_failure() of the server's or libpq's
// words, or that `limit` passed. Names are resolved aside, so that slow DNS stops nobody.
[[nodiscard]] async::Task<Connection> connect(async::asio::io_context& context, Target target,
                                              Timeouts timeouts, std::chrono::milliseconds limit);

}  // namespace hansa::postgres
