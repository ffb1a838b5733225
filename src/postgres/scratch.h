// For tests: an empty database of one's own on the cluster that script/with-postgres runs.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "postgres/session.h"

namespace hansa::postgres {

// Makes a database with a unique name and drops it at the end. Roles are global to a cluster: tests
// that make any use unique_name() for the mesh and drop what `<mesh>_*` roles they leave (done
// here).
class ScratchDatabase {
 public:
  // Requires available(); use SKIP_WITHOUT_POSTGRES() first.
  ScratchDatabase();
  ~ScratchDatabase();
  ScratchDatabase(ScratchDatabase const&) = delete;
  ScratchDatabase& operator=(ScratchDatabase const&) = delete;

  [[nodiscard]] static bool available() { return std::getenv("HANSA_TEST_POSTGRES") != nullptr; }
  // A superuser's conninfo of the new database.
  [[nodiscard]] std::string const& conninfo() const { return conninfo_; }
  [[nodiscard]] Target target() const {
    return {.conninfo = conninfo_, .role = "", .application = "test"};
  }
  // "t1a2b3c4": unique in the cluster; a legal mesh name.
  [[nodiscard]] std::string const& unique_name() const { return name_; }

 private:
  std::string name_, conninfo_;
};

}  // namespace hansa::postgres

#define SKIP_WITHOUT_POSTGRES()                         \
  if (!::hansa::postgres::ScratchDatabase::available()) \
  GTEST_SKIP() << "HANSA_TEST_POSTGRES is not set; run under script/with-postgres"
