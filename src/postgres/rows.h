// The answer of a statement: rows of values, owned. And the error of one, with its SQLSTATE.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hansa::postgres {

// A parameter in PostgreSQL's text input; nullopt is NULL. The text must not contain NUL.
using Param = std::optional<std::string>;
using Params = std::vector<Param>;

// Owns one PGresult of a successful statement. Move only; views live as long as this does.
class Rows {
 public:
  Rows() = default;
  explicit Rows(PGresult* result) : result_(result) {}

  [[nodiscard]] std::size_t size() const {
    return result_ ? static_cast<std::size_t>(PQntuples(result_.get())) : 0;
  }
  [[nodiscard]] std::size_t columns() const {
    return result_ ? static_cast<std::size_t>(PQnfields(result_.get())) : 0;
  }
  [[nodiscard]] bool is_null(std::size_t row, std::size_t column) const {
    return PQgetisnull(result_.get(), static_cast<int>(row), static_cast<int>(column)) != 0;
  }
  // The value as PostgreSQL's text output, or binary if that was asked for; empty for NULL.
  [[nodiscard]] std::string_view value(std::size_t row, std::size_t column) const {
    auto const r = static_cast<int>(row);
    auto const c = static_cast<int>(column);
    return {PQgetvalue(result_.get(), r, c),
            static_cast<std::size_t>(PQgetlength(result_.get(), r, c))};
  }
  // Rows changed by INSERT, UPDATE, DELETE, COPY; 0 otherwise.
  [[nodiscard]] std::size_t affected() const;

 private:
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  std::unique_ptr<PGresult, Clear> result_;
};

// PostgreSQL refused a statement. Messages may quote data: they go to logs, never to clients as
// they are.
class SqlError : public Failure {
 public:
  struct Details {
    std::string sqlstate;  // five characters
    std::string message, detail, hint, context;
    std::string schema, table, column, constraint;
  };
  explicit SqlError(Details details);
  [[nodiscard]] static SqlError from(PGresult const* result);
  [[nodiscard]] Details const& details() const { return details_; }
  [[nodiscard]] std::string_view sqlstate() const { return details_.sqlstate; }

 private:
  Details details_;
};

// SQLSTATE to the catalogue: 08*, 57P0* database_unreachable; 53300 connections_exhausted; 57014
// statement_timeout; 42501 insufficient_privilege; 53100 disk_full; 40* serialization_failure;
// 55P03 lock_not_granted; 25006 read_only_database; 23505 unique_violation; 23503
// reference_violation; 23514, 23502, 22* check_violation; else database_error.
[[nodiscard]] Code code_of(std::string_view sqlstate);

// An SQL identifier in double quotes, quotes doubled; and a string literal
// (standard_conforming_strings).
[[nodiscard]] std::string quote_name(std::string_view name);
[[nodiscard]] std::string quote_literal(std::string_view text);

}  // namespace hansa::postgres
