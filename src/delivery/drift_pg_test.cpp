#include "delivery/applied_shop.h"

namespace hansa::delivery {
namespace {

struct Drift {
  char const* name;
  std::string by_hand;
  std::string shown;  // in the plan's text
};

// Done by hand by a superuser: it shows, it is mended, and nothing is left.
void check(AppliedShop& shop, Drift const& drift) {
  SCOPED_TRACE(drift.name);
  shop.sql(drift.by_hand);
  auto const text = shop.planned_text();
  EXPECT_NE(text.find(drift.shown), std::string::npos) << text;
  shop.applied_whatever_is_lost();
  EXPECT_EQ(shop.planned_text(), "No changes. The database is as declared.\n");
}

TEST(Drift, OfTablesShowsAndHeals) {
  SKIP_WITHOUT_POSTGRES();
  AppliedShop shop;
  shop.applied();
  for (Drift const& drift : std::vector<Drift>{
           {"column", "alter table products.product add note text", "not declared; added by hand"},
           {"type",
            "drop view products_v1.product; alter table products.product alter price type "
            "numeric(12,4)",
            "price from numeric(12,4) to numeric(10,2)"},
           {"nullable", "alter table products.product alter name drop not null",
            "make products.product.name not null"},
           {"not null", "alter table products.product alter stock set not null",
            "make products.product.stock nullable"},
           {"default", "alter table products.product alter stock set default 5", "changed by hand"},
           {"no default", "alter table products.product alter stock drop default",
            "set the default"},
           {"a default", "alter table products.product alter price set default 1",
            "drop the default"},
           {"identity", "alter table products.product alter id drop identity", "draws its values"},
           {"check",
            "alter table products.product drop constraint product_stock_range_check, "
            "add constraint product_stock_range_check check (stock >= -1)",
            "changed by hand"},
           {"no check", "alter table products.product drop constraint product_stock_range_check",
            "dropped by hand"},
           {"a check", "alter table products.product add constraint mine check (stock < 7)",
            "drop check mine"},
           {"no foreign key",
            "alter table products.product drop constraint product_category_id_fkey",
            "dropped by hand"},
           {"foreign key",
            "alter table products.product drop constraint product_category_id_fkey, add "
            "constraint product_category_id_fkey foreign key (category_id) references "
            "products.category (id) on delete cascade",
            "differs from what is declared"},
           {"an index", "create index mine on products.product (lower(name))", "drop index mine"},
           {"a unique constraint", "alter table products.product add constraint mine unique (name)",
            "drop index mine"},
           {"no index", "drop index products.product_category_id_idx", "dropped by hand"},
           {"index",
            "drop index products.product_category_id_idx; create index "
            "product_category_id_idx on products.product (category_id desc)",
            "differs from what is declared"},
           {"invalid index",
            "update pg_index set indisvalid = false where indexrelid = "
            "'products.product_category_id_idx'::regclass",
            "left unfinished"},
           {"no key", "alter table products.product drop constraint product_pkey",
            "the primary key of"},
           {"comment", "comment on column products.product.sku is 'mine'", "1 comment"},
           {"no table", "drop table users.login", "dropped by hand"},
       })
    check(shop, drift);
}

TEST(Drift, OfViewsRolesAndRightsShowsAndHeals) {
  SKIP_WITHOUT_POSTGRES();
  AppliedShop shop;
  shop.applied();
  auto const runtime = shop.role("orders", "runtime");
  auto const view = shop.role("products", "view");
  shop.sql("create role " + shop.mesh.name.text() + "_alice");
  auto const alice = shop.mesh.name.text() + "_alice";
  for (Drift const& drift : std::vector<Drift>{
           {"options", "alter view products_v1.product set (security_barrier = true)",
            "reset security_barrier"},
           {"invoker", "alter view products_v1.product set (security_invoker = true)",
            "reset security_invoker"},
           {"no view", "drop view products_v1.product", "dropped by hand"},
           {"text",
            "create or replace view products_v1.category as select id, upper(title) as title "
            "from products.category",
            "changed by hand"},
           {"view owner", "alter view products_v1.product owner to " + shop.deployer,
            "give view products_v1.product back"},
           {"table owner", "alter table products.product owner to " + shop.deployer,
            "give table products.product back"},
           {"schema owner", "alter schema products owner to " + shop.deployer,
            "give schema products back"},
           {"grant", "grant select on products.product to " + runtime, "granted by hand"},
           {"grant with option",
            "grant select on products.product to " + alice + " with grant option",
            "granted by hand"},
           {"view grant", "grant select on products_v1.product to " + runtime, "granted by hand"},
           {"view grant to write", "grant insert on products_v1.product to " + alice,
            "insert from"},
           {"view schema grant", "grant create on schema products_v1 to " + alice, "create from"},
           {"store schema grant", "grant usage on schema products to " + alice, "usage from"},
           {"public", "grant select on products_v1.product to public", "from everybody"},
           {"column", "grant update (price) on products.product to " + alice,
            "update (price) from"},
           {"truncate", "grant truncate on products.product to " + shop.role("products", "runtime"),
            "truncate from"},
           {"revoke",
            "revoke select on products_v1.product from " + shop.role("products", "runtime"),
            "grant on"},
           {"revoke columns", "revoke all on products.product from " + view,
            "select (7 columns) to"},
           {"schema grant", "grant usage on schema products to " + runtime, "granted by hand"},
           {"schema revoke",
            "revoke usage on schema products_v1 from " + shop.role("products", "runtime"),
            "usage to"},
           {"sequence", "grant usage on sequence products.product_id_seq to " + alice,
            "granted by hand"},
           {"own table", "grant select on hansa.idempotency_products to " + runtime,
            "granted by hand"},
           {"login", "alter role " + view + " login createdb", "nologin, nocreatedb"},
           {"membership", "grant " + shop.role("products", "owner") + " to " + runtime,
            "revoke membership"},
           {"not a member", "revoke " + view + " from " + shop.deployer, "grant role"},
       })
    check(shop, drift);
}

TEST(Drift, OfCaptureShowsAndHeals) {
  SKIP_WITHOUT_POSTGRES();
  CapturedShop shop;
  shop.applied();
  std::string const function = "hansa.capture_products_product_insert()";
  auto const emit = shop.role("products", "emit");
  for (Drift const& drift : std::vector<Drift>{
           {"disabled", "alter table products.product disable trigger hansa_capture_insert",
            "replace trigger hansa_capture_insert"},
           {"enabled for origins only",
            "alter table products.product enable trigger hansa_capture_update",
            "replace trigger hansa_capture_update"},
           {"dropped", "drop trigger hansa_refuse_truncate on products.product",
            "create trigger hansa_refuse_truncate"},
           {"another function",
            "create or replace trigger hansa_capture_delete after delete on products.product "
            "for each statement execute function hansa.refuse_truncate_products()",
            "changed by hand"},
           {"a trigger",
            "create trigger hansa_mine after delete on users.login for each statement execute "
            "function hansa.refuse_truncate_products()",
            "drop trigger hansa_mine"},
           {"body",
            "create or replace function " + function +
                " returns trigger language plpgsql security definer as 'begin return null; end'",
            "replace function hansa.capture_products_product_insert"},
           {"search_path", "alter function " + function + " set search_path = public",
            "changed by hand"},
           {"invoker", "alter function " + function + " security invoker", "changed by hand"},
           {"owner", "alter function " + function + " owner to " + shop.deployer,
            "give function hansa.capture_products_product_insert back to " + emit},
           {"execute", "grant execute on function " + function + " to public",
            "execute from everybody"},
           {"no function", "drop function " + function + " cascade", "dropped by hand"},
           {"create on schema", "grant create on schema hansa to " + emit, "create from"},
           {"another domain's log", "grant insert on hansa.pending_orders to " + emit,
            "granted by hand"},
           {"no append", "revoke insert on hansa.pending_products from " + emit, "insert to"},
           {"no topic", "delete from hansa.topic where name = 'orders-order-v1'",
            "dropped by hand"},
           {"retention", "update hansa.topic set retention_ms = 1 where name = 'orders-order-v1'",
            "changed by hand"},
       })
    check(shop, drift);
  EXPECT_EQ(CapturedShop::state_of(shop.superuser, "truncate users.login"), "");
}

TEST(Drift, DoesNotCountWhatConsumersWereGranted) {
  SKIP_WITHOUT_POSTGRES();
  AppliedShop shop;
  shop.applied();
  auto const alice = shop.mesh.name.text() + "_alice", bob = shop.mesh.name.text() + "_bob";
  shop.sql("create role " + alice + "; create role " + bob);
  shop.sql("grant usage on schema products_v1 to " + alice + ", " + bob);
  shop.sql("grant select on products_v1.product to " + alice + " with grant option");
  shop.sql("grant select (sku, stock) on products_v1.product to " + bob);
  EXPECT_TRUE(shop.planned().empty()) << shop.planned_text();

  auto const may = [&](std::string const& role, std::string const& columns) {
    return shop.one("select has_schema_privilege('" + role + "', 'products_v1', 'usage') and " +
                    "has_column_privilege('" + role + "', 'products_v1.product', '" + columns +
                    "', 'select')");
  };
  // A widened type and a column that goes each make the view anew.
  shop::column_of(shop.mesh, "product", "price").type.precision = 12;
  EXPECT_NE(shop.planned_text().find("rights given by hand on products_v1.product come back"),
            std::string::npos);
  shop.applied();
  EXPECT_EQ(may(alice, "price"), "t");
  EXPECT_EQ(may(bob, "stock"), "t");
  shop::remove_column(shop.mesh, "product", "stock");
  shop.applied_whatever_is_lost();
  EXPECT_EQ(may(alice, "price"), "t");
  EXPECT_EQ(may(bob, "sku"), "t");
  EXPECT_EQ(may(bob, "price"), "f");
  EXPECT_EQ(shop.one("select has_table_privilege('" + alice +
                     "', 'products_v1.product', 'select with grant option')"),
            "t");
  EXPECT_TRUE(shop.planned().empty()) << shop.planned_text();
}

TEST(Drift, BeyondReachIsRefusedWithTheCommandToRun) {
  SKIP_WITHOUT_POSTGRES();
  AppliedShop shop;
  shop.applied();
  auto const view = shop.role("products", "view");
  shop.sql("alter role " + view + " superuser; alter table users.login owner to hansa");
  auto const plan = shop.planned();
  ASSERT_EQ(plan.refusals.size(), 2U) << to_text(plan, Colour::off);
  EXPECT_EQ(plan.refusals[0].hint, "run as a superuser: alter role \"" + view + "\" nosuperuser");
  EXPECT_EQ(plan.refusals[1].hint,
            "run as hansa or a superuser: alter table \"users\".\"login\" owner to \"" +
                shop.role("users", "owner") + "\"");
  shop.sql("alter role " + view + " nosuperuser; alter table users.login owner to " +
           shop.role("users", "owner"));
  EXPECT_TRUE(shop.planned().empty()) << shop.planned_text();
}

}  // namespace
}  // namespace hansa::delivery
