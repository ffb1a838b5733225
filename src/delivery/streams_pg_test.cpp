// What is published changes while the tables are in use.
#include <gmock/gmock.h>

#include <functional>
#include <utility>

#include "delivery/applied_shop.h"

namespace hansa::delivery {
namespace {

using types::Kind;
using Events = std::vector<std::string>;

std::string const no_changes = "No changes. The database is as declared.\n";

std::string functions_and_triggers(CapturedShop& shop) {
  return shop.one(
      "select (select count(*) from pg_proc where pronamespace = 'hansa'::regnamespace and "
      "proname !~ '_schema$') || ' ' || "
      "(select count(*) from pg_trigger where tgname like 'hansa%')");
}

TEST(Streams, AreMadeBesideTablesThatAreThere) {
  SKIP_WITHOUT_POSTGRES();
  CapturedShop shop;
  auto const topics = std::exchange(shop.mesh.topics, {});
  shop.applied();
  EXPECT_EQ(shop.planned_text(), no_changes);
  EXPECT_EQ(functions_and_triggers(shop), "0 0");
  shop.mesh.topics = topics;
  EXPECT_FALSE(is_applied(shop.planned()));
  shop.applied();
  EXPECT_EQ(shop.planned_text(), no_changes);
  EXPECT_EQ(functions_and_triggers(shop), "15 12");
  EXPECT_EQ(shop.one("select string_agg(name || ' ' || domain || ' ' || cleanup || ' ' || "
                     "coalesce(retention_ms, 0), ', ' order by name) from hansa.topic"),
            "orders-order-v1 orders compact 0, orders-order_placed-v1 orders delete 604800000, "
            "products-category-v1 products compact 0, products-product-v1 products compact 0");
  EXPECT_EQ(shop.one("select count(*) from hansa.topic_partition where next_offset = 0"), "4");
}

TEST(Streams, EndWithTheirPort) {
  SKIP_WITHOUT_POSTGRES();
  CapturedShop shop;
  shop.applied();
  shop.sql("insert into hansa.segment values (1, 0, 0, 1, 0, 1, '')");
  shop.mesh.topics.clear();
  EXPECT_EQ(error_of([&] { shop.applied(); }).code, Code::destructive_step);
  shop.applied_whatever_is_lost();
  EXPECT_EQ(shop.planned_text(), no_changes);
  EXPECT_EQ(functions_and_triggers(shop), "0 0");
  EXPECT_EQ(shop.one("select (select count(*) from hansa.topic) + (select count(*) from "
                     "hansa.topic_partition) + (select count(*) from hansa.segment)"),
            "0");
  EXPECT_EQ(shop.one("select count(*) from hansa.object where kind in ('topic', 'function', "
                     "'trigger')"),
            "0");
  shop.sql("truncate products.product");
}

void make_as_clients_do(CapturedShop& shop, std::string const& name) {
  shop.sql(
      "insert into hansa.topic (name, domain, stream, partitions, cleanup, message_bytes_max) "
      "values ('" +
      name + "', '', '" + name + "', 2, 'compact', 1000)");
  shop.sql(
      "insert into hansa.topic_partition (topic, partition, next_offset) select id, p, 7 from "
      "hansa.topic, generate_series(0, 1) p where name = '" +
      name + "'");
  shop.sql(
      "insert into hansa.topic_setting select id, 'retention.bytes', '5' from hansa.topic "
      "where name = '" +
      name + "'");
}

TEST(Streams, TakeOverWhatKafkaClientsMade) {
  SKIP_WITHOUT_POSTGRES();
  CapturedShop shop;
  auto topics = std::exchange(shop.mesh.topics, {});
  shop.applied();
  auto& placed = topics.front();
  placed.source = mesh::Topic::Source::clients;
  placed.emission.reset();
  placed.partitions = 3;
  make_as_clients_do(shop, placed.name);
  shop.mesh.topics = {placed};
  EXPECT_THAT(shop.planned_text(), testing::HasSubstr("take topic " + placed.name + " over"));
  shop.applied();
  EXPECT_EQ(shop.planned_text(), no_changes);
  EXPECT_EQ(shop.one("select domain || ' ' || partitions || ' ' || cleanup from hansa.topic"),
            placed.domain.text() + " 3 " + std::string(mesh::to_text(placed.cleanup)));
  EXPECT_EQ(shop.one("select string_agg(next_offset::text, ' ' order by partition) from "
                     "hansa.topic_partition"),
            "7 7 0");
  EXPECT_EQ(shop.one("select count(*) from hansa.topic_setting"), "0");
}

TEST(Streams, DoNotMixWithRecordsOfClients) {
  SKIP_WITHOUT_POSTGRES();
  CapturedShop shop;
  auto const topics = std::exchange(shop.mesh.topics, {});
  shop.applied();
  make_as_clients_do(shop, "orders-order_placed-v1");
  shop.mesh.topics = topics;
  auto const error = error_of([&] { shop.applied(); });
  EXPECT_EQ(error.code, Code::foreign_object);
  EXPECT_THAT(error.hint, testing::HasSubstr("physicalName"));
}

TEST(Streams, RaiseTheirPartitionsAndNeverLowerThem) {
  SKIP_WITHOUT_POSTGRES();
  CapturedShop shop;
  shop.applied();
  auto& topic = shop::topic_named(shop.mesh, "products-product-v1");
  topic.partitions = 3;
  EXPECT_NE(shop.planned_text().find("keys move between partitions"), std::string::npos);
  shop.applied();
  EXPECT_EQ(shop.planned_text(), no_changes);
  EXPECT_EQ(shop.one("select string_agg(p.partition::text, ' ' order by p.partition) from "
                     "hansa.topic_partition p join hansa.topic t on t.id = p.topic where t.name = "
                     "'products-product-v1'"),
            "0 1 2");
  topic.partitions = 2;
  EXPECT_EQ(error_of([&] { shop.applied(); }).code, Code::partitions_lowered);
}

// Applies `edit` while a writer inserts after every step: no write fails and no event is missing.
void check_under_writes(std::function<void(mesh::Mesh&)> const& edit) {
  CapturedShop shop;
  shop.applied();
  edit(shop.mesh);
  std::size_t rows = 0;
  ApplyOptions options{.allow_destructive = true};
  options.progress = [&](std::size_t, std::size_t, plan::Step const& step, bool done) {
    if (!done) return;
    SCOPED_TRACE(step.summary);
    EXPECT_EQ(CapturedShop::state_of(shop.superuser,
                                     "insert into products.category values (default, 'x')"),
              "");
    ++rows;
  };
  shop.applied(options);
  EXPECT_GT(rows, 0U);
  EXPECT_EQ(shop.taken("products").size(), rows);
  EXPECT_EQ(shop.planned_text(), no_changes);
}

void rename_title(mesh::Mesh& mesh) {
  auto& column = shop::column_of(mesh, "category", "title");
  column.physical_name = "label";
  column.renamed_from = "title";
}

void publish_category_anew(mesh::Mesh& mesh) {
  shop::unpublish(mesh, "category");
  mesh.topics.push_back(shop::topic_of(mesh, "category"));
}

TEST(Streams, LoseNothingWhileTheirTableChanges) {
  SKIP_WITHOUT_POSTGRES();
  check_under_writes(rename_title);
  check_under_writes([](mesh::Mesh& m) {
    shop::object(m, "category").columns.push_back(shop::column("note", Kind::text));
    publish_category_anew(m);
  });
  check_under_writes([](mesh::Mesh& m) {
    shop::column_of(m, "category", "id").type.kind = Kind::int64;
    publish_category_anew(m);
  });
}

TEST(Streams, GoOnWithoutAColumnThatGoes) {
  SKIP_WITHOUT_POSTGRES();
  CapturedShop shop;
  shop.applied();
  shop::remove_column(shop.mesh, "product", "stock");
  shop::unpublish(shop.mesh, "product");
  shop.mesh.topics.push_back(shop::topic_of(shop.mesh, "product"));
  ApplyOptions options{.allow_destructive = true};
  options.progress = [&](std::size_t, std::size_t, plan::Step const& step, bool done) {
    SCOPED_TRACE(step.summary);
    if (done)
      shop.sql(
          "insert into products.product (sku, name, price) values "
          "(gen_random_uuid(), 'x', 1)");
  };
  auto const steps = shop.applied(options).steps.size();
  EXPECT_EQ(shop.taken("products").size(), steps);
  EXPECT_EQ(shop.planned_text(), no_changes);
}

TEST(Streams, GoOnUnderANewNameOfTheTable) {
  SKIP_WITHOUT_POSTGRES();
  CapturedShop shop;
  shop.applied();
  auto& object = shop::object(shop.mesh, "category");
  object.physical_name = "shelf";
  object.renamed_from = "category";
  object.indexes[0].name = "shelf_pkey";
  shop.applied();
  EXPECT_EQ(shop.planned_text(), no_changes);
  shop.sql("insert into products.shelf (title) values ('x')");
  EXPECT_EQ(shop.taken("products"), Events{"category c 1"});
  EXPECT_EQ(functions_and_triggers(shop), "15 12");
}

TEST(Streams, OfATableOfAnotherToolNeedItsOwner) {
  SKIP_WITHOUT_POSTGRES();
  CapturedShop shop;
  auto const tool = shop.mesh.name.text() + "_tool";
  shop.applied();
  shop.sql("create role " + tool + "; grant usage on schema products to " + tool +
           "; alter table products.category owner to " + tool +
           "; drop trigger hansa_capture_insert on products.category");
  shop::object(shop.mesh, "category").managed = false;
  auto const plan = shop.planned();
  ASSERT_FALSE(plan.refusals.empty()) << to_text(plan, Colour::off);
  EXPECT_EQ(plan.refusals[0].code, Code::insufficient_privilege);
  EXPECT_EQ(plan.refusals[0].hint,
            "run as a superuser: grant \"" + tool + "\" to \"" + shop.deployer + "\"");
  shop.sql("grant " + tool + " to " + shop.deployer);
  shop.applied_whatever_is_lost();
  EXPECT_EQ(shop.planned_text(), no_changes);
  shop.sql("insert into products.category (title) values ('x')");
  EXPECT_EQ(shop.taken("products"), Events{"category c 1"});
  EXPECT_EQ(shop.one("select has_schema_privilege('" + tool + "', 'hansa', 'usage')"), "f");
}

TEST(Streams, AreMadeInADatabaseOfTheProgramBefore) {
  SKIP_WITHOUT_POSTGRES();
  CapturedShop shop;
  auto const topics = std::exchange(shop.mesh.topics, {});
  shop.applied();
  shop.sql(
      "drop table hansa.topic, hansa.topic_partition, hansa.segment, hansa.schema, "
      "hansa.subject_version, hansa.subject_setting, hansa.consumer_offset, hansa.port_halt, "
      "hansa.dead_letter_done, hansa.gateway, hansa.partition_epoch, hansa.producer, "
      "hansa.group_offset, hansa.topic_setting cascade; drop function hansa.add_event_schema, "
      "hansa.register_schema; "
      "drop sequence hansa.producer_id; delete from hansa.secret where name = 'log'; "
      "delete from hansa.schema_version where version >= 3");
  shop.mesh.topics = topics;
  EXPECT_NE(shop.planned_text().find("create topic products-product-v1"), std::string::npos);
  shop.applied();
  EXPECT_EQ(shop.planned_text(), no_changes);
}

}  // namespace
}  // namespace hansa::delivery
