// Whoever writes a published table, and however: its events wait in the domain's log, exactly.
#include "delivery/applied_shop.h"
#include "json/value.h"

namespace hansa::delivery {
namespace {

using Events = std::vector<std::string>;

// What `sql`, run as a superuser, leaves in the log of products.
void check(CapturedShop& shop, std::string const& sql, Events const& expected) {
  SCOPED_TRACE(sql);
  shop.sql(sql);
  EXPECT_EQ(shop.taken("products"), expected);
}

class Capture : public testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_POSTGRES();
    shop = std::make_unique<CapturedShop>();
    shop->applied();
    shop->sql("insert into products.category (title) values ('Käse'), ('Brot')");
    EXPECT_EQ(shop->taken("products"), (Events{"category c 1", "category c 2"}));
  }

  std::unique_ptr<CapturedShop> shop;
};

TEST_F(Capture, TellsOfInsertsInTheOrderOfTheirRows) {
  check(*shop,
        "insert into products.product (id, sku, name, price) "
        "select n, 'S' || n, 'Thing', n from generate_series(3, 1, -1) n",
        {"product c 3", "product c 2", "product c 1"});
  shop->sql("copy products.category (id, title) from program 'printf \"11\\tA\\n10\\tB\\n\"'");
  EXPECT_EQ(shop->taken("products"), (Events{"category c 11", "category c 10"}));
}

TEST_F(Capture, TellsTheRowUnderTheContractsNames) {
  shop->sql("set timezone = 'Asia/Tokyo'; set datestyle = 'German'; set extra_float_digits = -5");
  shop->sql(
      "insert into products.product (id, sku, name, price, stock, created_at) "
      "values (7, 'A\"1', E'two\\nlines', 12.30, null, '2026-01-02 03:04:05.678+09')");
  EXPECT_EQ(shop->taken("products", true),
            (Events{R"(product c 7 {"id":7,"sku":"A\"1","name":"two\nlines","price":12.30,)"
                    R"("stock":null,"category_id":null,)"
                    R"("created_at":"2026-01-01T18:04:05.678"})"}));
}

// A writer's path may hold operators, functions and types with the names of PostgreSQL's own.
TEST_F(Capture, IsNotMisledByTheSearchPathOfAWriter) {
  shop->sql(
      "create schema evil; "
      "create function evil.later(timestamp, timestamp) returns boolean language sql as 'select "
      "true'; "
      "create operator evil.> (leftarg = timestamp, rightarg = timestamp, function = evil.later); "
      "create function evil.row_to_json(record) returns json language plpgsql as "
      "$$begin return '{}'; end$$; "
      "create function evil.nextval(regclass) returns bigint language sql as 'select 1::bigint'; "
      "create function evil.current_setting(text, boolean) returns text language sql as "
      "$$select 'on'$$; "
      "create domain evil.text as varchar(1); create domain evil.regclass as text");
  shop->sql("set search_path = evil, pg_catalog; create temporary table inserted (id int)");
  check(*shop,
        "insert into products.product (id, sku, name, price, created_at) "
        "values (8, 'S8', 'Thing', 1, '1880-01-01 00:00:00+00')",
        {"product c 8"});
  check(*shop, "update products.product set id = 9 where id operator(pg_catalog.=) 8",
        {"product d 8", "product u 9"});
  check(*shop, "delete from products.product where id operator(pg_catalog.=) 9", {"product d 9"});
}

TEST_F(Capture, TellsMomentsInUtcWhateverTheZoneOfAWriter) {
  auto const row = [&](std::string const& zone, std::string const& moment) {
    shop->sql("delete from products.product");
    shop->taken("products");
    shop->sql("set timezone = '" + zone +
              "'; insert into products.product (id, sku, name, price, "
              "created_at) values (1, 'S', 'T', 1, '" +
              moment + "')");
    auto const rows = shop->taken("products", true);
    return rows.empty() ? "" : rows.front().substr(rows.front().find("created_at") + 13);
  };
  EXPECT_EQ(row("Europe/Berlin", "1880-01-01 00:00:00+00"), "1880-01-01T00:00:00\"}");
  EXPECT_EQ(row("Pacific/Kiritimati", "9999-12-31 23:59:59.999999+00"),
            "9999-12-31T23:59:59.999999\"}");
  EXPECT_EQ(row("America/Adak", "0001-01-01 00:00:00+00"), "0001-01-01T00:00:00\"}");
  EXPECT_NE(shop->state_of(shop->superuser,
                           "set timezone = 'America/Adak'; "
                           "insert into products.product (id, sku, name, price, created_at) values "
                           "(2, 'X', 'T', 1, '9999-12-31 23:59:59.999999-10')"),
            "");
}

TEST_F(Capture, TellsWhoAndWhen) {
  shop->sql(
      "begin; set local hansa.trace = '00-ab-cd-01'; set local hansa.actor = 'zoe'; "
      "insert into products.category (title) values ('x'); commit");
  EXPECT_EQ(shop->one("select trace || ' ' || actor || ' ' || (at between now() - interval '1 "
                      "minute' and now()) from hansa.pending_products"),
            "00-ab-cd-01 zoe true");
  shop->taken("products");
  shop->sql("insert into products.category (title) values ('y')");
  EXPECT_EQ(shop->one("select coalesce(trace, '') = '' and coalesce(actor, '') = '' from "
                      "hansa.pending_products"),
            "t");
}

TEST_F(Capture, TellsOfUpsertsMergesAndCascades) {
  check(*shop,
        "insert into products.category (id, title) values (9, 'new'), (1, 'old') on conflict (id) "
        "do update set title = excluded.title",
        {"category u 1", "category c 9"});
  check(*shop, "insert into products.category (id, title) values (1, '') on conflict do nothing",
        {});
  check(*shop, "update products.category set title = 'x' where false", {});
  check(*shop, "delete from products.category where false", {});
  check(*shop,
        "merge into products.category c using (values (1, 'm'), (2, null), (20, 'n')) v (id, t) "
        "on c.id = v.id when matched and t is null then delete when matched then update set title "
        "= t when not matched then insert (id, title) values (v.id, t)",
        {"category d 2", "category u 1", "category c 20"});
  check(*shop,
        "with gone as (delete from products.category where id = 20 returning id) "
        "insert into products.category (id, title) select 21, 'moved' from gone",
        {"category d 20", "category c 21"});
  shop->sql(
      "create table products.shelf (category_id int references products.category on delete "
      "cascade); insert into products.shelf values (9)");
  check(*shop, "delete from products.category where id >= 9", {"category d 9", "category d 21"});
}

// The trigger of a part that deletes may fire behind the one of the statement that inserts.
TEST_F(Capture, ARowThatOneStatementDeletesAndMakesAnewIsNotGone) {
  shop->sql("insert into products.category (id, title) overriding system value values (7, 'one')");
  shop->taken("products");
  check(*shop,
        "with gone as (delete from products.category where id = 7 returning id) "
        "insert into products.category (id, title) overriding system value "
        "select 7, 'reborn' where exists (select from gone)",
        {"category c 7"});
  check(*shop, "delete from products.category where id = 7", {"category d 7"});
}

TEST_F(Capture, LeavesNoGhostOfAChangedKey) {
  shop->sql("alter table products.product drop constraint product_category_id_fkey");
  shop->sql(
      "alter table products.category drop constraint category_pkey, "
      "add constraint category_pkey primary key (id) deferrable initially deferred");
  check(*shop, "update products.category set id = id + 1",
        {"category d 1", "category u 2", "category u 3"});
  check(*shop, "update products.category set id = 5 - id", {"category u 3", "category u 2"});
  check(*shop, "update products.category set title = 'same'", {"category u 3", "category u 2"});
}

TEST_F(Capture, MakesEmissionsInTheirOrder) {
  shop->sql(
      "insert into orders.\"order\" (\"user\", product_id, quantity, total) values ('zoe', 1, 2, "
      "3.5), (null, 4, 5, null)");
  EXPECT_EQ(shop->taken("orders", true),
            (Events{R"(order c 1 {"id":1,"user":"zoe","product_id":1,"quantity":2,"total":3.50})",
                    R"(order c 2 {"id":2,"user":null,"product_id":4,"quantity":5,"total":null})",
                    R"(order_placed e 1 {"order_id":1,"product_id":1,"quantity":2,"total":3.50,)"
                    R"("placed_by":"zoe"})",
                    R"(order_placed e 2 {"order_id":2,"product_id":4,"quantity":5,"total":null,)"
                    R"("placed_by":null})"}));
  shop->sql("update orders.\"order\" set quantity = 3 where id = 1");
  EXPECT_EQ(shop->taken("orders"), (Events{"order u 1"}));
}

TEST_F(Capture, FailsTheStatementWhoseEmissionFails) {
  // An event must name its product.
  EXPECT_EQ(
      CapturedShop::state_of(shop->superuser,
                             "insert into orders.\"order\" (\"user\", quantity) values ('z', 1)"),
      "23502");
  auto& topic = shop::topic_named(shop->mesh, "orders-order_placed-v1");
  topic.emission->sql =
      "select id as order_id, product_id, 10 / (quantity - 1) as quantity, total, \"user\" as "
      "placed_by from inserted";
  shop->applied();
  EXPECT_EQ(CapturedShop::state_of(shop->superuser,
                                   "insert into orders.\"order\" (\"user\", product_id, quantity) "
                                   "values ('z', 1, 3), ('z', 1, 1)"),
            "22012");
  EXPECT_EQ(shop->one("select count(*) from orders.\"order\""), "0");
  EXPECT_EQ(shop->taken("orders"), Events{});
  shop->sql("insert into orders.\"order\" (\"user\", product_id, quantity) values ('z', 1, 3)");
  EXPECT_EQ(shop->taken("orders").size(), 2U);
}

TEST_F(Capture, RefusesWhatNoEventCanHold) {
  auto const insert = [](std::string const& columns, std::string const& values) {
    return "insert into products.product (sku, name, " + columns + ") values ('a', 'b', " + values +
           ")";
  };
  auto& session = shop->superuser;
  EXPECT_EQ(CapturedShop::state_of(session, insert("price", "'NaN'")), "22003");
  for (auto const* moment : {"'infinity'", "'-infinity'", "'0044-03-15 BC'", "'10000-01-01'"})
    EXPECT_EQ(
        CapturedShop::state_of(session, insert("price, created_at", std::string("1, ") + moment)),
        "22003")
        << moment;
  EXPECT_EQ(CapturedShop::state_of(session, "truncate products.product cascade"), "0A000");
  EXPECT_EQ(shop->taken("products"), Events{});

  shop::topic_named(shop->mesh, "products-category-v1").message_bytes_max = 40;
  shop->applied();
  EXPECT_EQ(CapturedShop::state_of(
                session, "insert into products.category (id, title) values (50, repeat('x', 19))"),
            "54000");
  try {
    session.execute("update products.category set title = repeat('x', 21)");
    ADD_FAILURE();
  } catch (postgres::SqlError const& error) {
    EXPECT_EQ(error.details().message,
              "an event of topic products-category-v1 has 41 bytes, at most 40 are allowed");
  }
  check(*shop, "insert into products.category (id, title) values (50, repeat('x', 18))",
        {"category c 50"});
}

TEST_F(Capture, LeavesNothingOfWhatIsRolledBack) {
  shop->sql("begin; insert into products.category (id, title) values (30, 'a'); rollback");
  EXPECT_EQ(shop->taken("products"), Events{});
  shop->sql(
      "begin; insert into products.category (id, title) values (31, 'a'); savepoint s; "
      "insert into products.category (id, title) values (32, 'a'); rollback to s; "
      "insert into products.category (id, title) values (33, 'a'); commit");
  EXPECT_EQ(shop->taken("products"), (Events{"category c 31", "category c 33"}));
}

TEST_F(Capture, HoldsTheLocksOfTheLogUntilTheTransactionEnds) {
  auto writer = postgres::Session::open(shop->database.target());
  auto const held = [&] {
    return shop->one(
        "select count(*) from pg_locks where locktype = 'advisory' and classid = "
        "1752394855 and mode = 'ShareLock' and pid = " +
        std::to_string(writer.backend_pid()));
  };
  writer.execute("begin");
  writer.execute("update products.category set title = 'x' where false");
  EXPECT_EQ(held(), "0");
  writer.execute("insert into products.category (title) values ('x')");
  EXPECT_EQ(held(), "1");
  writer.execute("insert into orders.\"order\" (product_id, quantity) values (1, 1)");
  EXPECT_EQ(held(), "2");
  writer.execute("rollback");
  EXPECT_EQ(held(), "0");
}

TEST_F(Capture, CannotBeSwitchedOffByWriters) {
  check(*shop,
        "set session_replication_role = replica; insert into products.category (id, title) values "
        "(40, 'a'); reset session_replication_role",
        {"category c 40"});
  auto const writer = shop->mesh.name.text() + "_stranger";
  shop->sql("create role " + writer + " login; grant usage on schema products to " + writer +
            "; grant insert on products.category to " + writer);
  auto stranger = postgres::Session::open(
      {.conninfo = shop->database.conninfo() + " user=" + writer, .application = "test"});
  stranger.execute("set hansa.no_events = 'on'");
  stranger.execute("insert into products.category (id, title) values (41, 'a')");
  EXPECT_EQ(shop->taken("products"), (Events{"category c 41"}));
  EXPECT_EQ(CapturedShop::state_of(stranger, "set session_replication_role = replica"), "42501");
  EXPECT_EQ(CapturedShop::state_of(
                stranger, "alter table products.category disable trigger hansa_capture_insert"),
            "42501");
  EXPECT_EQ(CapturedShop::state_of(stranger, "select * from hansa.pending_products"), "42501");

  auto runtime = shop->writer(shop->role("products", "runtime"));
  runtime.execute("insert into products.category (id, title) values (42, 'a')");
  EXPECT_EQ(shop->taken("products"), (Events{"category c 42"}));
}

TEST_F(Capture, IsLeftOutByTheOwnerOfTheLogWhenHeSaysSo) {
  auto loading = shop->writer(shop->role("products", "runtime"));
  loading.execute("set hansa.no_events = 'on'");
  loading.execute("insert into products.category (id, title) values (60, 'a')");
  EXPECT_EQ(shop->taken("products"), Events{});
  loading.execute("set hansa.no_events = 'off'");
  loading.execute("insert into products.category (id, title) values (61, 'a')");
  EXPECT_EQ(shop->taken("products"), (Events{"category c 61"}));
}

TEST_F(Capture, ReadsTheDomainsTablesAndNoTemporaryOne) {
  auto& topic = shop::topic_named(shop->mesh, "orders-order_placed-v1");
  topic.emission->sql =
      "select i.id as order_id, (select count(*)::int from \"order\") as product_id, quantity, "
      "total, \"user\" as placed_by from inserted i";
  shop->applied();
  auto runtime = shop->writer(shop->role("orders", "runtime"));
  runtime.execute("create temp table \"order\" as select * from orders.\"order\" limit 0");
  runtime.execute("create temp table pending_orders (like hansa.idempotency_orders)");
  runtime.execute("create temp table inserted (id int)");
  runtime.execute("insert into orders.\"order\" (quantity) values (1)");
  EXPECT_EQ(shop->taken("orders", true).back(),
            R"(order_placed e 1 {"order_id":1,"product_id":1,"quantity":1,"total":null,)"
            R"("placed_by":null})");
}

TEST_F(Capture, LetsNobodyForgeEvents) {
  auto orders = shop->writer(shop->role("orders", "runtime"));
  auto const refused = [&](std::string const& sql) {
    EXPECT_EQ(CapturedShop::state_of(orders, sql), "42501") << sql;
  };
  for (std::string const domain : {"orders", "products"}) {
    refused("insert into hansa.pending_" + domain +
            " (sid, stream, op, key, at) values (1, 'x', 'c', '1', now())");
    refused("select * from hansa.pending_" + domain);
    refused("select nextval('hansa.pending_" + domain + "_sid_seq')");
  }
  // A trigger of one's own would run the function with rows of one's own.
  orders.execute("create temp table forged (id int, title text)");
  refused(
      "create trigger forge after insert on forged referencing new table as inserted "
      "for each statement execute function hansa.capture_products_category_insert()");
  refused("select hansa.refuse_event_products('P0001', 'x', 'y')");

  // An emission runs as its own domain's role.
  auto& topic = shop::topic_named(shop->mesh, "orders-order_placed-v1");
  topic.emission->sql =
      "select 1 as order_id, (select count(*)::int from products.product) as product_id, 1 as "
      "quantity, null::numeric as total, null as placed_by from inserted";
  shop->applied();
  EXPECT_EQ(CapturedShop::state_of(
                orders, "insert into orders.\"order\" (product_id, quantity) values (1, 1)"),
            "42501");
}

}  // namespace
}  // namespace hansa::delivery
