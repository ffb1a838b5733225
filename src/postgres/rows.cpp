#include "postgres/rows.h"

#include <array>
#include <charconv>
#include <utility>

namespace hansa::postgres {
namespace {

struct Mapping {
  std::string_view prefix;  // a whole SQLSTATE, or the start of several
  Code code;
};

// Longer prefixes stand before shorter ones that would also match.
constexpr auto mappings = std::to_array<Mapping>({
    {"53300", Code::connections_exhausted},
    {"53100", Code::disk_full},
    {"57014", Code::statement_timeout},
    {"42501", Code::insufficient_privilege},
    {"55P03", Code::lock_not_granted},
    {"54000", Code::value_over_limit},
    {"25006", Code::read_only_database},
    {"23505", Code::unique_violation},
    {"23503", Code::reference_violation},
    {"23001", Code::reference_violation},
    {"23514", Code::check_violation},
    {"23502", Code::check_violation},
    {"57P0", Code::database_unreachable},
    {"08", Code::database_unreachable},
    {"40", Code::serialization_failure},
    {"22", Code::check_violation},
});

std::string field(PGresult const* result, int code) {
  char const* text = PQresultErrorField(result, code);
  return text ? text : "";
}

Error error_of(SqlError::Details const& details) {
  std::string text = details.message;
  if (!details.detail.empty()) text.append(": ").append(details.detail);
  if (!details.context.empty()) text.append("; ").append(details.context);
  text.append(" [SQLSTATE ").append(details.sqlstate).append("]");
  return {code_of(details.sqlstate), std::move(text), details.hint};
}

}  // namespace

std::size_t Rows::affected() const {
  if (!result_) return 0;
  std::string_view const text = PQcmdTuples(result_.get());
  std::size_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

SqlError::SqlError(Details details) : Failure(error_of(details)), details_(std::move(details)) {}

SqlError SqlError::from(PGresult const* result) {
  Details details{
      .sqlstate = field(result, PG_DIAG_SQLSTATE),
      .message = field(result, PG_DIAG_MESSAGE_PRIMARY),
      .detail = field(result, PG_DIAG_MESSAGE_DETAIL),
      .hint = field(result, PG_DIAG_MESSAGE_HINT),
      .context = field(result, PG_DIAG_CONTEXT),
      .schema = field(result, PG_DIAG_SCHEMA_NAME),
      .table = field(result, PG_DIAG_TABLE_NAME),
      .column = field(result, PG_DIAG_COLUMN_NAME),
      .constraint = field(result, PG_DIAG_CONSTRAINT_NAME),
  };
  // libpq's own errors carry neither a state nor a message field.
  if (details.sqlstate.empty()) details.sqlstate = "08006";
  if (details.message.empty()) {
    details.message = PQresultErrorMessage(result);
    while (details.message.ends_with('\n')) details.message.pop_back();
  }
  return SqlError(std::move(details));
}

Code code_of(std::string_view sqlstate) {
  for (Mapping const& mapping : mappings)
    if (sqlstate.starts_with(mapping.prefix)) return mapping.code;
  return Code::database_error;
}

namespace {

std::string doubled(std::string_view text, char quote) {
  std::string quoted;
  quoted.reserve(text.size() + 2);
  quoted.push_back(quote);
  for (char const c : text) {
    if (c == quote) quoted.push_back(quote);
    quoted.push_back(c);
  }
  quoted.push_back(quote);
  return quoted;
}

}  // namespace

std::string quote_name(std::string_view name) { return doubled(name, '"'); }
std::string quote_literal(std::string_view text) { return doubled(text, '\''); }

}  // namespace hansa::postgres
