#include "postgres/connect.h"

#include <algorithm>
#include <array>
#include <new>

namespace hansa::postgres {
namespace {

using std::chrono::milliseconds;

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using ParsedConninfo = std::unique_ptr<PQconninfoOption, FreeOptions>;

ParsedConninfo parse(std::string const& conninfo, std::string& error) {
  char* text = nullptr;
  ParsedConninfo options(PQconninfoParse(conninfo.c_str(), &text));
  if (text) {
    error = text;
    PQfreemem(text);
  }
  return options;
}

// libpq's message would quote the conninfo, and with it perhaps a password.
Failure unreadable_conninfo() {
  return {Code::database_unreachable, "the connection's conninfo cannot be read",
          "write it as `host=... dbname=... user=...` or `postgresql://user@host/database`"};
}

// Blanks separate the options of a start-up packet and backslash escapes; both may be in a role's
// name.
void append_setting(std::string& options, std::string_view name, std::string_view value) {
  if (!options.empty()) options.push_back(' ');
  options.append("-c ").append(name).push_back('=');
  for (char const c : value) {
    if (c == '\\' || c == ' ' || (c >= '\t' && c <= '\r')) options.push_back('\\');
    options.push_back(c);
  }
}

std::string settings(Target const& target, Timeouts timeouts, std::string options) {
  append_setting(options, "TimeZone", "UTC");
  append_setting(options, "DateStyle", "ISO");
  append_setting(options, "IntervalStyle", "iso_8601");
  append_setting(options, "bytea_output", "hex");
  append_setting(options, "extra_float_digits", "1");
  append_setting(options, "standard_conforming_strings", "on");
  if (timeouts.statement.count() > 0)
    append_setting(options, "statement_timeout", std::to_string(timeouts.statement.count()));
  if (timeouts.lock.count() > 0)
    append_setting(options, "lock_timeout", std::to_string(timeouts.lock.count()));
  if (!target.role.empty()) append_setting(options, "role", target.role);
  return options;
}

// "could not connect: FATAL:  28P01: text" to "could not connect: text", and the state.
std::string take_sqlstate(std::string& text) {
  constexpr std::string_view marker = "FATAL:  ";
  auto const at = text.find(marker);
  if (at == std::string::npos) return {};
  auto const state = at + marker.size();
  if (text.size() < state + 7 || text.compare(state + 5, 2, ": ") != 0) return {};
  std::string sqlstate = text.substr(state, 5);
  text.erase(at, marker.size() + 7);
  return sqlstate;
}

// The lines of libpq's text that say something: no source location of the server, no advice of
// libpq's own (hints here are better), joined to one sentence.
std::string one_line(std::string_view text) {
  std::string line;
  while (!text.empty()) {
    auto const end = text.find('\n');
    auto part = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (part.empty() || part.starts_with('\t') || part.starts_with("LOCATION:")) continue;
    if (!line.empty()) line.append("; ");
    line.append(part);
  }
  return line;
}

struct Hint {
  std::string_view sign;  // an SQLSTATE, or a part of libpq's text
  std::string_view hint;
};

constexpr auto state_hints = std::to_array<Hint>({
    {"28P01",
     "check the user and the password of the connection (conninfo, PGPASSWORD or ~/.pgpass)"},
    {"28000", "check that the user exists and that pg_hba.conf lets it in from here"},
    {"3D000", "create the database (createdb NAME), or correct dbname in the connection"},
    {"22023",
     "the role to act as does not exist or the login is not a member of it; run `hansa apply`"},
    {"42501", "the login must be a member of the role it is to act as; run `hansa apply`"},
    {"53300", "raise max_connections of PostgreSQL, or lower the connections of its clients"},
    {"57P03", "PostgreSQL is starting up or shutting down; try again in a moment"},
});

constexpr auto text_hints = std::to_array<Hint>({
    {"no password supplied",
     "the server wants a password: give one in the conninfo, PGPASSWORD or ~/.pgpass"},
    {"Connection refused", "is PostgreSQL running there, and is the port right?"},
    {"No such file or directory", "is PostgreSQL running with that socket folder and port?"},
    {"could not translate host name",
     "check the host's name, and that it can be resolved from here"},
    {"Permission denied", "this user may not reach the socket's folder"},
    {"SSL", "check sslmode and the certificates of the connection"},
});

std::string_view hint_for(std::string_view sqlstate, std::string_view text) {
  for (Hint const& row : state_hints)
    if (row.sign == sqlstate) return row.hint;
  for (Hint const& row : text_hints)
    if (text.contains(row.sign)) return row.hint;
  return {};
}

}  // namespace

ConnectParameters::ConnectParameters(Target const& target, Timeouts timeouts)
    : conninfo_(target.conninfo), application_(target.application.substr(0, 63)) {
  std::string error;
  auto const parsed = parse(conninfo_, error);
  if (!parsed || conninfo_.contains('\0') || target.role.contains('\0'))
    throw unreadable_conninfo();
  std::string given;
  for (auto const* option = parsed.get(); option->keyword; ++option) {
    if (!option->val) continue;
    if (std::string_view(option->keyword) == "options") given = option->val;
    if (std::string_view(option->keyword) == "host") host_ = option->val;
  }
  options_ = settings(target, timeouts, std::move(given));
}

std::string with_database(std::string const& conninfo, std::string_view database) {
  std::string error, out;
  auto const parsed = parse(conninfo, error);
  if (!parsed || conninfo.contains('\0')) throw unreadable_conninfo();
  for (auto const* option = parsed.get(); option->keyword; ++option) {
    bool const replaced = std::string_view(option->keyword) == "dbname";
    if (!option->val && !replaced) continue;
    out.append(option->keyword).append("='");
    for (char const c : replaced ? database : std::string_view(option->val)) {
      if (c == '\'' || c == '\\') out.push_back('\\');
      out.push_back(c);
    }
    out.append("' ");
  }
  return out;
}

Connection ConnectParameters::start(std::string_view addresses) const {
  std::string const hostaddr(addresses);
  std::string host;  // the name once for every address, for certificates and messages
  for (auto commas = addresses.empty() ? 0 : std::ranges::count(addresses, ',') + 1; commas > 0;
       --commas)
    host.append(host.empty() ? "" : ",").append(host_);
  // Before dbname: defaults that the conninfo may override. After it: what is fixed.
  std::array<char const*, 11> const keywords{"keepalives_idle",
                                             "keepalives_interval",
                                             "keepalives_count",
                                             "tcp_user_timeout",
                                             "dbname",
                                             "application_name",
                                             "client_encoding",
                                             "options",
                                             hostaddr.empty() ? nullptr : "host",
                                             "hostaddr",
                                             nullptr};
  std::array<char const*, 11> const values{"30",
                                           "10",
                                           "3",
                                           "45000",
                                           conninfo_.c_str(),
                                           application_.c_str(),
                                           "UTF8",
                                           options_.c_str(),
                                           host.c_str(),
                                           hostaddr.c_str(),
                                           nullptr};
  Connection connection(PQconnectStartParams(keywords.data(), values.data(), 1));
  if (!connection) throw std::bad_alloc();
  // The only way to learn the SQLSTATE of a refused start-up from libpq 15.
  PQsetErrorVerbosity(connection.get(), PQERRORS_VERBOSE);
  return connection;
}

Error explain_connect_error(std::string_view libpq_text) {
  std::string text = one_line(libpq_text);
  std::string const sqlstate = take_sqlstate(text);
  Code const code = sqlstate == "53300" ? Code::connections_exhausted : Code::database_unreachable;
  std::string const hint{hint_for(sqlstate, text)};
  return {code, std::move(text), hint};
}

Failure connect_failure(PGconn const* connection) {
  return Failure(explain_connect_error(PQerrorMessage(connection)));
}

Failure connect_timed_out(std::string_view conninfo, milliseconds limit) {
  return {Code::database_unreachable,
          "PostgreSQL did not answer within " + std::to_string(limit.count()) + " ms at " +
              redacted(conninfo),
          "check host, port and firewall"};
}

Failure lost_failure(PGconn const* connection) {
  std::string text = one_line(PQerrorMessage(connection));
  std::string const sqlstate = take_sqlstate(text);
  return {Code::database_unreachable,
          "lost the connection to PostgreSQL" + (text.empty() ? "" : ": " + text)};
}

void require_supported(PGconn const* connection) {
  int const version = PQserverVersion(connection);
  if (version >= 150000) return;
  throw Failure(Code::database_version,
                "PostgreSQL " + std::to_string(version / 10000) + " is older than 15",
                "use PostgreSQL 15 or newer");
}

void require_bindable(Params const& params) {
  if (params.size() > 65535)
    throw SqlError({.sqlstate = "54023", .message = "more than 65,535 parameters"});
  for (Param const& param : params)
    if (param && param->contains('\0'))
      throw SqlError(
          {.sqlstate = "22021", .message = "a text value may not hold the character NUL"});
}

void bind_text(Params const& params, std::vector<char const*>& values) {
  values.clear();
  for (Param const& param : params) values.push_back(param ? param->c_str() : nullptr);
}

Rows rows_of(Answer answer, PGconn const* connection) {
  switch (answer ? PQresultStatus(answer.get()) : PGRES_FATAL_ERROR) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_EMPTY_QUERY:
      return Rows(answer.release());
    case PGRES_FATAL_ERROR:
    case PGRES_BAD_RESPONSE:
      if (!answer || !PQresultErrorField(answer.get(), PG_DIAG_SQLSTATE))
        throw lost_failure(connection);
      throw SqlError::from(answer.get());
    default:
      throw Failure(Code::database_error, "a statement of an unexpected kind was executed");
  }
}

std::string redacted(std::string_view conninfo) {
  std::string error;
  auto const parsed = parse(std::string(conninfo), error);
  if (!parsed) return "(unreadable conninfo)";
  std::string text;
  for (auto const* option = parsed.get(); option->keyword; ++option) {
    std::string_view const keyword = option->keyword;
    if (!option->val || keyword.contains("password")) continue;
    if (!text.empty()) text.push_back(' ');
    text.append(keyword).append("=").append(option->val);
  }
  return text;
}

}  // namespace hansa::postgres
