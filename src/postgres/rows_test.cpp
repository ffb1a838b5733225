// SQLSTATE to the catalogue, quoting, and what a failed connect says.
#include "postgres/rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "postgres/connect.h"

namespace hansa::postgres {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Sqlstate, MapsToTheCatalogue) {
  auto const check = [](std::string_view sqlstate, Code code) {
    EXPECT_EQ(info(code_of(sqlstate)).name, info(code).name) << sqlstate;
  };
  check("08006", Code::database_unreachable);
  check("57P01", Code::database_unreachable);
  check("57014", Code::statement_timeout);
  check("53300", Code::connections_exhausted);
  check("53200", Code::database_error);
  check("53100", Code::disk_full);
  check("42501", Code::insufficient_privilege);
  check("40001", Code::serialization_failure);
  check("40P01", Code::serialization_failure);
  check("55P03", Code::lock_not_granted);
  check("25006", Code::read_only_database);
  check("25P02", Code::database_error);
  check("23505", Code::unique_violation);
  check("23503", Code::reference_violation);
  check("23514", Code::check_violation);
  check("23502", Code::check_violation);
  check("22003", Code::check_violation);
  check("42P01", Code::database_error);
  check("", Code::database_error);
}

TEST(Quoting, LeavesNoWayOut) {
  EXPECT_EQ(quote_name("a\"; drop table x--"), "\"a\"\"; drop table x--\"");
  EXPECT_EQ(quote_name(""), "\"\"");
  EXPECT_EQ(quote_literal("l'été\\"), "'l''été\\'");
}

TEST(SqlError, CarriesStateInItsText) {
  SqlError const error({.sqlstate = "23505", .message = "duplicate key", .hint = "h"});
  EXPECT_EQ(error.error().code, Code::unique_violation);
  EXPECT_THAT(error.what(), HasSubstr("duplicate key [SQLSTATE 23505] (h)"));
}

TEST(Bind, RefusesNul) {
  std::vector<char const*> values;
  EXPECT_THROW(require_bindable({std::string("a\0b", 3)}), SqlError);
  Params const params{"x", std::nullopt};
  bind_text(params, values);
  ASSERT_EQ(values.size(), 2U);
  EXPECT_STREQ(values[0], "x");
  EXPECT_EQ(values[1], nullptr);
}

TEST(Redacted, HidesPasswords) {
  EXPECT_THAT(redacted("host=h password=s3cret user=u"), Not(HasSubstr("s3cret")));
  EXPECT_THAT(redacted("postgresql://u:s3cret@h:1/d?sslpassword=s3cret"),
              testing::AllOf(Not(HasSubstr("s3cret")), HasSubstr("host=h"), HasSubstr("dbname=d")));
  EXPECT_EQ(redacted("host='unclosed s3cret"), "(unreadable conninfo)");
}

TEST(ConnectParameters, EscapesTheRoleAndKeepsGivenOptions) {
  ConnectParameters const parameters(
      {.conninfo = "options='-c work_mem=8MB'", .role = "a b\\c\td -c x=y"},
      {.statement = std::chrono::milliseconds(250), .lock = std::chrono::milliseconds(20)});
  EXPECT_THAT(parameters.options(), testing::StartsWith("-c work_mem=8MB -c TimeZone=UTC"));
  EXPECT_THAT(parameters.options(), HasSubstr(" -c statement_timeout=250 -c lock_timeout=20 "));
  EXPECT_THAT(parameters.options(), testing::EndsWith(" -c role=a\\ b\\\\c\\\td\\ -c\\ x=y"));
}

TEST(ConnectParameters, DoNotQuoteAnUnreadableConninfo) {
  try {
    ConnectParameters const parameters({.conninfo = "host='x password=s3cret"}, Timeouts{});
    FAIL() << "accepted";
  } catch (Failure const& failure) {
    EXPECT_THAT(failure.what(), Not(HasSubstr("s3cret")));
  }
}

TEST(ConnectError, SaysWhatToDo) {
  auto const check = [](std::string_view text, Code code, std::string_view detail,
                        std::string_view hint) {
    auto const error = explain_connect_error(text);
    EXPECT_EQ(error.code, code) << text;
    EXPECT_EQ(error.detail, detail);
    EXPECT_THAT(error.hint, HasSubstr(std::string(hint)));
  };
  check(
      "connection to server at \"h\" (::1), port 5 failed: FATAL:  28P01: password is wrong\n"
      "LOCATION:  auth_failed, auth.c:330\n",
      Code::database_unreachable,
      "connection to server at \"h\" (::1), port 5 failed: password is wrong", "password");
  check("x failed: FATAL:  53300: sorry, too many clients already\n", Code::connections_exhausted,
        "x failed: sorry, too many clients already", "max_connections");
  check(
      "connection to server at \"h\" (::1), port 1 failed: Connection refused\n"
      "\tIs the server running on that host and accepting TCP/IP connections?\n"
      "connection to server at \"h\" (127.0.0.1), port 1 failed: Connection refused\n",
      Code::database_unreachable,
      "connection to server at \"h\" (::1), port 1 failed: Connection refused; "
      "connection to server at \"h\" (127.0.0.1), port 1 failed: Connection refused",
      "is PostgreSQL running there");
  check("FATAL:  3", Code::database_unreachable, "FATAL:  3", "");
  check("", Code::database_unreachable, "", "");
}

}  // namespace
}  // namespace hansa::postgres
