// What of the command line is pure or touches only a temporary folder.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cli/examples.h"
#include "cli/folder.h"
#include "cli/greeting.h"
#include "cli/running.h"
#include "cli/terminal.h"

namespace hansa::cli {
namespace {

namespace fs = std::filesystem;

class Folder : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "hansa-cli.XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    path = pattern;
  }
  void TearDown() override { fs::remove_all(path); }
  fs::path path;
};

TEST(Terminal, PutsCommasIntoNumbers) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1000), "1,000");
  EXPECT_EQ(with_commas(1234567), "1,234,567");
}

TEST(Terminal, ErrorsSayWhatToDoNext) {
  auto const text =
      to_people({Code::address_in_use, "port 8000 is taken", "try --port 8001"}, Colour::off);
  EXPECT_EQ(text, "error: port 8000 is taken [H6002 address-in-use]\n  hint: try --port 8001\n");
}

TEST_F(Folder, SecretsComeFromVariableFileAndCommand) {
  ::setenv("HANSA_CLI_TEST", "ana", 1);
  std::ofstream(path / "password") << "s3cret\n";
  auto const value = [&](std::string reference) {
    return resolve({std::move(reference), {}}, path);
  };
  EXPECT_EQ(value("user=${HANSA_CLI_TEST} password=${file:password}"), "user=ana password=s3cret");
  EXPECT_EQ(value("${cmd:printf 'a b'}"), "a b");
  EXPECT_EQ(value("host=db"), "host=db");
}

TEST_F(Folder, ASecretThatCannotBeHadNamesTheReferenceOnly) {
  ::unsetenv("HANSA_CLI_ABSENT");
  auto const code_of = [&](std::string reference) {
    try {
      std::ignore = resolve({std::move(reference), {}}, path);
    } catch (Failure const& failure) {
      return failure.error().code;
    }
    return Code::internal;
  };
  EXPECT_EQ(code_of("${HANSA_CLI_ABSENT}"), Code::missing_reference);
  EXPECT_EQ(code_of("${file:absent}"), Code::unreadable_file);
  EXPECT_EQ(code_of("${cmd:exit 3}"), Code::missing_reference);
}

TEST_F(Folder, TheLockHasOneHolder) {
  EXPECT_EQ(lock_holder(path), std::nullopt);
  {
    auto const lock = RunLock::take(path);
    ASSERT_TRUE(lock);
    EXPECT_EQ(lock_holder(path), ::getpid());
    write_state(path,
                {.pid = ::getpid(), .url = "http://localhost:1", .conninfo = "", .greeting = "up"});
    auto const second = RunLock::take(path);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::already_running);
    EXPECT_THAT(second.error().detail, testing::HasSubstr("http://localhost:1"));
  }
  EXPECT_EQ(lock_holder(path), std::nullopt);
}

TEST_F(Folder, StateSurvivesTheRoundTripAndRubbish) {
  EXPECT_FALSE(read_state(path));
  write_state(path, {.pid = 7, .url = "u", .conninfo = "host='a b'", .greeting = "é\n\"x\""});
  auto const state = read_state(path);
  ASSERT_TRUE(state);
  EXPECT_EQ(state->pid, 7);
  EXPECT_EQ(state->conninfo, "host='a b'");
  EXPECT_EQ(state->greeting, "é\n\"x\"");
  std::ofstream(path / "state.json") << "{rubbish";
  EXPECT_FALSE(read_state(path));
}

TEST(Examples, TheShopIsInsideWhole) {
  auto const shop = find_example("shop");
  ASSERT_FALSE(shop.empty());
  EXPECT_TRUE(find_example("none").empty());
  for (ExampleFile const& file : shop) {
    std::ifstream in(fs::path{HANSA_SOURCE} / "examples/ecommerce" / file.path, std::ios::binary);
    std::string const text{std::istreambuf_iterator<char>(in), {}};
    EXPECT_EQ(text, file.text) << file.path;
  }
}

TEST(Greeting, OffersCommandsThatNeedNothingElse) {
  mesh::Mesh mesh;
  mesh.name = MeshName{"shop"};
  mesh::Domain domain;
  domain.name = DomainName{"products"};
  mesh::Contract contract;
  contract.id = ContractId{"products-product-v1"};
  contract.domain = domain.name;
  contract.major = Major{1};
  mesh::Object object;
  object.name = ObjectName{"product"};
  mesh::Column id;
  id.name = ColumnName{"id"};
  id.required = id.identity = true;
  mesh::Column name;
  name.name = ColumnName{"name"};
  name.required = true;
  name.examples = {json::text("it's")};
  object.columns = {id, name};
  contract.objects = {object};
  domain.contracts = {contract};
  mesh::Product product;
  product.name = ProductName{"catalog"};
  product.domain = domain.name;
  product.output_ports = {{"product_rest", mesh::PortType::rest, contract.id, Major{1}, ""}};
  domain.products = {product};
  mesh.domains = {domain};
  auto const text = greeting(mesh, {.url = "http://localhost:8000"}, "host=/x user=hansa");
  EXPECT_THAT(text, testing::HasSubstr("curl http://localhost:8000/products/v1/product\n"));
  EXPECT_THAT(text, testing::HasSubstr(R"(-d '{"name":"it'\''s"}')"));
  EXPECT_THAT(text, testing::HasSubstr(
                        R"(psql 'host=/x user=hansa' -c 'select * from products_v1."product"')"));
  EXPECT_THAT(text, testing::HasSubstr("http://localhost:8000/products/v1/docs"));
}

}  // namespace
}  // namespace hansa::cli
