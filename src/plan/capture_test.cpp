#include "plan/capture.h"

#include <gtest/gtest.h>

#include "mesh/log_names.h"
#include "plan/capture_sql.h"
#include "plan/ddl.h"
#include "plan/plan_cases.h"
#include "plan/shop_streams.h"

namespace hansa::plan {
namespace {

using types::Kind;

Database wanted(mesh::Mesh const& mesh) { return desired(mesh, shop::domains_of(mesh)).database; }

std::string sql_of(Database const& database) {
  std::string out;
  for (auto const& [address, function] : database.functions) out += function.definition + ";\n";
  for (auto const& [address, table] : database.tables)
    for (Trigger const& trigger : table.triggers) out += trigger.definition + ";\n";
  return out;
}

// A table with what needs care: renamed columns, a composite key, every guarded type, quotes.
mesh::Mesh careful_mesh() {
  auto mesh = shop::mesh();
  auto& category = shop::object(mesh, "category");
  shop::column_of(mesh, "category", "title").physical_name = "it's \"titled\"";
  category.columns.push_back(shop::column("day", Kind::date));
  category.columns.push_back(shop::column("at", Kind::timestamp));
  category.primary_key = {ColumnName("title"), ColumnName("id")};
  mesh.topics.push_back(shop::topic_of(mesh, "category"));
  mesh.topics.back().message_bytes_max = 1000;
  return mesh;
}

TEST(Capture, WritesItsSql) {
  check_golden("capture.txt", "the shop", sql_of(wanted(shop::publishing_mesh())));
  check_golden("capture.txt", "names, keys and values that need care",
               sql_of(wanted(careful_mesh())));
}

TEST(Capture, MakesNothingForADomainThatPublishesNothing) {
  auto const database = wanted(shop::mesh());
  EXPECT_TRUE(database.functions.empty());
  EXPECT_TRUE(database.topics.empty());
  EXPECT_TRUE(database.tables.contains({"hansa", "pending_users"}));
}

TEST(Capture, MakesOnlyTheTriggersThatFeed) {
  auto mesh = shop::publishing_mesh();
  shop::unpublish(mesh, "order");
  auto const database = wanted(mesh);
  auto const& triggers = database.tables.at({"orders", "order"}).triggers;
  ASSERT_EQ(triggers.size(), 2U);
  EXPECT_EQ(triggers[0].name, "hansa_capture_insert");
  EXPECT_EQ(triggers[1].name, "hansa_refuse_truncate");
}

TEST(Capture, FeedsTopicsThatClientsWriteFromNothing) {
  auto mesh = shop::mesh();
  mesh.topics.push_back(shop::topic_of(mesh, "product"));
  mesh.topics.back().source = mesh::Topic::Source::clients;
  auto const database = wanted(mesh);
  EXPECT_TRUE(database.functions.empty());
  EXPECT_EQ(database.topics.size(), 1U);
}

TEST(Capture, LocksAsTheSequencerDoes) {
  // Computed by another implementation, which gives the values of Kafka's own tests.
  EXPECT_EQ(mesh::log_lock_number(MeshName("shop"), DomainName("products")), 866592522);
  EXPECT_EQ(mesh::log_lock_number(MeshName("shop"), DomainName("orders")), 304818207);
  EXPECT_EQ(mesh::log_lock_number(MeshName("shop"), DomainName("users")), 1163086318);
  EXPECT_EQ(mesh::log_lock_number(MeshName("a"), DomainName("bc")), -913337208);
  EXPECT_EQ(mesh::log_lock_class, 1752394855);
}

mesh::Object& second_product(mesh::Mesh& mesh) {
  auto newer = shop::object(mesh, "product");
  newer.columns.push_back(shop::column("colour", Kind::text));
  shop::add_contract(mesh.domains[1], newer, shop::Served::yes, 2);
  return mesh.domains[1].contracts.back().objects.front();
}

TEST(Capture, FeedsTwoMajorsByOneRow) {
  auto mesh = shop::mesh();
  second_product(mesh);
  mesh.topics = {shop::topic_of(mesh, "product"), shop::topic_of(mesh, "product", 2)};
  mesh.topics[0].message_bytes_max = 5000;
  auto const database = wanted(mesh);
  auto const& sql = database.functions.at({"hansa", "capture_products_product_insert"}).definition;
  EXPECT_TRUE(sql.contains("\"colour\""));
  EXPECT_TRUE(sql.contains(", 5000)"));
  EXPECT_TRUE(sql.contains("topic products-product-v1"));
  EXPECT_EQ(sql.find("insert into"), sql.rfind("insert into"));
}

void check_refused(std::string const& why, Edit const& edit) {
  auto mesh = shop::mesh();
  second_product(mesh);
  mesh.topics = {shop::topic_of(mesh, "product"), shop::topic_of(mesh, "product", 2)};
  edit(mesh);
  auto const refusals = desired(mesh, shop::domains_of(mesh)).refusals;
  auto const said = [&](Error const& error) {
    return error.code == Code::not_supported_yet &&
           error.detail.contains("topic products-product-v1 cannot be fed") &&
           error.detail.contains(why);
  };
  EXPECT_TRUE(std::ranges::any_of(refusals, said)) << why;
}

TEST(Capture, RefusesMajorsThatOneRowCannotFeed) {
  check_refused("its key differs", [](mesh::Mesh& m) { m.topics[1].key = {ColumnName("sku")}; });
  check_refused("price differs", [](mesh::Mesh& m) {
    m.domains[1].contracts.back().objects.front().columns[3].type.scale = 4;
  });
  check_refused("stock is not stored any more", [](mesh::Mesh& m) {
    std::erase_if(m.domains[1].contracts.back().objects.front().columns,
                  [](auto const& column) { return column.name.text() == "stock"; });
    std::erase(m.topics[1].fields, ColumnName("stock"));
  });
}

TEST(Capture, KeepsDeadLetters) {
  auto mesh = shop::mesh();
  mesh.subscriptions.push_back({.domain = DomainName("products"),
                                .port = "order_placed",
                                .dead_letters = "products-order_placed_dead-v1"});
  mesh.subscriptions.push_back({.domain = DomainName("products"),
                                .port = "halting",
                                .on_error = mesh::Subscription::OnError::halt,
                                .dead_letters = "products-halting_dead-v1"});
  auto const database = wanted(mesh);
  ASSERT_EQ(database.topics.size(), 1U);
  EXPECT_EQ(to_text(database.topics.at("products-order_placed_dead-v1")),
            "1 partition, cleanup delete, kept for ever, events up to 2097152 bytes");
}

mesh::Topic& products(mesh::Mesh& mesh) { return shop::topic_named(mesh, "products-product-v1"); }
mesh::Topic& placed(mesh::Mesh& mesh) { return shop::topic_named(mesh, "orders-order_placed-v1"); }

std::vector<Case> declared_changes() {
  return {
      {"nothing changed"},
      {"more partitions", [](mesh::Mesh& m) { products(m).partitions = 6; }},
      {"another retention, cleanup and limit",
       [](mesh::Mesh& m) {
         placed(m).retention = std::chrono::hours(1);
         placed(m).cleanup = mesh::Cleanup::compact_and_remove;
         placed(m).message_bytes_max = 2000;
       }},
      {"a table that is published no more", [](mesh::Mesh& m) { shop::unpublish(m, "product"); }},
      {"an emission that ends", [](mesh::Mesh& m) { shop::unpublish(m, "order_placed"); }},
      {"nothing is published any more", [](mesh::Mesh& m) { m.topics.clear(); }},
      {"a published column goes",
       [](mesh::Mesh& m) {
         shop::remove_column(m, "product", "stock");
         std::erase(products(m).fields, ColumnName("stock"));
       }},
      {"a published column is renamed",
       [](mesh::Mesh& m) {
         auto& column = shop::column_of(m, "product", "name");
         column.physical_name = "label";
         column.renamed_from = "name";
       }},
      {"a published column is renamed and another added",
       [](mesh::Mesh& m) {
         auto& column = shop::column_of(m, "product", "name");
         column.physical_name = "label";
         column.renamed_from = "name";
         shop::object(m, "product").columns.push_back(shop::column("note", Kind::text));
         products(m).fields.emplace_back("note");
       }},
      {"a published table is renamed",
       [](mesh::Mesh& m) {
         auto& object = shop::object(m, "product");
         object.physical_name = "thing";
         object.renamed_from = "product";
       }},
      {"an emission says more",
       [](mesh::Mesh& m) { placed(m).emission->sql += " where quantity > 1"; }},
      {"a published table is left to another tool",
       [](mesh::Mesh& m) { shop::object(m, "product").managed = false; }},
  };
}

Trigger& capture_of_insert(Database& d) {
  return d.tables.at({"products", "product"}).triggers.front();
}
Function& function_of_insert(Database& d) {
  return d.functions.at({"hansa", "capture_products_product_insert"});
}

Case drift(std::string name, Drift by_hand) {
  return {.name = std::move(name), .by_hand = std::move(by_hand)};
}

std::vector<Case> drifts() {
  return {
      drift("by hand: a trigger disabled",
            [](Database& d) { capture_of_insert(d).always = false; }),
      drift("by hand: a trigger dropped",
            [](Database& d) { d.tables.at({"products", "product"}).triggers.pop_back(); }),
      drift("by hand: a trigger's text",
            [](Database& d) { capture_of_insert(d).definition = "create trigger"; }),
      drift("by hand: a trigger of that kind",
            [](Database& d) {
              d.tables.at({"users", "user"}).triggers.push_back({.name = "hansa_mine"});
            }),
      drift("by hand: a function's body",
            [](Database& d) { function_of_insert(d).definition = "create function"; }),
      drift("by hand: a function dropped with its triggers",
            [](Database& d) {
              d.functions.erase({"hansa", "capture_products_product_insert"});
              auto& triggers = d.tables.at({"products", "product"}).triggers;
              triggers.erase(triggers.begin());
            }),
      drift("by hand: a function's owner",
            [](Database& d) { function_of_insert(d).owner = "deployer"; }),
      drift("by hand: a function's owner out of reach",
            [](Database& d) { function_of_insert(d).owner = "root"; }),
      drift(
          "by hand: a right on a function",
          [](Database& d) { function_of_insert(d).privileges.insert({"PUBLIC", "execute", ""}); }),
      drift("by hand: rights of the emission role",
            [](Database& d) {
              d.schemas["hansa"].privileges.insert({"shop_products_emit", "create", ""});
              d.tables.at({"hansa", "pending_orders"})
                  .privileges.insert({"shop_products_emit", "insert", ""});
            }),
      drift("by hand: a topic dropped", [](Database& d) { d.topics.erase("orders-order-v1"); }),
      drift("by hand: a topic's retention",
            [](Database& d) { d.topics.at("orders-order-v1").retention_ms = 5; }),
      drift("more partitions than declared",
            [](Database& d) { d.topics.at("orders-order-v1").partitions = 8; }),
      drift("a topic of another domain",
            [](Database& d) { d.topics.at("orders-order-v1").domain = DomainName("gone"); }),
      drift("an owner out of reach whose table is published",
            [](Database& d) {
              d.tables.at({"products", "product"}).owner = "root";
              d.tables.at({"products", "product"}).triggers.clear();
            }),
  };
}

TEST(Capture, IsPlanned) {
  check_against_goldens("streams.txt", shop::publishing_mesh(), declared_changes());
  check_against_goldens("streams.txt", shop::publishing_mesh(), drifts());
  check_against_goldens("streams.txt", shop::mesh(),
                        {{"tables are published", [](mesh::Mesh& mesh) { shop::publish(mesh); }},
                         {"a virgin database", [](mesh::Mesh& mesh) { shop::publish(mesh); },
                          [](Database& d) { d = virgin(); }}});
}

TEST(Capture, LetsRolesDoMoreOnlyWithinAStep) {
  auto const plan = plan_for(shop::publishing_mesh(), virgin());
  for (Step const& step : plan.steps) {
    if (step.kind == StepKind::create_function) {
      EXPECT_TRUE(step.sql.front().starts_with("grant create on schema \"hansa\" to"));
      EXPECT_TRUE(step.sql.back().starts_with("revoke create on schema \"hansa\" from"));
    }
    if (step.kind == StepKind::create_trigger) {
      EXPECT_TRUE(step.sql.front().starts_with("grant usage on schema \"hansa\" to"));
      EXPECT_TRUE(step.sql.back().starts_with("revoke usage on schema \"hansa\" from"));
    }
  }
}

}  // namespace
}  // namespace hansa::plan
