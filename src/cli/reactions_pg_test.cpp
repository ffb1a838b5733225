// Tests of reactions on a database that a mesh is applied to, as `hansa test` runs them, by a role
// that is no superuser. Here, because this is the room that applies and runs tests.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/test_report.h"
#include "delivery/delivery.h"
#include "mesh/load.h"
#include "postgres/scratch.h"
#include "spec/golden.h"

namespace hansa::cli {
namespace {

std::filesystem::path testdata(std::string const& name) {
  return std::filesystem::path(HANSA_TESTDATA) / name;
}

class AppliedMesh {
 public:
  explicit AppliedMesh(golden::Case const& of) : loaded_(load(of)) {
    auto const name = database_.unique_name();
    auto superuser = postgres::Session::open(database_.target());
    superuser.execute("create role " + name + "_deployer login createrole");
    superuser.execute("grant create on database " + name + " to " + name + "_deployer");
    if (!loaded_.mesh) return;
    mesh().name = MeshName(name);
    std::vector<DomainName> domains;
    for (mesh::Domain const& domain : mesh().domains) domains.push_back(domain.name);
    postgres::Target const target{.conninfo = database_.conninfo() + " user=" + name + "_deployer"};
    delivery::apply(mesh(), {.target = target, .domains = domains}, {});
    session_.emplace(postgres::Session::open(target));
  }

  // Every test's line and what is below it.
  std::string run(events::TrialOptions const& options) {
    std::string out;
    for (mesh::PortTests const& tests : loaded_.tests)
      for (mesh::ReactionTest const& test : tests.tests) {
        auto const& port = *mesh().find_subscription(tests.domain, tests.product, tests.port);
        out += to_text({.port = tests.domain.text() + "/" + tests.port,
                        .name = test.name,
                        .result = events::run_test(mesh(), port, test, *session_, options)},
                       Colour::off);
      }
    return out;
  }

  [[nodiscard]] mesh::Loaded const& loaded() const { return loaded_; }
  [[nodiscard]] postgres::Session& session() { return *session_; }
  [[nodiscard]] mesh::Mesh& mesh() { return *loaded_.mesh; }

 private:
  static mesh::Loaded load(golden::Case const& of) {
    golden::TemporaryFolder folder;
    auto const base = golden::parse_sections(golden::read_file(testdata("reactions_base.txt")));
    for (auto const* sections : {&base, &of.sections})
      for (golden::Section const& section : *sections)
        golden::write_file(folder.path() / section.name, section.body);
    return mesh::load(folder.path());
  }

  postgres::ScratchDatabase database_;
  mesh::Loaded loaded_;
  std::optional<postgres::Session> session_;
};

TEST(ReactionsOnPostgres, DoWhatTheirTestsSayUnderEverySplit) {
  SKIP_WITHOUT_POSTGRES();
  auto const cases = golden::cases(testdata("reactions"));
  EXPECT_FALSE(cases.empty());
  for (golden::Case const& each : cases) {
    SCOPED_TRACE(each.file);
    AppliedMesh applied(each);
    ASSERT_FALSE(applied.loaded().diagnostics.has_errors())
        << to_text(applied.loaded().diagnostics.sorted(), applied.loaded().sources, Colour::off);
    auto const slow = each.file.filename() == "stopping.txt" ? 500 : 10'000;
    golden::check(each, applied.run({.timeout = std::chrono::milliseconds(slow)}));
    EXPECT_FALSE(applied.session().in_transaction());
    EXPECT_EQ(applied.session().execute("select count(*) from hansa.pending_products").value(0, 0),
              "0");
  }
}

TEST(ReactionsOnPostgres, StopWhenInterrupted) {
  SKIP_WITHOUT_POSTGRES();
  AppliedMesh applied(golden::cases(testdata("reactions")).front());
  std::atomic<bool> const interrupted = true;
  try {
    applied.run({.interrupted = &interrupted});
    FAIL() << "went on";
  } catch (Failure const& failure) {
    EXPECT_EQ(failure.error().code, Code::interrupted);
  }
  EXPECT_FALSE(applied.session().in_transaction());
}

}  // namespace
}  // namespace hansa::cli
