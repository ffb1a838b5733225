// What a load leaves in the log of its domain: the events of its rows, or none where it says so.
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "delivery/applied_shop.h"
#include "delivery/load.h"

namespace hansa::delivery {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class LoadingCapturedShop : public CapturedShop {
 public:
  LoadingCapturedShop() {
    std::string name = (std::filesystem::temp_directory_path() / "hansa-load-XXXXXX").string();
    folder = ::mkdtemp(name.data());
    mesh.folder = folder.string();
    applied();
  }
  ~LoadingCapturedShop() { std::filesystem::remove_all(folder); }

  LoadReport load(std::string_view lines, LoadOptions const& options = {}) const {
    return load_as(target(), lines, options);
  }
  LoadReport load_as(postgres::Target const& login, std::string_view lines,
                     LoadOptions const& options) const {
    auto const file = folder / "p.csv";
    std::ofstream(file, std::ios::binary) << "sku,name,price\n" << lines;
    return delivery::load(mesh, product(), login, file, options);
  }

 private:
  mesh::Served product() const {
    for (auto const& served : mesh.served())
      if (served.object->name.text() == "product") return served;
    throw std::logic_error("no such table");
  }

  std::filesystem::path folder;
};

TEST(LoadEvents, AreMade) {
  SKIP_WITHOUT_POSTGRES();
  LoadingCapturedShop shop;
  auto const report = shop.load("a,A,1\nb,B,2\n");
  EXPECT_EQ(report.rows_loaded, 2U);
  EXPECT_FALSE(report.no_events);
  EXPECT_THAT(shop.taken("products"), ElementsAre("product c 1", "product c 2"));
}

TEST(LoadEvents, AreLeftOutOfHistory) {
  SKIP_WITHOUT_POSTGRES();
  LoadingCapturedShop shop;
  auto const report = shop.load("a,A,1\nb,B,2\na,A,3\n", {.no_events = true, .chunk_rows = 1});
  EXPECT_EQ(report.rows_loaded, 2U);
  EXPECT_EQ(report.lines_rejected, 1U);
  EXPECT_TRUE(report.no_events);
  EXPECT_TRUE(shop.load("c,C,1\n", {.atomic = true, .no_events = true}).no_events);
  EXPECT_EQ(shop.one("select count(*) from products.product"), "3");
  EXPECT_THAT(shop.taken("products"), IsEmpty());
  shop.load("d,D,1\n");
  EXPECT_THAT(shop.taken("products"), ElementsAre("product c 5"))
      << "one load says nothing of the next";
}

TEST(LoadEvents, AreNotLeftOutForLoginsThatOwnNoLog) {
  SKIP_WITHOUT_POSTGRES();
  LoadingCapturedShop shop;
  auto const clerk = shop.database.unique_name() + "_clerk";
  shop.sql("create role " + clerk + " login; grant " + shop.role("products", "runtime") + " to " +
           clerk);
  postgres::Target const login{.conninfo = shop.database.conninfo() + " user=" + clerk};
  auto const error =
      error_of([&] { static_cast<void>(shop.load_as(login, "a,A,1\n", {.no_events = true})); });
  EXPECT_EQ(error.code, Code::insufficient_privilege) << to_text(error);
  EXPECT_EQ(shop.one("select count(*) from products.product"), "0");
  EXPECT_EQ(shop.load_as(login, "a,A,1\n", {}).rows_loaded, 1U);
  EXPECT_THAT(shop.taken("products"), ElementsAre("product c 1"));
}

}  // namespace
}  // namespace hansa::delivery
