// A projection built anew: the same contents, nobody else's rows touched, nothing left behind.
#include "cli/reacting_shop.h"
#include "events/dead_letters.h"
#include "events/rebuild.h"

namespace hansa::cli {
namespace {

using delivery::error_of;
using events::RebuildOptions;
using events::Rebuilt;
using Events = std::vector<std::string>;

class Rebuild : public testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_POSTGRES();
    shop = std::make_unique<ReactingShop>();
    shop::topic_named(shop->mesh, "products-product-v1").partitions = 3;
  }
  // Three products are known, of five that there were.
  void project() {
    shop->applied();
    for (int id = 1; id <= 5; ++id)
      shop->product(id, "P" + std::to_string(id), std::to_string(id) + ".50");
    shop->sql("update products.product set name = 'Käse', price = 7 where id = 2");
    shop->sql("delete from products.product where id > 3");
    EXPECT_EQ(shop->settle("known_product").dead, 0U);
    EXPECT_EQ(shop->known(), expected);
  }
  Rebuilt rebuild(RebuildOptions const& options = {}) {
    auto session = shop->open();
    auto reading = shop->open();
    events::LogSource source(reading);
    return events::rebuild(shop->mesh, shop->port("known_product"), source, session, options);
  }
  std::string places() {
    return shop->one(
        "select string_agg(partition || ' ' || next_offset || ' ' || epoch || ' ' || updated_at, "
        "', ' order by consumer_group, partition) from hansa.consumer_offset");
  }
  // Schemas and locks that a rebuild has while it runs.
  std::string left_behind() {
    return shop->one(
        "select (select count(*) from pg_namespace where nspname like 'hansa_rebuild%') + "
        "(select count(*) from pg_locks where locktype = 'advisory' and classid = " +
        std::to_string(events::rebuild_class) +
        " and database = (select oid from pg_database where datname = current_database()))");
  }

  std::string const expected = "1 P1 1.50, 2 Käse 7.00, 3 P3 3.50";
  std::unique_ptr<ReactingShop> shop;
};

TEST_F(Rebuild, GivesTheSameContentsAndTellsOnlyOfWhatDiffers) {
  project();
  shop->order(1, 1);
  shop->sql(
      "update orders.known_product set name = 'wrong' where id = 2; "
      "delete from orders.known_product where id = 3; "
      "insert into orders.known_product values (99, 'stray', 5)");
  shop->sequence();
  auto const places_before = places();
  auto const seen = shop->one("select first_seen from orders.known_product where id = 2");
  auto const version = shop->one("select xmin from orders.known_product where id = 1");
  auto const report = rebuild();
  EXPECT_EQ(shop->known(), expected);
  EXPECT_EQ(report.events, 8U);
  EXPECT_TRUE(report.dead.empty());
  ASSERT_EQ(report.tables.size(), 1U);
  EXPECT_EQ(report.tables[0].table, "known_product");
  EXPECT_EQ(report.tables[0].inserted, 1U);
  EXPECT_EQ(report.tables[0].updated, 1U);
  EXPECT_EQ(report.tables[0].deleted, 1U);
  EXPECT_EQ(shop->one("select string_agg(distinct coalesce(actor, '') || coalesce(trace, ''), ',') "
                      "from hansa.pending_orders"),
            "orders-main-known_product");
  EXPECT_EQ(shop->taken("orders"),
            (Events{"known_product u 2", "known_product c 3", "known_product d 99"}));
  EXPECT_EQ(shop->one("select first_seen from orders.known_product where id = 2"), seen);
  EXPECT_EQ(shop->one("select count(*) from orders.known_product where first_seen is null"), "0");
  EXPECT_EQ(places(), places_before);
  EXPECT_EQ(shop->one("select xmin from orders.known_product where id = 1"), version);
  EXPECT_EQ(left_behind(), "0");
  EXPECT_EQ(shop->planned_text(), "No changes. The database is as declared.\n");

  auto const again = rebuild();
  EXPECT_EQ(again.tables[0].inserted + again.tables[0].updated + again.tables[0].deleted, 0U);
  EXPECT_EQ(shop->taken("orders"), Events{});
}

TEST_F(Rebuild, LetsAnotherRowHaveWhatWasUnique) {
  project();
  shop->sql("delete from orders.known_product where id = 3");
  shop->sql("insert into orders.known_product values (98, 'P3', 5)");
  std::ignore = rebuild();
  EXPECT_EQ(shop->known(), expected);
}

TEST_F(Rebuild, GoesOnToWhereTheLivePortIs) {
  project();
  RebuildOptions options;
  options.before_exchange = [this] {
    shop->product(6, "P6", "6.50");
    shop->sql("update products.product set price = 8 where id = 1");
    EXPECT_EQ(shop->settle("known_product").applied, 2U);
    shop->product(7, "P7", "7.50");  // the live port has not got this one yet
    shop->sequence();
  };
  EXPECT_EQ(rebuild(options).events, 10U);
  EXPECT_EQ(shop->known(), "1 P1 8.00, 2 Käse 7.00, 3 P3 3.50, 6 P6 6.50");
  shop->react("known_product");
  EXPECT_EQ(shop->known(), "1 P1 8.00, 2 Käse 7.00, 3 P3 3.50, 6 P6 6.50, 7 P7 7.50");
}

TEST_F(Rebuild, IsOpenToTheRuntimeRoleAlone) {
  project();
  RebuildOptions options;
  options.before_exchange = [this] {
    auto const grantees = shop->one(
        "select string_agg(distinct coalesce(g.rolname, 'PUBLIC'), ', ') from ("
        "select (aclexplode(coalesce(nspacl, acldefault('n', nspowner)))).grantee, nspowner as own "
        "from pg_namespace where nspname like 'hansa_rebuild%' union all "
        "select (aclexplode(coalesce(relacl, acldefault('r', relowner)))).grantee, relowner "
        "from pg_class where relnamespace in (select oid from pg_namespace where nspname like "
        "'hansa_rebuild%') and relkind = 'r' union all "
        "select (aclexplode(coalesce(proacl, acldefault('f', proowner)))).grantee, proowner "
        "from pg_proc where pronamespace in (select oid from pg_namespace where nspname like "
        "'hansa_rebuild%')) a left join pg_roles g on g.oid = a.grantee where a.grantee <> a.own");
    EXPECT_EQ(grantees, shop->role("orders", "runtime"));
    EXPECT_EQ(shop->one("select has_schema_privilege('" + shop->role("orders", "runtime") +
                        "', nspname, 'create') from pg_namespace where nspname like "
                        "'hansa_rebuild%'"),
              "f");
  };
  std::ignore = rebuild(options);
}

TEST_F(Rebuild, ChangesNothingWhereOthersHoldOnToARow) {
  project();
  shop->sql("update orders.known_product set name = 'wrong' where id = 2");
  shop->sql("insert into orders.known_product values (99, 'stray', 5)");
  shop->order(99, 1);
  shop->sequence();
  auto const error = error_of([&] { std::ignore = rebuild(); });
  EXPECT_EQ(error.code, Code::reference_violation);
  EXPECT_NE(error.detail.find("(id)=(99)"), std::string::npos) << error.detail;
  EXPECT_EQ(shop->known(), "1 P1 1.50, 2 wrong 7.00, 3 P3 3.50, 99 stray 5.00");
  EXPECT_EQ(shop->taken("orders"), Events{});
  EXPECT_EQ(left_behind(), "0");
}

TEST_F(Rebuild, IsForProjectionsThatBegan) {
  shop->applied();
  EXPECT_EQ(error_of([&] { std::ignore = rebuild(); }).code, Code::not_running);
  shop->port("known_product").reaction.kind = mesh::Reaction::Kind::effect;
  EXPECT_EQ(error_of([&] { std::ignore = rebuild(); }).code, Code::not_a_projection);
  shop->port("known_product").reaction.kind = mesh::Reaction::Kind::projection;
  auto second = shop->port("known_product");
  second.port = "second";
  shop->mesh.subscriptions.push_back(second);
  EXPECT_EQ(error_of([&] { std::ignore = rebuild(); }).code, Code::two_owners);
}

TEST_F(Rebuild, IsDoneByOneAtATime) {
  project();
  RebuildOptions options;
  options.before_exchange = [this] {
    EXPECT_EQ(error_of([&] { std::ignore = rebuild(); }).code, Code::port_in_use);
  };
  std::ignore = rebuild(options);
  EXPECT_EQ(shop->known(), expected);
}

TEST_F(Rebuild, RemovesWhatAKilledOneLeftAndNothingOfStrangers) {
  project();
  auto session = shop->open();
  {
    // Its session goes first, as in a process that is killed.
    auto dying = shop->open();
    events::SideTables const left(shop->mesh, shop->port("known_product"), dying);
    shop->sql("select pg_terminate_backend(" + std::to_string(dying.backend_pid()) + ", 5000)");
  }
  EXPECT_EQ(left_behind(), "1");
  std::ignore = rebuild();
  EXPECT_EQ(left_behind(), "0");
  shop->sql("create schema hansa_rebuild_orders_known_product");
  EXPECT_EQ(error_of([&] { std::ignore = rebuild(); }).code, Code::foreign_object);
  EXPECT_EQ(left_behind(), "1");
}

TEST_F(Rebuild, EndsWhenInterrupted) {
  project();
  shop->sql("update orders.known_product set name = 'wrong' where id = 2");
  std::atomic<bool> interrupted = true;
  EXPECT_EQ(error_of([&] { std::ignore = rebuild({.interrupted = &interrupted}); }).code,
            Code::interrupted);
  EXPECT_EQ(shop->one("select name from orders.known_product where id = 2"), "wrong");
  EXPECT_EQ(left_behind(), "0");
}

TEST_F(Rebuild, NeverWritesTheLiveTablesBeforeTheEnd) {
  // A name no reader but PostgreSQL's own takes for that of the live table.
  shop->port("known_product").reaction.sql =
      R"(insert into U&"order\0073".known_product (id, name, price)
         select _key::int, name, price from events where _op <> 'delete'
         on conflict (id) do update set name = excluded.name, price = excluded.price)";
  shop->applied();
  shop->product(1, "P1", "1.50");
  shop->settle("known_product");
  shop->sql("delete from orders.known_product");
  EXPECT_EQ(error_of([&] { std::ignore = rebuild(); }).code, Code::invalid_reaction);
  EXPECT_EQ(shop->known(), "");
  EXPECT_EQ(left_behind(), "0");
}

TEST_F(Rebuild, NeedsTheBeginningOfItsTopic) {
  auto& topic = shop::topic_named(shop->mesh, "products-product-v1");
  topic.cleanup = mesh::Cleanup::remove;
  topic.partitions = 1;
  shop->applied();
  for (int id = 1; id <= 3; ++id) {
    shop->product(id, "P" + std::to_string(id), "1.50");
    shop->sequence();
  }
  shop->react("known_product");
  shop->sql(
      "delete from hansa.segment where topic = (select id from hansa.topic where name = "
      "'products-product-v1') and base_offset = 0; update hansa.topic_partition set start_offset = "
      "1 where topic = (select id from hansa.topic where name = 'products-product-v1')");
  auto const error = error_of([&] { std::ignore = rebuild(); });
  EXPECT_EQ(error.code, Code::offset_out_of_range);
  EXPECT_NE(error.hint.find("--partial"), std::string::npos);
  auto const report = rebuild({.partial = true});
  EXPECT_EQ(report.missing, 1U);
  EXPECT_EQ(report.events, 2U);
  EXPECT_EQ(shop->known(), "2 P2 1.50, 3 P3 1.50");
}

TEST_F(Rebuild, ReportsWhatDiesAndReplaysWhatWasReplayed) {
  shop->applied();
  shop->product(1, "Käse", "1.50");
  shop->product(2, "free", "0");     // refused for ever
  shop->product(3, "Käse", "3.50");  // refused as long as 1 is called so
  EXPECT_EQ(shop->settle("known_product").dead, 2U);
  shop->sql("update products.product set name = 'Quark' where id = 1");
  EXPECT_EQ(shop->settle("known_product").dead, 0U);
  auto session = shop->open();
  events::DeadLetters letters(shop->port("known_product"), session);
  for (auto const& letter : letters.open_from(0))
    EXPECT_EQ(letters.replay(letter).has_value(), letter.key == "3");
  auto const live = shop->known();
  EXPECT_EQ(live, "1 Quark 1.50, 3 Käse 3.50");

  auto const report = rebuild();
  EXPECT_EQ(shop->known(), live);
  EXPECT_EQ(report.replayed, 1U);
  ASSERT_EQ(report.dead.size(), 1U);
  EXPECT_EQ(report.dead[0].event.sqlstate, "23514");
  EXPECT_TRUE(report.dead[0].known);
  EXPECT_EQ(report.tables[0].inserted + report.tables[0].updated + report.tables[0].deleted, 0U);
}

TEST_F(Rebuild, FindsTheEventsThatFailABatch) {
  auto& reaction = shop->port("known_product").reaction;
  reaction.batch = 100;
  reaction.sql =
      "with last as (select distinct on (_key) * from events order by _key, _offset desc), "
      "gone as (delete from orders.known_product k using last l where k.id = l._key::int and "
      "l._op = 'delete') insert into known_product (id, name, price) select _key::int, name, price "
      "from last where _op <> 'delete' on conflict (id) do update set name = excluded.name, "
      "price = excluded.price";
  project();
  shop->product(6, "free", "0");
  EXPECT_EQ(shop->settle("known_product").dead, 1U);
  auto const report = rebuild();
  EXPECT_EQ(shop->known(), expected);
  EXPECT_EQ(report.dead.size(), 1U);
  EXPECT_EQ(report.tables[0].inserted + report.tables[0].updated + report.tables[0].deleted, 0U);
}

TEST_F(Rebuild, HalvesABatchThatMeetsARowTwice) {
  auto& reaction = shop->port("known_product").reaction;
  reaction.batch = 100;
  reaction.sql =
      "insert into known_product (id, name, price) select _key::int, name, price from events "
      "on conflict (id) do update set name = excluded.name, price = excluded.price";
  shop->applied();
  shop->product(1, "P1", "1.50");
  shop->sql("update products.product set price = 2 where id = 1");
  shop->sql("update products.product set name = 'Käse' where id = 1");
  EXPECT_EQ(shop->settle("known_product").dead, 0U);
  EXPECT_EQ(rebuild().events, 3U);
  EXPECT_EQ(shop->known(), "1 Käse 2.00");
}

}  // namespace
}  // namespace hansa::cli
