// How planning grows: the statements it sends are the same dozen for any number of tables.
#include <cstdio>

#include "delivery/applied_shop.h"

namespace hansa::delivery {
namespace {

// HANSA_PLAN_TABLES=1000 measures a large mesh; the default keeps the test quick.
std::size_t table_count() {
  char const* wanted = std::getenv("HANSA_PLAN_TABLES");
  return wanted == nullptr ? 60 : std::strtoul(wanted, nullptr, 10);
}

void fill(mesh::Mesh& mesh, std::size_t tables) {
  constexpr std::size_t domains = 10, columns_max = 9;
  mesh.domains.clear();
  for (std::size_t d = 0; d < domains; ++d) {
    auto domain = shop::domain("d" + std::to_string(d));
    for (std::size_t t = d; t < tables; t += domains) {
      std::vector<mesh::Column> columns{shop::identity()};
      for (std::size_t c = 0; c < columns_max; ++c) {
        columns.push_back(shop::column("c" + std::to_string(c), types::Kind::text));
        columns.back().rules.max_length = 100;
      }
      shop::add_contract(domain, shop::table("t" + std::to_string(t), columns, "x.yaml"),
                         shop::Served::yes);
    }
    mesh.domains.push_back(std::move(domain));
  }
}

TEST(Planning, OfManyTablesIsQuick) {
  SKIP_WITHOUT_POSTGRES();
  AppliedShop shop;
  fill(shop.mesh, table_count());
  shop.applied();
  auto const start = std::chrono::steady_clock::now();
  EXPECT_TRUE(shop.planned().empty());
  auto const took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - start);
  std::printf("plan of %zu tables: %lld ms\n", table_count(), static_cast<long long>(took.count()));
  EXPECT_LT(took, std::chrono::seconds(10));
}

}  // namespace
}  // namespace hansa::delivery
