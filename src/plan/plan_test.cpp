#include "plan/plan.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>

#include "json/value.h"
#include "plan/compare.h"
#include "plan/ddl.h"
#include "plan/plan_cases.h"

namespace hansa::plan {
namespace {

std::string golden_path(std::string const& file) {
  return std::string(HANSA_TESTDATA) + "/" + file;
}

// "## name" lines divide the file; each section is one text.
std::map<std::string, std::string> read_goldens(std::string const& file) {
  std::map<std::string, std::string> out;
  std::ifstream in(golden_path(file));
  std::string line, name;
  while (std::getline(in, line)) {
    if (line.starts_with("## "))
      name = line.substr(3);
    else
      out[name] += line + "\n";
  }
  return out;
}

}  // namespace

void check_golden(std::string const& file, std::string const& name, std::string const& text) {
  if (std::getenv("HANSA_REFRESH_GOLDENS") != nullptr) {
    std::ofstream(golden_path(file), std::ios::app) << "## " << name << "\n" << text;
    return;
  }
  auto const goldens = read_goldens(file);
  auto const golden = goldens.find(name);
  ASSERT_NE(golden, goldens.end()) << name << "\n" << text;
  EXPECT_EQ(text, golden->second) << name;
}

namespace {

Address const product{"products", "product"};

Table& live_product(Database& database) { return database.tables.at(product); }

mesh::Column numeric(std::uint16_t precision, std::uint16_t scale) {
  auto column = shop::money("price");
  column.type.precision = precision;
  column.type.scale = scale;
  return column;
}

// Every change a contract can make to columns and tables, one a case; the golden file holds the
// plans.
std::vector<Case> column_changes() {
  using types::Kind;
  auto const add = [](mesh::Column column) {
    return [column](mesh::Mesh& m) { shop::object(m, "product").columns.push_back(column); };
  };
  return {
      {"nothing changed"},
      {"add an optional column", add(shop::column("note", Kind::text))},
      {"add a required column with a default",
       add(shop::required(shop::with_default(shop::column("colour", Kind::text),
                                             mesh::Default::Kind::literal, "it's \\red")))},
      {"add a required column without a default",
       add(shop::required(shop::column("weight", Kind::int32)))},
      {"add a column whose default is volatile",
       add(shop::with_default(shop::column("token", Kind::uuid), mesh::Default::Kind::expression,
                              "gen_random_uuid()"))},
      {"remove a column", [](mesh::Mesh& m) { shop::remove_column(m, "product", "stock"); }},
      {"remove a table", [](mesh::Mesh& m) { m.domains[2].contracts.pop_back(); }},
      {"rename a column",
       [](mesh::Mesh& m) {
         auto& column = shop::column_of(m, "product", "name");
         column.name = ColumnName("title");
         column.physical_name = "title";
         column.renamed_from = "name";
       }},
      {"rename a column and forget to say so",
       [](mesh::Mesh& m) {
         auto& column = shop::column_of(m, "product", "stock");
         column.name = ColumnName("pieces");
         column.physical_name = "pieces";
       }},
      {"rename a table and forget to say so",
       [](mesh::Mesh& m) {
         auto& object = shop::object(m, "login");
         object.name = ObjectName("visit");
         object.physical_name = "visit";
         object.indexes[0].name = "visit_pkey";
       }},
      {"rename a table",
       [](mesh::Mesh& m) {
         auto& object = shop::object(m, "order");
         object.name = ObjectName("purchase");
         object.physical_name = "purchase";
         object.renamed_from = "order";
         object.indexes[0].name = "purchase_pkey";
       }},
      {"make a number more precise",
       [](mesh::Mesh& m) { shop::column_of(m, "product", "price").type = numeric(12, 2).type; }},
      {"widen an integer",
       [](mesh::Mesh& m) { shop::column_of(m, "product", "stock").type.kind = Kind::int64; }},
      {"narrow a number",
       [](mesh::Mesh& m) { shop::column_of(m, "product", "price").type = numeric(8, 2).type; }},
  };
}

// And to rules, indexes, descriptions and ports.
std::vector<Case> rule_changes() {
  return {
      {"require a column",
       [](mesh::Mesh& m) { shop::column_of(m, "product", "stock").required = true; }},
      {"make a column optional",
       [](mesh::Mesh& m) { shop::column_of(m, "product", "name").required = false; }},
      {"change a default",
       [](mesh::Mesh& m) { shop::column_of(m, "product", "stock").default_value->text = "1"; }},
      {"drop a default",
       [](mesh::Mesh& m) { shop::column_of(m, "product", "stock").default_value.reset(); }},
      {"lengthen a text",
       [](mesh::Mesh& m) { shop::column_of(m, "product", "name").rules.max_length = 300; }},
      {"drop a rule",
       [](mesh::Mesh& m) { shop::column_of(m, "product", "stock").rules.minimum.reset(); }},
      {"declare an index",
       [](mesh::Mesh& m) {
         shop::object(m, "product")
             .indexes.push_back(
                 shop::index_on("product", "price", mesh::Index::Origin::declared, "idx"));
       }},
      {"drop an index", [](mesh::Mesh& m) { shop::object(m, "product").indexes.pop_back(); }},
      {"declare a reference",
       [](mesh::Mesh& m) {
         shop::column_of(m, "login", "id").reference =
             mesh::Reference{.domain = DomainName("users"),
                             .object = ObjectName("user"),
                             .column = ColumnName("id")};
       }},
      {"describe", [](mesh::Mesh& m) { shop::object(m, "product").description = "All we sell"; }},
      {"change the key",
       [](mesh::Mesh& m) {
         shop::object(m, "product").primary_key = {ColumnName("sku")};
         shop::object(m, "product").indexes[0].columns = {ColumnName("sku")};
       }},
      {"stop serving", [](mesh::Mesh& m) { m.domains[2].products[0].output_ports.clear(); }},
      {"leave a table to another tool",
       [](mesh::Mesh& m) { shop::object(m, "login").managed = false; }},
  };
}

Case drift(std::string name, Drift by_hand) {
  return {.name = std::move(name), .by_hand = std::move(by_hand)};
}

// What somebody can do behind Hansa's back to a table.
std::vector<Case> table_drifts() {
  return {
      drift(
          "by hand: a column",
          [](Database& d) { live_product(d).columns.push_back({.name = "note", .type = "text"}); }),
      drift("by hand: a type",
            [](Database& d) { live_product(d).find("price")->type = "numeric(12,4)"; }),
      drift("by hand: nullable",
            [](Database& d) { live_product(d).find("name")->not_null = false; }),
      drift("by hand: a default",
            [](Database& d) { live_product(d).find("stock")->default_sql = "5"; }),
      drift("by hand: an index",
            [](Database& d) {
              live_product(d).indexes.push_back({.name = "mine", .columns = {"price"}});
            }),
      drift("by hand: an index dropped", [](Database& d) { live_product(d).indexes.pop_back(); }),
      drift("an interrupted index",
            [](Database& d) { live_product(d).indexes.back().valid = false; }),
      drift("by hand: a check",
            [](Database& d) { live_product(d).checks.front().expression = "true"; }),
      drift("a check that was not validated",
            [](Database& d) { live_product(d).checks.front().validated = false; }),
      drift("by hand: the foreign key dropped",
            [](Database& d) { live_product(d).foreign_keys.clear(); }),
      drift("by hand: a grant",
            [](Database& d) {
              live_product(d).privileges.insert({"shop_orders_runtime", "select", ""});
              d.views.at({"products_v1", "product"}).privileges.insert({"PUBLIC", "select", ""});
            }),
      drift("by hand: rights of a consumer",
            [](Database& d) {
              d.schemas.at("products_v1").privileges.insert({"alice", "usage", ""});
              d.views.at({"products_v1", "product"}).privileges.insert({"alice", "select", ""});
            }),
      drift("by hand: more than a consumer may have",
            [](Database& d) {
              d.schemas.at("products").privileges.insert({"alice", "usage", ""});
              d.views.at({"products_v1", "product"}).privileges.insert({"alice", "update", ""});
              d.views.at({"products_v1", "product"})
                  .privileges.insert({"shop_orders_runtime", "select", ""});
            }),
      drift("by hand: a revoke", [](Database& d) { live_product(d).privileges.clear(); }),
  };
}

// And to views, owners and roles; and what strangers leave.
std::vector<Case> other_drifts() {
  return {
      drift("by hand: a view option",
            [](Database& d) {
              d.views.at({"products_v1", "product"}).options = {"security_barrier=true"};
            }),
      drift("by hand: a view's text",
            [](Database& d) {
              auto& view = d.views.at({"products_v1", "product"});
              view.definition = "select 1";
              view.columns = {{"one", "integer"}};
            }),
      drift("by hand: a view dropped",
            [](Database& d) { d.views.erase({"products_v1", "product"}); }),
      drift("by hand: an owner", [](Database& d) { live_product(d).owner = "deployer"; }),
      drift("by hand: an owner out of reach", [](Database& d) { live_product(d).owner = "root"; }),
      drift("by hand: a comment", [](Database& d) { live_product(d).comment = "mine"; }),
      drift("by hand: a role that logs in",
            [](Database& d) { d.roles.at("shop_products_view").login = true; }),
      drift("by hand: a superuser",
            [](Database& d) { d.roles.at("shop_products_view").superuser = true; }),
      drift("by hand: a membership",
            [](Database& d) {
              d.roles.at("shop_orders_runtime").member_of = {"shop_products_owner"};
            }),
      drift("by hand: the table dropped",
            [](Database& d) {
              d.tables.erase({"users", "user"});
              d.views.erase({"users_v1", "user"});
            }),
      drift("a stranger's table",
            [](Database& d) {
              d.tables[{"products", "scratch"}] = {.address = {"products", "scratch"},
                                                   .owner = "alice"};
            }),
      drift("a stranger's schema",
            [](Database& d) { d.records.erase({PartKind::schema, "users", "", ""}); }),
      drift("a table in the way",
            [](Database& d) {
              d.records.erase({PartKind::table, "users", "user", ""});
              d.tables.at({"users", "user"}).columns.pop_back();
            }),
      drift("a table that fits",
            [](Database& d) { d.records.erase({PartKind::table, "users", "user", ""}); }),
      drift("another server prints otherwise",
            [](Database& d) {
              d.applier.server_version = 180001;
              for (auto& [address, view] : d.views) view.definition += " ";
            }),
      drift("no right to create roles",
            [](Database& d) {
              d.roles.erase("shop_users_emit");
              d.applier.create_role = false;
            }),
  };
}

TEST(Plan, SaysWhatAContractChanges) {
  check_against_goldens("plans.txt", shop::mesh(), column_changes());
  check_against_goldens("plans.txt", shop::mesh(), rule_changes());
}
TEST(Plan, SaysWhatWasDoneByHand) {
  check_against_goldens("plans.txt", shop::mesh(), table_drifts());
  check_against_goldens("plans.txt", shop::mesh(), other_drifts());
}
TEST(Plan, SaysWhatAVirginDatabaseNeeds) {
  check_against_goldens(
      "plans.txt", shop::mesh(),
      {{"a virgin database", [](mesh::Mesh&) {}, [](Database& d) { d = virgin(); }}});
}

TEST(Plan, IsEmptyWhenAllIsAsDeclared) {
  auto const mesh = shop::mesh();
  auto const plan = plan_for(mesh, applied(mesh));
  EXPECT_TRUE(plan.empty()) << to_text(plan, Colour::off);
  EXPECT_EQ(to_text(plan, Colour::off), "No changes. The database is as declared.\n");
}

TEST(Plan, LeavesOtherDomainsAlone) {
  auto const mesh = shop::mesh();
  std::vector<DomainName> const one{DomainName("products")};
  auto const plan = compare(desired(mesh, one).database, virgin(), one);
  for (Step const& step : plan.steps) EXPECT_EQ(step.domain.text(), "products") << step.summary;
}

TEST(Plan, GivesMembershipAsEachServerVersionNeedsIt) {
  auto const sql = [](int version) {
    auto observed = virgin();
    observed.applier.server_version = version;
    return plan_for(shop::mesh(), observed).steps.front().sql.at(1);
  };
  EXPECT_EQ(sql(150004), R"(grant "shop_orders_emit" to "deployer")");
  EXPECT_EQ(sql(160001), R"(grant "shop_orders_emit" to "deployer" with set true, inherit true)");
}

TEST(Plan, QuotesWhatPeopleWrite) {
  EXPECT_EQ(quoted("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(literal("it's"), "'it''s'");
  EXPECT_EQ(literal("a\\'b"), "E'a\\\\''b'");
  EXPECT_EQ(bounded_name("short"), "short");
  auto const shortened = bounded_name(std::string(80, 'x') + "a");
  EXPECT_EQ(shortened.size(), 63U);
  EXPECT_NE(shortened, bounded_name(std::string(80, 'x') + "b"));
}

TEST(Plan, NeverLetsANameSteerTheTerminal) {
  Plan plan;
  plan.notes.push_back("table \x1b[2Jx\n is odd");
  auto const text = to_text(plan, Colour::off);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_NE(text.find("table  [2Jx  is odd"), std::string::npos) << text;
}

TEST(Plan, WritesJsonThatHoldsTheSql) {
  auto const plan = plan_for(shop::mesh(), virgin());
  auto const parsed = json::parse(to_json(plan));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->find("version")->as_number()->digits, "1");
  auto const& steps = *parsed->find("steps")->as_array();
  ASSERT_EQ(steps.size(), plan.steps.size());
  EXPECT_EQ(*steps[0].find("kind")->as_string(), "create_role");
  EXPECT_EQ(*steps[0].find("sql")->as_array()->at(0).as_string(),
            R"(create role "shop_orders_emit" nologin)");
  EXPECT_EQ(parsed->find("summary")->find("add")->as_number()->digits,
            std::to_string(plan.steps.size()));
}

TEST(Plan, ShowsAnOlderMajorWithItsOwnTypes) {
  auto mesh = shop::mesh();
  auto& users = mesh.domains[2];
  auto newer = shop::object(mesh, "user");
  newer.columns[0].type.kind = types::Kind::int64;
  newer.columns.push_back(shop::column("country", types::Kind::text));
  shop::add_contract(users, newer, shop::Served::yes, 2);
  auto const wanted = desired(mesh, shop::domains_of(mesh)).database;
  EXPECT_EQ(wanted.views.at({"users_v1", "user"}).definition,
            R"(select "id"::integer as "id", "email" from "users"."user")");
  EXPECT_EQ(wanted.views.at({"users_v2", "user"}).definition,
            R"(select "id", "email", "country" from "users"."user")");
}

TEST(Plan, RefusesAnOlderMajorThatTheNewestCannotAnswer) {
  auto mesh = shop::mesh();
  auto newer = shop::object(mesh, "user");
  newer.columns.pop_back();
  shop::add_contract(mesh.domains[2], newer, shop::Served::yes, 2);
  auto const wanted = desired(mesh, shop::domains_of(mesh));
  ASSERT_EQ(wanted.refusals.size(), 1U);
  EXPECT_EQ(wanted.refusals[0].code, Code::not_supported_yet);
}

}  // namespace
}  // namespace hansa::plan
