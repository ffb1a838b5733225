#include "postgres/temporary_database.h"

#include "postgres/connect.h"
#include "postgres/session.h"

namespace hansa::postgres {

TemporaryDatabase::TemporaryDatabase(std::string conninfo, std::string name)
    : server_(std::move(conninfo)),
      name_(std::move(name)),
      conninfo_(with_database(server_, name_)) {
  auto session = Session::open({.conninfo = server_});
  try {
    session.execute("create database " + quote_name(name_) + " template template0 encoding 'UTF8'");
  } catch (SqlError const& error) {
    if (code_of(error.sqlstate()) != Code::insufficient_privilege) throw;
    throw Failure(Code::insufficient_privilege, error.details().message,
                  "the login needs CREATEDB and CREATEROLE");
  }
}

TemporaryDatabase::~TemporaryDatabase() {
  try {
    auto session = Session::open({.conninfo = server_});
    session.execute("drop database if exists " + quote_name(name_) + " with (force)");
    auto const roles = session.execute(
        "select rolname from pg_catalog.pg_roles where starts_with(rolname, $1)", {name_ + "_"});
    for (std::size_t row = 0; row < roles.size(); ++row)
      session.execute("drop role if exists " + quote_name(roles.value(row, 0)));
  } catch (std::exception const&) {
    // The server is gone, or will not let it go: its name says what it was.
  }
}

}  // namespace hansa::postgres
