#include "delivery/applied_shop.h"

namespace hansa::delivery {
namespace {

TEST(Departed, DomainsAreNotedUntilTheNotesStatementsRemoveThem) {
  SKIP_WITHOUT_POSTGRES();
  CapturedShop shop;
  shop.applied();
  Place const without_orders{.target = shop.target(),
                             .domains = {DomainName("products"), DomainName("users")}};
  // Declared, though for another place.
  EXPECT_TRUE(make_plan(shop.mesh, without_orders).notes.empty());

  std::erase_if(shop.mesh.domains, [](auto const& d) { return d.name.text() == "orders"; });
  auto const plan = shop.planned();
  EXPECT_TRUE(plan.empty());
  ASSERT_EQ(plan.notes.size(), 1U);
  auto const& note = plan.notes.front();
  EXPECT_TRUE(
      note.starts_with("domain `orders` is in the database but not in the folder: left "
                       "alone; "))
      << note;
  EXPECT_NE(to_text(plan, Colour::off).find("note: domain `orders`"), std::string::npos);
  EXPECT_NE(to_text(plan, Colour::off).find("No changes."), std::string::npos);
  EXPECT_NE(to_json(plan).find("domain `orders`"), std::string::npos);

  // Nor is it another mesh's business.
  auto other = shop.mesh;
  other.name = MeshName("elsewhere");
  EXPECT_TRUE(make_plan(other, {.target = shop.target(), .domains = {}}).notes.empty());

  auto session = postgres::Session::open(shop.target());
  session.script(note.substr(note.find("drop schema")));
  EXPECT_TRUE(shop.planned().notes.empty());
  EXPECT_EQ(shop.one("select count(*) from pg_roles where rolname like '%" +
                     shop.role("orders", "") + "%'"),
            "0");
}

}  // namespace
}  // namespace hansa::delivery
