#include "mesh/projections.h"

#include <gtest/gtest.h>

namespace hansa::mesh {
namespace {

Column pointing_to(std::string domain, std::string object) {
  Column column;
  column.reference = Reference{.domain = DomainName{std::move(domain)},
                               .object = ObjectName{std::move(object)},
                               .column = ColumnName{"id"}};
  return column;
}

Mesh subscribed(Reaction::Kind kind) {
  Mesh mesh;
  mesh.topics = {Topic{.name = "products-product-v1", .domain = DomainName{"products"}}};
  mesh.subscriptions = {Subscription{
      .domain = DomainName{"orders"},
      .topic = "products-product-v1",
      .reaction = {.kind = kind, .writes = {ObjectName{"known_product"}, ObjectName{"product"}}}}};
  return mesh;
}

std::string announcing(Mesh const& mesh, Column const& column) {
  auto const* const topic = announcing_topic(mesh, column);
  return topic == nullptr ? "none" : topic->name;
}

TEST(Projections, AnnounceTheRowsOfTheirTables) {
  auto const mesh = subscribed(Reaction::Kind::projection);
  EXPECT_EQ(announcing(mesh, pointing_to("orders", "product")), "products-product-v1");
  EXPECT_EQ(announcing(mesh, pointing_to("orders", "known_product")), "products-product-v1");
  EXPECT_EQ(announcing(mesh, pointing_to("orders", "order")), "none");
  EXPECT_EQ(announcing(mesh, pointing_to("users", "product")), "none");
  EXPECT_EQ(announcing(mesh, Column{}), "none");
  auto logical = pointing_to("orders", "product");
  logical.reference->crosses_domains = true;
  EXPECT_EQ(announcing(mesh, logical), "none");
}

TEST(Projections, AreNotEffects) {
  EXPECT_EQ(announcing(subscribed(Reaction::Kind::effect), pointing_to("orders", "product")),
            "none");
}

}  // namespace
}  // namespace hansa::mesh
