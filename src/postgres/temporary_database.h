// A database on a given server that is gone with the object, and with it the roles that were made
// for it. Blocking.
#pragma once

#include <string>

namespace hansa::postgres {

class TemporaryDatabase {
 public:
  // `name` is not taken, and begins the names of roles that nobody else has: so it holds something
  // drawn by chance. The login needs CREATEDB, or is a superuser. Throws Failure:
  // insufficient_privilege, and what opening a session throws.
  TemporaryDatabase(std::string conninfo, std::string name);
  // Ends the sessions in it. Roles called "<name>_..." go as well.
  ~TemporaryDatabase();
  TemporaryDatabase(TemporaryDatabase const&) = delete;
  TemporaryDatabase& operator=(TemporaryDatabase const&) = delete;

  [[nodiscard]] std::string const& conninfo() const { return conninfo_; }

 private:
  std::string server_, name_, conninfo_;
};

}  // namespace hansa::postgres
