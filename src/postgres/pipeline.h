// One connection in libpq's pipeline mode: units of statements and a Sync, answered in order. A
// unit is one statement, or several that only read. An error ends its unit and stays inside it. No
// event loop here: the lane says when the socket is ready and when a shared unit ends.
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

// Whether a statement has its Sync for itself. shared: it only reads.
enum class Unit : std::uint8_t { own, shared };

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
  Unit unit = Unit::own;
  bool retried = false;
  bool prepares = false;      // its statement travels with it
  bool ends_unit = false;     // a Sync was sent behind it
  bool skipped = false;       // not executed: one before it in its unit failed
  std::uint8_t commands = 0;  // of its messages, those not yet answered
  Request* next = nullptr;
};

// A first-in first-out chain; owns nothing.
class RequestQueue {
 public:
  [[nodiscard]] bool empty() const { return !first_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] Request* front() const { return first_; }
  [[nodiscard]] Request* back() const { return last_; }
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

  // Sends a statement, prepared or, for a retried request, unnamed. Its Sync follows at once, or
  // for Unit::shared with end_unit(). The request stays in in_flight() until its unit is answered.
  void send(Request* request);
  // Reads sent since the last Sync.
  [[nodiscard]] std::size_t open_unit() const { return open_unit_; }
  // Sends the Sync of the open unit, if there is one.
  void end_unit();

  // Bytes wait for the socket to be writable; flush() then. Nothing should be sent meanwhile.
  [[nodiscard]] bool blocked() const { return blocked_; }
  void flush();

  // Takes in what the socket has; call when readable.
  void receive();
  // The next request whose unit is answered, or null. Its `answer` holds rows or the error, or
  // nothing where it was `skipped`.
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
  void queue(Request* request);
  void deallocate_dropped();
  void note(Answer answer);
  void note_sync();

  Connection connection_;
  PreparedStatements prepared_;
  RequestPool& pool_;
  RequestQueue in_flight_;
  Request* awaited_ = nullptr;  // whose result comes next; its Sync's too, if it ends a unit
  bool unit_answered_ = false;  // those at the front, up to one that ends a unit
  std::size_t open_unit_ = 0;
  std::vector<char const*> values_;
  bool blocked_ = false;
  bool lost_ = false;
};

}  // namespace hansa::postgres
