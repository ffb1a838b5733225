// A blocking session for commands: plan, apply, load. Servers use database.h instead.
//
// One thread at a time. Opening has a deadline. A statement may run for as long as PostgreSQL lets
// it (set statement_timeout where it must not), but a server that vanished is noticed within 45
// seconds (keepalives). A lost connection throws Failure (database_unreachable), a refused
// statement SqlError.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/rows.h"

namespace hansa::postgres {

// Where and as whom to connect. Every session is fixed to UTC, DateStyle ISO, IntervalStyle
// iso_8601, bytea hex, extra_float_digits 1, standard_conforming_strings on, client_encoding UTF8.
struct Target {
  std::string conninfo;               // libpq conninfo or postgresql:// URL; may hold a password
  std::string role;                   // SET as the session's role at connect; empty: the login role
  std::string application = "hansa";  // application_name, at most 63 bytes
};

// `conninfo` without its password, for messages.
[[nodiscard]] std::string redacted(std::string_view conninfo);

// A statement and what is bound to it.
struct Statement {
  std::string_view sql;
  Params params = {};                          // as text
  std::optional<std::string_view> bytes = {};  // one parameter more, a bytea
};

class Session {
 public:
  // Blocks up to `connect_timeout`. Throws Failure with what to do next: refused, unknown host,
  // password missing, database missing are told apart. Refuses servers before 15
  // (database_version).
  [[nodiscard]] static Session open(
      Target const& target, std::chrono::milliseconds connect_timeout = std::chrono::seconds(5));
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  // One statement. `params` are bound as text. Throws SqlError.
  Rows execute(std::string_view sql, Params const& params = {});
  // The same, with values as PostgreSQL's binary output: bytea as its bytes, integers big-endian.
  // For large bytea, which text would double.
  Rows execute_binary(std::string_view sql, Params const& params = {});
  // Several statements in one round trip, one after the other; their rows. Where one fails, those
  // behind it do not run, and its SqlError is thrown: outside transaction(), nothing is done then.
  std::vector<Rows> execute_all(std::span<Statement const> statements);
  // Several statements without parameters, the simple protocol; the last one's rows.
  Rows script(std::string_view sql);
  // Runs `work` between BEGIN and COMMIT; ROLLBACK and rethrow if it throws. BEGIN travels with the
  // first statement.
  void transaction(std::function<void()> const& work);

  // COPY ... FROM STDIN. begin, any number of writes, then end, which returns the rows copied or
  // throws SqlError; after a throw the session is usable (outside the aborted transaction).
  void copy_begin(std::string_view sql);
  void copy_write(std::string_view data);
  std::size_t copy_end();
  // Ends a running COPY with an error of ours; nothing is copied.
  void copy_abort(std::string_view reason);

  [[nodiscard]] int server_version() const;  // 150020
  [[nodiscard]] int backend_pid() const;
  [[nodiscard]] bool in_transaction() const;
  // A statement of this session still running is told to stop; callable from a signal-safe thread.
  void cancel() noexcept;
  // Warnings and notices PostgreSQL sent since the last call, one per entry.
  [[nodiscard]] std::vector<std::string> take_notices();

 private:
  struct State;
  enum class Format : int { text = 0, binary = 1 };
  std::vector<Rows> run_all(std::span<Statement const> statements, Format results);
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace hansa::postgres
