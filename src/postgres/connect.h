// How a connection is opened: the settings every session gets, and why opening failed in words a
// user can act on. Used by the blocking session and by both lanes of the server. No I/O here.
#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "postgres/session.h"

namespace hansa::postgres {

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using Connection = std::unique_ptr<PGconn, Finish>;

struct ClearAnswer {
  void operator()(PGresult* answer) const { PQclear(answer); }
};
using Answer = std::unique_ptr<PGresult, ClearAnswer>;  // of a statement, good or bad

// The same server, user and settings, but another database. Throws Failure (database_unreachable)
// for a conninfo libpq cannot read.
[[nodiscard]] std::string with_database(std::string const& conninfo, std::string_view database);

// How long the server lets a statement of the session run, and wait for a lock. Zero: its own
// setting.
struct Timeouts {
  std::chrono::milliseconds statement{0};
  std::chrono::milliseconds lock{0};
};

// Keywords and values for PQconnectStartParams; owns their text.
class ConnectParameters {
 public:
  // All settings travel in the start-up packet, so they cost no round trip. Throws Failure
  // (database_unreachable) for a conninfo libpq cannot read.
  ConnectParameters(Target const& target, Timeouts timeouts);

  // Starts to connect without blocking. Never null; ask PQstatus. `addresses` are those of the
  // conninfo's one host, comma separated; empty: libpq looks the name up, which may block.
  [[nodiscard]] Connection start(std::string_view addresses = {}) const;

  // The value of `options` for a start-up packet: every setting as `-c name=value`, escaped.
  [[nodiscard]] std::string const& options() const { return options_; }

 private:
  std::string conninfo_, options_, application_, host_;
};

// Why `connection` did not open, as the Failure to throw: connections_exhausted for SQLSTATE 53300,
// else database_unreachable, with a hint that tells apart what a user can mend.
[[nodiscard]] Failure connect_failure(PGconn const* connection);
[[nodiscard]] Failure connect_timed_out(std::string_view conninfo, std::chrono::milliseconds limit);
// The same from libpq's text, written at verbosity `verbose` ("... FATAL:  28P01: message").
[[nodiscard]] Error explain_connect_error(std::string_view libpq_text);

// A connection that was up is gone.
[[nodiscard]] Failure lost_failure(PGconn const* connection);

// Checks an open connection: the server's version. Throws Failure (database_version).
void require_supported(PGconn const* connection);

// Throws SqlError for what libpq would cut in silence (NUL, 22021) or PostgreSQL cannot take (more
// than 65,535 parameters, 54023).
void require_bindable(Params const& params);
// Pointers to the texts of `params` as libpq wants them, in `values`, which is overwritten.
void bind_text(Params const& params, std::vector<char const*>& values);

// Turns a finished answer, which may be null, into rows. Throws SqlError, or Failure
// (database_unreachable) when `connection` fell.
[[nodiscard]] Rows rows_of(Answer answer, PGconn const* connection);

}  // namespace hansa::postgres
