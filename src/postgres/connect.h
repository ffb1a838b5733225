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

// Keywords and values for PQconnectStartParams; owns their text.
class ConnectParameters {
 public:
  // A `statement_timeout` of zero leaves the server's. All settings travel in the start-up packet,
  // so they cost no round trip. Throws Failure (database_unreachable) for a conninfo libpq cannot
  // read.
  ConnectParameters(Target const& target, std::chrono::milliseconds statement_timeout);

  // Starts to connect without blocking (but for the name look-up). Never null; ask PQstatus.
  [[nodiscard]] Connection start() const;

  // The value of `options` for a start-up packet: every setting as `-c name=value`, escaped.
  [[nodiscard]] std::string const& options() const { return options_; }

 private:
  std::string conninfo_, options_, application_;
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

// Pointers to the texts of `params` as libpq wants them, in `values`, which is overwritten. Throws
// SqlError 22021 for a text that holds NUL: libpq would cut it there in silence.
void bind(Params const& params, std::vector<char const*>& values);

// Turns a finished result into rows. Throws SqlError, or Failure (database_unreachable) when
// `connection` fell. Owns `result`, which may be null.
[[nodiscard]] Rows rows_of(PGresult* result, PGconn const* connection);

}  // namespace hansa::postgres
