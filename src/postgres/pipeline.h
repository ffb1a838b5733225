// One connection in libpq's pipeline mode: units of one statement and its Sync, answered in order.
// An error stays inside its unit. No event loop here: the lane says when the socket is ready.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "async/suspended.h"
#include "postgres/connect.h"
#include "postgres/prepared.h"

namespace hansa::postgres {

// A statement on its way. Requests are pooled by the lane and chained through `next`.
struct Request {
  using Time = std::chrono::steady_clock::time_point;
  std::string_view sql;  // the caller's; valid while the caller waits
  Params params;
  async::Suspended<Rows> caller;  // empty once answered, given up, or of our own housekeeping
  std::string name;               // of the prepared statement it was sent with
  Answer answer;
  Time due;                  // when the lane gives up waiting for it
  std::uint64_t serial = 0;  // tells apart the uses of a pooled request
  bool retried = false;
  Request* next = nullptr;
};

// A first-in first-out chain; owns nothing.
class RequestQueue {
 public:
  [[nodiscard]] bool empty() const { return !first_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] Request* front() const { return first_; }
  void push_back(Request* request);
  void push_front(Request* request);
  Request* pop_front();

 private:
  Request* first_ = nullptr;
  Request* last_ = nullptr;
  std::size_t size_ = 0;
};

class RequestPool {
 public:
  [[nodiscard]] Request* acquire();
  void release(Request* request);

 private:
  std::vector<std::unique_ptr<Request>> all_;
  std::vector<Request*> free_;
};

class Pipeline {
 public:
  // Takes an open, non-blocking connection.
  Pipeline(Connection connection, std::uint64_t epoch, std::size_t prepared_max, RequestPool& pool);

  // Sends a unit, as a prepared statement or, for a retried request, unnamed. The request stays in
  // in_flight() until its answer is complete.
  void send(Request* request);

  // Bytes wait for the socket to be writable; flush() then. Nothing should be sent meanwhile.
  [[nodiscard]] bool blocked() const { return blocked_; }
  void flush();

  // Takes in what the socket has; call when readable.
  void receive();
  // The next request whose answer is complete, or null. Its `answer` holds rows or the error.
  [[nodiscard]] Request* next_answered();

  // The statement of `request` must be prepared anew (0A000, 26000, 42P05).
  void forget(Request const& request) { prepared_.forget(request.sql, request.name); }

  // The connection fell, or was given up; why is in failure().
  [[nodiscard]] bool lost() const { return lost_; }
  void give_up() { lost_ = true; }
  [[nodiscard]] Failure failure() const { return lost_failure(connection_.get()); }

  [[nodiscard]] RequestQueue& in_flight() { return in_flight_; }
  [[nodiscard]] int socket() const { return PQsocket(connection_.get()); }

 private:
  void sync(Request* request);
  void deallocate_dropped();

  Connection connection_;
  PreparedStatements prepared_;
  RequestPool& pool_;
  RequestQueue in_flight_;
  std::vector<char const*> values_;
  bool blocked_ = false;
  bool lost_ = false;
};

}  // namespace hansa::postgres
