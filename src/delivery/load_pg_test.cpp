// Loading into PostgreSQL: rejects, resuming, atomic loads, identities, seeds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "delivery/applied_shop.h"
#include "delivery/load.h"

namespace hansa::delivery {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class LoadingShop : public AppliedShop {
 public:
  LoadingShop() {
    std::string name = (std::filesystem::temp_directory_path() / "hansa-load-XXXXXX").string();
    folder = ::mkdtemp(name.data());
    mesh.folder = folder.string();
    applied();
    sql("insert into products.category (title) values ('all')");
  }
  ~LoadingShop() { std::filesystem::remove_all(folder); }

  std::filesystem::path write(std::string const& name, std::string_view text) const {
    std::ofstream(folder / name, std::ios::binary) << text;
    return folder / name;
  }
  mesh::Served table(std::string_view name) const {
    for (auto const& served : mesh.served())
      if (served.object->name.text() == name) return served;
    throw std::logic_error("no such table");
  }
  LoadReport load(std::filesystem::path const& file, LoadOptions const& options = {}) const {
    return delivery::load(mesh, table("product"), target(), file, options);
  }
  std::string skus() {
    return one("select string_agg(sku, ' ' order by sku) from products.product");
  }
  std::vector<std::string> rejected(LoadReport const& report) const {
    std::vector<std::string> lines;
    std::ifstream stream(report.reject_file);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  }

  std::filesystem::path folder;
};

TEST(Load, PutsRowsInAndBadLinesAside) {
  SKIP_WITHOUT_POSTGRES();
  LoadingShop shop;
  auto const file = shop.write("p.csv",
                               "sku,name,price,stock,category_id\n"
                               "a,A,1.50,,1\n"
                               "b,B,1.505,1,1\n"  // digits
                               "c,C,2,-1,1\n"     // range
                               "a,D,2,1,1\n"      // unique
                               "e,E,2,1,99\n"     // foreign key
                               "f,F,3,4,\n");
  auto const report = shop.load(file);
  EXPECT_EQ(report.rows_loaded, 2U);
  EXPECT_EQ(report.lines_rejected, 4U);
  EXPECT_TRUE(report.finished);
  EXPECT_EQ(shop.skus(), "a f");
  EXPECT_EQ(shop.one("select price || ' ' || stock from products.product where sku = 'a'"),
            "1.50 0");
  EXPECT_THAT(
      shop.rejected(report),
      ElementsAre("line,reason,text", HasSubstr("3,\"price: expected at most 2 decimal"),
                  HasSubstr("4,\"stock: expected at least 0\",\"c,C,2,-1,1\""),
                  HasSubstr("5,\"duplicate key value violates unique constraint"),
                  HasSubstr("6,\"insert or update on table \"\"product\"\" violates foreign key")));
  auto const again = shop.load(file);
  EXPECT_TRUE(again.already_loaded);
  EXPECT_EQ(again.rows_loaded, 0U);
  EXPECT_EQ(shop.skus(), "a f");
}

TEST(Load, FindsEveryRowThatPostgresRefuses) {
  SKIP_WITHOUT_POSTGRES();
  LoadingShop shop;
  std::string text = "sku,name,price,category_id\n";
  std::size_t bad = 0;
  for (int i = 0; i < 500; ++i) {
    bool const stranger = i % 37 == 5, twin = i % 41 == 7;
    bad += stranger || twin;
    text += (twin ? "s1" : "s" + std::to_string(i)) + ",n,1," + (stranger ? "77" : "1") + "\n";
  }
  auto const report = shop.load(shop.write("p.csv", text), {.chunk_rows = 120});
  EXPECT_EQ(report.lines_rejected, bad);
  EXPECT_EQ(report.rows_loaded, 500 - bad);
  EXPECT_EQ(shop.one("select count(*) from products.product"), std::to_string(500 - bad));
  EXPECT_EQ(shop.rejected(report).size(), bad + 1);
}

TEST(Load, ReadsNdjsonWithManySetsOfColumns) {
  SKIP_WITHOUT_POSTGRES();
  LoadingShop shop;
  auto const report =
      shop.load(shop.write("p.ndjson",
                           "{\"sku\":\"a\",\"name\":\"A\",\"price\":1}\n"
                           "{\"sku\":\"b\",\"name\":\"B\",\"price\":2,\"stock\":null}\n"
                           "{\"sku\":\"a\",\"name\":\"A\",\"price\":1,\"stock\":2}\n"
                           "{\"sku\":\"c\",\"name\":\"C\\t\\\\\",\"price\":99999999.99}\n"));
  EXPECT_EQ(report.rows_loaded, 3U);
  EXPECT_THAT(shop.rejected(report),
              ElementsAre("line,reason,text", HasSubstr("3,\"duplicate key")));
  EXPECT_EQ(shop.one("select name || price from products.product where sku = 'c'"),
            "C\t\\99999999.99");
  EXPECT_EQ(shop.one("select stock is null from products.product where sku = 'b'"), "t");
}

std::string many_rows(int count) {
  std::string text = "sku,name,price\n";
  for (int i = 0; i < count; ++i)
    text += i % 9 == 4 ? "bad" + std::to_string(i) + ",x,y\n" : "s" + std::to_string(i) + ",n,1\n";
  return text;
}

// Interrupts behind every chunk in turn; the parts add up to the whole, and the rejects too.
TEST(Load, GoesOnBehindEveryChunk) {
  SKIP_WITHOUT_POSTGRES();
  LoadingShop shop;
  auto const file = shop.write("p.csv", many_rows(100));
  std::size_t rows = 0, runs = 0;
  LoadReport report;
  do {
    std::atomic<bool> interrupted = false;
    LoadOptions options{.chunk_rows = 13};
    options.interrupted = &interrupted;
    options.progress = [&](LoadProgress const&) { interrupted = true; };
    EXPECT_EQ(std::to_string(rows), shop.one("select count(*) from products.product"));
    report = shop.load(file, options);
    EXPECT_EQ(report.rows_loaded_before, rows);
    rows += report.rows_loaded;
    // What a killed run had written and not recorded is cut off by the next.
    if (!report.finished)
      std::ofstream(file.string() + ".rejected", std::ios::app) << "999,\"x\",\"y";
  } while (!report.finished && ++runs < 100);
  EXPECT_GT(runs, 5U);
  EXPECT_EQ(rows, 89U);
  EXPECT_EQ(report.lines_rejected, 11U);
  auto const lines = shop.rejected(report);
  ASSERT_EQ(lines.size(), 12U);
  EXPECT_THAT(lines[11], HasSubstr("96,\"price: expected a number\",\"bad94,x,y\""));
  EXPECT_EQ(shop.one("select finished from hansa.load_products"), "t");
}

TEST(Load, IsAllOrNothingWhenAsked) {
  SKIP_WITHOUT_POSTGRES();
  LoadingShop shop;
  auto const bad =
      shop.write("bad.csv", "sku,name,price,category_id\na,A,1,1\nb,B,x,1\na,C,1,1\nd,D,1,9\n");
  auto const report = shop.load(bad, {.atomic = true});
  EXPECT_EQ(report.rows_loaded, 0U);
  EXPECT_EQ(report.lines_rejected, 3U);
  EXPECT_EQ(shop.rejected(report).size(), 4U);
  EXPECT_EQ(shop.one("select count(*) from products.product"), "0");
  EXPECT_EQ(shop.one("select count(*) from hansa.load_products"), "0");
  auto const good = shop.write("good.csv", "sku,name,price\na,A,1\nb,B,2\n");
  EXPECT_EQ(shop.load(good, {.atomic = true, .chunk_rows = 1}).rows_loaded, 2U);
  EXPECT_TRUE(shop.load(good, {.atomic = true}).already_loaded);
}

TEST(Load, ForgetsWhenAskedTo) {
  SKIP_WITHOUT_POSTGRES();
  LoadingShop shop;
  auto const file = shop.write("p.csv", "sku,name,price\na,A,1\n");
  EXPECT_EQ(shop.load(file).rows_loaded, 1U);
  shop.sql("delete from products.product");
  EXPECT_EQ(shop.load(file, {.restart = true}).rows_loaded, 1U);
}

TEST(Load, AdvancesIdentities) {
  SKIP_WITHOUT_POSTGRES();
  LoadingShop shop;
  EXPECT_EQ(
      shop.load(shop.write("p.csv", "id,sku,name,price\n70,a,A,1\n,b,B,1\n90,a,twin,1\n5,c,C,1\n"))
          .rows_loaded,
      3U);
  EXPECT_EQ(
      shop.one("insert into products.product (sku, name, price) values ('d', 'D', 1) returning id"),
      "71");
  EXPECT_EQ(shop.load(shop.write("q.csv", "id,sku,name,price\n60,e,E,1\n")).rows_loaded, 1U);
  EXPECT_EQ(shop.one("select nextval('products.product_id_seq') > 71"), "t");
}

TEST(Load, RefusesTheSameFileTwiceAtOnce) {
  SKIP_WITHOUT_POSTGRES();
  LoadingShop shop;
  auto const file = shop.write("p.csv", many_rows(30));
  LoadOptions options{.chunk_rows = 10};
  int refused = 0;
  options.progress = [&](LoadProgress const&) {
    if (refused > 0) return;
    auto const error = error_of([&] { static_cast<void>(shop.load(file)); });
    EXPECT_THAT(error.detail, HasSubstr("another load of this file"));
    ++refused;
  };
  EXPECT_EQ(shop.load(file, options).rows_loaded, 27U);
  EXPECT_EQ(refused, 1);
}

TEST(Load, SaysWhatIsWrongWithTheFile) {
  SKIP_WITHOUT_POSTGRES();
  LoadingShop shop;
  auto const code = [&](std::filesystem::path const& file) {
    return error_of([&] { static_cast<void>(shop.load(file)); }).code;
  };
  EXPECT_EQ(code(shop.folder / "absent.csv"), Code::unreadable_file);
  EXPECT_EQ(code(shop.write("p.xlsx", "x")), Code::load_failed);
  EXPECT_EQ(code(shop.write("p.csv", "")), Code::load_failed);
  EXPECT_EQ(code(shop.write("q.csv", "sku,nmae\n")), Code::load_failed);
}

TEST(Seed, FillsEmptyTablesInOrderAndOnce) {
  SKIP_WITHOUT_POSTGRES();
  LoadingShop shop;
  shop.sql("delete from products.category");
  shop.write("category.csv", "id,title\n7,Tools\n");
  shop.write("product.csv", "sku,name,price,category_id\na,A,1,7\nb,B,2,7\n");
  shop::object(shop.mesh, "product").seed_file = "product.csv";
  shop::object(shop.mesh, "category").seed_file = "category.csv";
  EXPECT_THAT(seed(shop.mesh, shop.place()), ElementsAre(testing::Pair("products.category", 1),
                                                         testing::Pair("products.product", 2)));
  EXPECT_THAT(seed(shop.mesh, shop.place()), ElementsAre(testing::Pair("products.category", 0),
                                                         testing::Pair("products.product", 0)));
  EXPECT_EQ(shop.skus(), "a b");
}

TEST(Seed, PutsNothingInWhenALineIsWrong) {
  SKIP_WITHOUT_POSTGRES();
  LoadingShop shop;
  shop.write("product.csv", "sku,name,price\na,A,1\nb,B,x\n");
  shop::object(shop.mesh, "product").seed_file = "product.csv";
  auto const error = error_of([&] { static_cast<void>(seed(shop.mesh, shop.place())); });
  EXPECT_EQ(error.code, Code::rejected_lines);
  EXPECT_EQ(error.detail, "product.csv: line 3: price: expected a number");
  EXPECT_EQ(shop.one("select count(*) from products.product"), "0");
}

}  // namespace
}  // namespace hansa::delivery
