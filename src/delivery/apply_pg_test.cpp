#include <functional>

#include "delivery/applied_shop.h"
#include "postgres/rows.h"

namespace hansa::delivery {
namespace {

using types::Kind;

struct Change {
  char const* name;
  std::function<void(mesh::Mesh&)> edit;
  // Answers "t" when the change is there.
  char const* proof;
};

void add_rows(AppliedShop& shop) {
  shop.sql("insert into products.category (title) values ('Käse'), ('Brot')");
  shop.sql(
      "insert into products.product (sku, name, price, stock, category_id) "
      "select 'S' || n, 'Thing ' || n, n, n, 1 + n % 2 from generate_series(1, 50) n");
  shop.sql("insert into orders.\"order\" (\"user\", quantity) values ('zoe', 1)");
  shop.sql("insert into users.login default values");
}

// One change of the declaration, on tables with rows: applied, seen, and then nothing is left to
// do.
void check(Change const& change) {
  SCOPED_TRACE(change.name);
  AppliedShop shop;
  shop.applied();
  add_rows(shop);
  change.edit(shop.mesh);
  EXPECT_FALSE(shop.planned().empty());
  shop.applied_whatever_is_lost();
  EXPECT_EQ(shop.one(change.proof), "t");
  EXPECT_EQ(shop.planned_text(), "No changes. The database is as declared.\n");
  EXPECT_EQ(shop.one("select count(*) = 50 from products.product"), "t");
}

std::function<void(mesh::Mesh&)> adding(mesh::Column column) {
  return [column](mesh::Mesh& m) { shop::object(m, "product").columns.push_back(column); };
}

mesh::Column random_token() {
  return shop::with_default(shop::column("token", Kind::uuid), mesh::Default::Kind::expression,
                            "gen_random_uuid()");
}

TEST(Apply, MakesEverythingAsARoleThatIsNoSuperuser) {
  SKIP_WITHOUT_POSTGRES();
  AppliedShop shop;
  auto const shown = to_text(make_plan(shop.mesh, shop.place()), Colour::off);
  EXPECT_EQ(shop.one("select count(*) from pg_namespace where nspname = 'hansa'"), "0");
  auto const done = to_text(shop.applied(), Colour::off);
  EXPECT_EQ(shown, done);
  EXPECT_EQ(shop.planned_text(), "No changes. The database is as declared.\n");
  EXPECT_TRUE(shop.applied().empty());
  EXPECT_EQ(shop.one("select obj_description('products.product'::regclass)"), "Things we sell");
  EXPECT_EQ(shop.one("select count(*) from pg_roles where rolcanlogin and rolname like '" +
                     shop.mesh.name.text() + "%' and rolname <> '" + shop.deployer + "'"),
            "0");
}

TEST(Apply, AddsColumns) {
  SKIP_WITHOUT_POSTGRES();
  check({"optional", adding(shop::column("note", Kind::text)),
         "select bool_and(note is null) from products_v1.product"});
  check({"with default",
         adding(shop::required(shop::with_default(shop::column("colour", Kind::text),
                                                  mesh::Default::Kind::literal, "it's \\red"))),
         "select bool_and(colour = E'it''s \\\\red') from products_v1.product"});
  check({"volatile, optional", adding(random_token()),
         "select bool_and(token is null) from products_v1.product"});
  check({"volatile, required", adding(shop::required(random_token())),
         "select count(distinct token) = 50 from products_v1.product"});
}

TEST(Apply, RenamesAndRemoves) {
  SKIP_WITHOUT_POSTGRES();
  check({"column",
         [](mesh::Mesh& m) {
           auto& column = shop::column_of(m, "product", "name");
           column.name = ColumnName("title");
           column.physical_name = "title";
           column.renamed_from = "name";
         },
         "select bool_and(title like 'Thing%') from products_v1.product"});
  check({"keyword table",
         [](mesh::Mesh& m) {
           auto& object = shop::object(m, "order");
           object.name = ObjectName("select");
           object.physical_name = "select";
           object.renamed_from = "order";
           object.indexes[0].name = "select_pkey";
         },
         R"(select "user" = 'zoe' and quantity = 1 from orders_v1."select")"});
  check({"column gone", [](mesh::Mesh& m) { shop::remove_column(m, "product", "stock"); },
         "select count(*) = 0 from pg_attribute where attrelid = 'products.product'::regclass "
         "and attname = 'stock'"});
  check({"table gone", [](mesh::Mesh& m) { m.domains[2].contracts.pop_back(); },
         "select to_regclass('users.login') is null"});
  check({"no longer served", [](mesh::Mesh& m) { m.domains[2].products[0].output_ports.clear(); },
         "select count(*) = 0 from pg_namespace where nspname = 'users_v1'"});
}

TEST(Apply, ChangesTypes) {
  SKIP_WITHOUT_POSTGRES();
  check({"precision",
         [](mesh::Mesh& m) { shop::column_of(m, "product", "price").type.precision = 12; },
         "select format_type(atttypid, atttypmod) = 'numeric(12,2)' from pg_attribute "
         "where attrelid = 'products_v1.product'::regclass and attname = 'price'"});
  check({"integer with check and default, and a new column beside",
         [](mesh::Mesh& m) {
           shop::column_of(m, "product", "stock").type.kind = Kind::int64;
           shop::object(m, "product").columns.push_back(shop::column("note", Kind::text));
         },
         "select pg_typeof(stock)::text = 'bigint' and note is null from products_v1.product limit "
         "1"});
  check({"identity",
         [](mesh::Mesh& m) { shop::column_of(m, "category", "id").type.kind = Kind::int64; },
         "select pg_typeof(id)::text = 'bigint' from products_v1.category limit 1"});
}

TEST(Apply, ChangesRules) {
  SKIP_WITHOUT_POSTGRES();
  check({"required", [](mesh::Mesh& m) { shop::column_of(m, "product", "stock").required = true; },
         "select attnotnull from pg_attribute where attrelid = 'products.product'::regclass "
         "and attname = 'stock'"});
  check({"optional", [](mesh::Mesh& m) { shop::column_of(m, "product", "name").required = false; },
         "select not attnotnull from pg_attribute where attrelid = 'products.product'::regclass "
         "and attname = 'name'"});
  check({"longer",
         [](mesh::Mesh& m) { shop::column_of(m, "product", "name").rules.max_length = 300; },
         "select bool_or(pg_get_constraintdef(oid) like '%300%') and bool_and(convalidated) "
         "from pg_constraint where conrelid = 'products.product'::regclass"});
  check({"no rule",
         [](mesh::Mesh& m) { shop::column_of(m, "product", "stock").rules.minimum.reset(); },
         "select count(*) = 0 from pg_constraint where conrelid = 'products.product'::regclass "
         "and conname like '%stock%'"});
  check({"default",
         [](mesh::Mesh& m) { shop::column_of(m, "product", "stock").default_value->text = "7"; },
         "select pg_get_expr(adbin, adrelid) ~ '7' from pg_attrdef d join pg_attribute a on "
         "a.attrelid = d.adrelid and a.attnum = d.adnum where a.attname = 'stock'"});
  check({"no default",
         [](mesh::Mesh& m) { shop::column_of(m, "product", "stock").default_value.reset(); },
         "select count(*) = 0 from pg_attrdef d join pg_attribute a on a.attrelid = d.adrelid "
         "and a.attnum = d.adnum where a.attname = 'stock'"});
  check({"foreign key",
         [](mesh::Mesh& m) {
           shop::object(m, "login").columns.push_back(shop::column("of", Kind::int32));
           shop::object(m, "login").columns.back().reference =
               mesh::Reference{.domain = DomainName("users"),
                               .object = ObjectName("user"),
                               .column = ColumnName("id")};
         },
         "select convalidated from pg_constraint where conname = 'login_of_fkey'"});
}

TEST(Apply, ChangesIndexesCommentsAndIdentity) {
  SKIP_WITHOUT_POSTGRES();
  check({"index",
         [](mesh::Mesh& m) {
           shop::object(m, "product")
               .indexes.push_back(
                   shop::index_on("product", "price", mesh::Index::Origin::declared, "idx"));
         },
         "select indisvalid from pg_index where indexrelid = "
         "'products.product_price_idx'::regclass"});
  check({"no index", [](mesh::Mesh& m) { shop::object(m, "product").indexes.pop_back(); },
         "select to_regclass('products.product_category_id_idx') is null"});
  check({"comments",
         [](mesh::Mesh& m) {
           shop::object(m, "product").description = "All we sell";
           shop::column_of(m, "product", "name").description = "";
         },
         "select obj_description('products_v1.product'::regclass) = 'All we sell' and "
         "col_description('products.product'::regclass, 3) is null"});
  check({"no identity", [](mesh::Mesh& m) { shop::column_of(m, "product", "id").identity = false; },
         "select attidentity = '' from pg_attribute where attrelid = 'products.product'::regclass "
         "and attname = 'id'"});
}

TEST(Apply, GivesAnIdentityThatGoesOnBehindWhatIsThere) {
  SKIP_WITHOUT_POSTGRES();
  AppliedShop shop;
  shop::column_of(shop.mesh, "category", "id").identity = false;
  shop.applied();
  shop.sql("insert into products.category values (41, 'Käse')");
  shop::column_of(shop.mesh, "category", "id").identity = true;
  shop.applied();
  EXPECT_EQ(shop.one("insert into products.category (title) values ('Brot') returning id"), "42");
  EXPECT_TRUE(shop.planned().empty()) << shop.planned_text();
}

TEST(Apply, RefusesWhatExistingRowsViolateBeforeAnythingIsDone) {
  SKIP_WITHOUT_POSTGRES();
  AppliedShop shop;
  shop.applied();
  add_rows(shop);
  auto const refused = [&](std::function<void(mesh::Mesh&)> const& edit) {
    auto const before = shop.mesh;
    edit(shop.mesh);
    auto const error = error_of([&] { shop.applied(); });
    EXPECT_EQ(error.code, Code::existing_rows_violate);
    shop.mesh = before;
    EXPECT_TRUE(shop.planned().empty()) << shop.planned_text();
    return error.detail;
  };
  EXPECT_EQ(refused(adding(shop::required(shop::column("weight", Kind::int32)))),
            "products.product.weight is required and has no default, and the table has rows: "
            "50 rows are in the way, for example id = 1");
  EXPECT_NE(refused([](mesh::Mesh& m) {
              shop::column_of(m, "product", "stock").rules.minimum = "3";
            }).find("2 rows are in the way, for example id = 1"),
            std::string::npos);
  EXPECT_EQ(refused([](mesh::Mesh& m) { shop::column_of(m, "order", "total").required = true; }),
            "orders.order.total is required: 1 row is in the way, for example id = 1");
  EXPECT_EQ(refused([](mesh::Mesh& m) {
              shop::object(m, "product")
                  .indexes.push_back(
                      shop::index_on("product", "category_id", mesh::Index::Origin::unique, "key"));
            }),
            "products.product (category_id) must be unique: 2 values are in the way, for example "
            "category_id = 1 stands in 25 rows");
  EXPECT_EQ(
      refused([](mesh::Mesh& m) {
        shop::column_of(m, "login", "id").reference = mesh::Reference{.domain = DomainName("users"),
                                                                      .object = ObjectName("user"),
                                                                      .column = ColumnName("id")};
      }),
      "users.login (id) must be a row of users.user: 1 row is in the way, for example id = 1");
}

TEST(Apply, LeavesNothingHalfDoneWhenRowsAppearMeanwhile) {
  SKIP_WITHOUT_POSTGRES();
  AppliedShop shop;
  shop.applied();
  shop::column_of(shop.mesh, "product", "stock").rules.maximum = "9";
  ApplyOptions options;
  // Between plan and step somebody writes a row that breaks the rule to come.
  options.progress = [&](std::size_t index, std::size_t, plan::Step const&, bool done) {
    if (index == 0 && !done)
      shop.sql("insert into products.product (sku, name, price, stock) values ('a', 'b', 1, 10)");
  };
  auto const error = error_of([&] { shop.applied(options); });
  EXPECT_EQ(error.code, Code::existing_rows_violate);
  EXPECT_NE(error.detail.find("1 row is in the way, for example id = 1"), std::string::npos)
      << error.detail;
  EXPECT_EQ(shop.one("select count(*) from pg_constraint where not convalidated"), "0");
  shop.sql("delete from products.product");
  shop.applied();
  EXPECT_TRUE(shop.planned().empty()) << shop.planned_text();
}

TEST(Apply, RefusesDestructionUnlessAllowed) {
  SKIP_WITHOUT_POSTGRES();
  AppliedShop shop;
  shop.applied();
  shop::remove_column(shop.mesh, "product", "stock");
  shop::object(shop.mesh, "product").columns.push_back(shop::column("note", Kind::text));
  auto const error = error_of([&] { shop.applied(); });
  EXPECT_EQ(error.code, Code::destructive_step);
  EXPECT_EQ(error.detail, "drop column products.product.stock integer (no longer declared)");
  EXPECT_EQ(shop.one("select count(*) from pg_attribute where attname = 'note' "
                     "and attrelid = 'products.product'::regclass"),
            "0");
}

TEST(Apply, CountsAViewThatConsumersLoseAsDestruction) {
  SKIP_WITHOUT_POSTGRES();
  AppliedShop shop;
  shop.applied();
  shop.mesh.domains[2].products[0].output_ports.clear();
  auto const error = error_of([&] { shop.applied(); });
  EXPECT_EQ(error.code, Code::destructive_step);
  EXPECT_EQ(error.detail,
            "drop view users_v1.user (no longer declared); "
            "drop schema users_v1 (no longer declared)");
  EXPECT_NE(shop.planned_text().find("consumers of v1 lose it"), std::string::npos);
}

TEST(Apply, RefusesStrangersObjects) {
  SKIP_WITHOUT_POSTGRES();
  AppliedShop shop;
  shop.sql("create schema users; create table users.\"user\" (id int)");
  auto const plan = shop.planned();
  ASSERT_EQ(plan.refusals.size(), 1U) << to_text(plan, Colour::off);
  EXPECT_EQ(plan.refusals[0].code, Code::foreign_object);
  EXPECT_EQ(error_of([&] { shop.applied(); }).code, Code::foreign_object);
  EXPECT_EQ(shop.one("select count(*) from pg_namespace where nspname in ('hansa', 'products')"),
            "0");
}

TEST(Apply, AdoptsATableThatFitsExactly) {
  SKIP_WITHOUT_POSTGRES();
  AppliedShop shop;
  shop.applied();
  shop.sql("create table users.visit (id integer primary key, at timestamptz)");
  EXPECT_EQ(shop.planned().notes.size(), 1U);
  EXPECT_TRUE(shop.planned().empty());
  auto visit =
      shop::table("visit", {shop::column("id", Kind::int32), shop::column("at", Kind::timestamptz)},
                  "domains/users/main/visit.v1.odcs.yaml");
  shop::add_contract(shop.mesh.domains[2], visit, shop::Served::yes);
  EXPECT_EQ(error_of([&] { shop.applied(); }).code, Code::foreign_object);  // a superuser owns it
  shop.sql("alter table users.visit owner to " + shop.deployer);
  shop.applied();
  EXPECT_TRUE(shop.planned().empty()) << shop.planned_text();
  EXPECT_EQ(shop.one("select tableowner from pg_tables where tablename = 'visit'"),
            shop.role("users", "owner"));
}

TEST(Apply, ForgetsWhatSomebodyDroppedAndNobodyDeclares) {
  SKIP_WITHOUT_POSTGRES();
  AppliedShop shop;
  shop.applied();
  shop.sql("drop table users.login");
  shop.mesh.domains[2].contracts.pop_back();
  EXPECT_TRUE(shop.applied().empty());
  shop.sql("create table users.login (id integer)");
  EXPECT_TRUE(shop.planned().empty()) << shop.planned_text();
  EXPECT_EQ(shop.planned().notes.size(), 1U);
}

TEST(Apply, ServesButNeverAltersAnUnmanagedTable) {
  SKIP_WITHOUT_POSTGRES();
  AppliedShop shop;
  std::erase_if(shop.mesh.domains, [](auto const& d) { return d.name.text() != "users"; });
  shop::object(shop.mesh, "user").managed = false;
  shop.sql(
      "create schema users; create table users.\"user\" (id int primary key, email varchar, x "
      "int)");
  EXPECT_NE(shop.planned_text().find("column email is character varying, declared text"),
            std::string::npos);
  shop.sql("alter table users.\"user\" alter email type text, alter email set not null");
  EXPECT_NE(shop.planned_text().find("belongs to hansa, and these rights are missing"),
            std::string::npos)
      << shop.planned_text();
  // What the refusals say is what helps.
  for (Error const& error : shop.planned().refusals) {
    ASSERT_TRUE(error.hint.starts_with("run as hansa: ")) << error.hint;
    shop.sql(error.hint.substr(std::string_view("run as hansa: ").size()));
  }
  shop.applied();
  EXPECT_TRUE(shop.planned().empty()) << shop.planned_text();
  shop.sql("insert into users.\"user\" values (1, 'zoe@example.org')");
  EXPECT_EQ(shop.one("set role " + shop.role("users", "runtime")), "");
  EXPECT_EQ(shop.one("select email from users_v1.\"user\""), "zoe@example.org");
  EXPECT_EQ(shop.one("reset role"), "");
  EXPECT_EQ(shop.one("select tableowner from pg_tables where tablename = 'user'"), "hansa");
}

TEST(Apply, KeepsDomainsInDatabasesOfTheirOwn) {
  SKIP_WITHOUT_POSTGRES();
  AppliedShop shop;
  postgres::ScratchDatabase other;
  auto superuser = postgres::Session::open(other.target());
  superuser.execute("grant create on database " + other.unique_name() + " to " + shop.deployer);
  Place const here{.target = shop.target(), .domains = {DomainName("orders"), DomainName("users")}};
  Place const there{.target = {.conninfo = other.conninfo() + " user=" + shop.deployer},
                    .domains = {DomainName("products")}};
  apply(shop.mesh, here, {});
  apply(shop.mesh, there, {});
  EXPECT_TRUE(make_plan(shop.mesh, here).empty());
  EXPECT_TRUE(make_plan(shop.mesh, there).empty());
  EXPECT_EQ(shop.one("select count(*) from pg_namespace where nspname = 'products'"), "0");
  // Roles live in the cluster: what they own there must go before the fixture drops them.
  superuser.execute("drop schema products cascade");
}

TEST(Migrate, RefusesANewerSchemaAndIsIdempotent) {
  SKIP_WITHOUT_POSTGRES();
  AppliedShop shop;
  auto session = postgres::Session::open(shop.target());
  migrate(session);
  migrate(session);
  auto const key = cursor_key(session);
  EXPECT_EQ(key.size(), 32U);
  EXPECT_EQ(cursor_key(session), key);
  shop.sql("insert into hansa.schema_version (version, binary_version) values (99, 'future')");
  EXPECT_EQ(error_of([&] { migrate(session); }).code, Code::schema_too_new);
  EXPECT_EQ(error_of([&] { (void)shop.planned(); }).code, Code::schema_too_new);
}

TEST(Migrate, RefusesAStrangersSchemaHansa) {
  SKIP_WITHOUT_POSTGRES();
  AppliedShop shop;
  shop.sql("create schema hansa; create table hansa.league (town text)");
  auto session = postgres::Session::open(shop.database.target());
  EXPECT_EQ(error_of([&] { migrate(session); }).code, Code::foreign_object);
}

}  // namespace
}  // namespace hansa::delivery
