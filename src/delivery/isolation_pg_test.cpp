// What each role may do is asked of PostgreSQL itself, for every role, relation and right, and
// compared with a plain statement of the rule.
#include <set>

#include "delivery/applied_shop.h"

namespace hansa::delivery {
namespace {

bool is_view_schema(std::string const& schema, std::string const& domain) {
  return schema == domain + "_v1";
}

// "select", "insert", ... of a role of `kind` in `domain` on a whole relation.
std::set<std::string> allowed(std::string const& domain, std::string const& kind,
                              std::string const& schema, std::string const& name) {
  std::set<std::string> const all{"select",   "insert",     "update", "delete",
                                  "truncate", "references", "trigger"};
  if (kind == "owner" && schema == domain) return all;
  if (kind == "view" && is_view_schema(schema, domain)) return all;
  if (kind == "emit" && schema == domain) return {"select"};
  if (kind == "emit" && schema == "hansa" && name == "pending_" + domain) return {"insert"};
  if (kind != "runtime") return {};
  if (is_view_schema(schema, domain)) return {"select"};
  bool const own =
      schema == "hansa" && (name == "idempotency_" + domain || name == "load_" + domain);
  if (schema == domain || own) return {"select", "insert", "update", "delete"};
  return {};
}

TEST(Isolation, IsExactlyTheContract) {
  SKIP_WITHOUT_POSTGRES();
  CapturedShop shop;
  shop.applied();
  auto const relations = shop.superuser.execute(
      "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
      "where c.relkind in ('r', 'v') and n.nspname ~ '^(hansa|orders|products|users)'");
  ASSERT_GT(relations.size(), 15U);
  std::size_t asked = 0;
  for (auto const* domain : {"orders", "products", "users"})
    for (auto const* kind : {"owner", "runtime", "view", "emit"})
      for (std::size_t row = 0; row < relations.size(); ++row) {
        std::string const schema(relations.value(row, 0)), name(relations.value(row, 1));
        std::set<std::string> may;
        for (auto const* right :
             {"select", "insert", "update", "delete", "truncate", "references", "trigger"}) {
          auto const answer = shop.superuser.execute(
              "select has_table_privilege($1, format('%I.%I', $2::text, $3::text), $4)",
              {shop.role(domain, kind), schema, name, right});
          if (answer.value(0, 0) == "t") may.insert(right);
          ++asked;
        }
        EXPECT_EQ(may, allowed(domain, kind, schema, name))
            << domain << " " << kind << " on " << schema << "." << name;
      }
  EXPECT_GT(asked, 1000U);
}

// "usage" and "create" of a role of `kind` in `domain` on a schema.
std::set<std::string> allowed_in(std::string const& domain, std::string const& kind,
                                 std::string const& schema) {
  if (kind == "owner")
    return schema == domain ? std::set<std::string>{"create", "usage"} : std::set<std::string>{};
  if (kind == "view" && is_view_schema(schema, domain)) return {"create", "usage"};
  bool const enters_views = kind == "runtime" && is_view_schema(schema, domain);
  bool const enters_own = kind != "view" && schema == "hansa";
  return schema == domain || enters_views || enters_own ? std::set<std::string>{"usage"}
                                                        : std::set<std::string>{};
}

TEST(Isolation, LetsRolesIntoExactlyTheirSchemas) {
  SKIP_WITHOUT_POSTGRES();
  CapturedShop shop;
  shop.applied();
  for (std::string const domain : {"orders", "products", "users"})
    for (std::string const kind : {"owner", "runtime", "view", "emit"})
      for (std::string const schema :
           {"hansa", "orders", "orders_v1", "products", "products_v1", "users", "users_v1"}) {
        std::set<std::string> may;
        for (auto const* right : {"usage", "create"})
          if (shop.one("select has_schema_privilege('" + shop.role(domain, kind) + "', '" + schema +
                       "', '" + right + "')") == "t")
            may.insert(right);
        EXPECT_EQ(may, allowed_in(domain, kind, schema)) << domain << " " << kind << " " << schema;
      }
}

TEST(Isolation, LetsNobodyRunTheFunctionsOfCapture) {
  SKIP_WITHOUT_POSTGRES();
  CapturedShop shop;
  shop.applied();
  EXPECT_EQ(shop.one("select count(*) from pg_proc where pronamespace = 'hansa'::regnamespace"),
            "17");
  // All but two of Hansa's own belong to the emission role of their domain, and nobody else was
  // given anything.
  EXPECT_EQ(shop.one("select count(*) from pg_proc where pronamespace = 'hansa'::regnamespace and "
                     "pg_get_userbyid(proowner) !~ '_emit$'"),
            "2");
  EXPECT_EQ(shop.one("select count(*) from pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f',"
                     " p.proowner))) x where pronamespace = 'hansa'::regnamespace and x.grantee <> "
                     "p.proowner"),
            "0");
}

TEST(Isolation, LetsTheEmissionRoleDrawOnlyItsOwnNumbers) {
  SKIP_WITHOUT_POSTGRES();
  CapturedShop shop;
  shop.applied();
  auto const rows = shop.superuser.execute(
      "select c.relname || ' ' || p from pg_class c, unnest(array['usage', 'select', 'update']) p "
      "where c.relkind = 'S' and c.relnamespace in (select oid from pg_namespace where nspname ~ "
      "'^(hansa|orders|products|users)') and has_sequence_privilege($1, c.oid, p)",
      {shop.role("orders", "emit")});
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows.value(0, 0), "pending_orders_sid_seq usage");
}

TEST(Isolation, GivesTheViewRoleExactlyTheColumnsItsViewsShow) {
  SKIP_WITHOUT_POSTGRES();
  AppliedShop shop;
  // A column that no view shows: the contract of another major has it no more.
  shop.applied();
  auto const rows = shop.superuser.execute(
      "select n.nspname || '.' || c.relname || '.' || a.attname from pg_attribute a "
      "join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace "
      "where a.attnum > 0 and c.relkind = 'r' and n.nspname in ('orders', 'products', 'users', "
      "'hansa') "
      "and has_column_privilege($1, c.oid, a.attnum, 'select') order by 1",
      {shop.role("users", "view")});
  std::set<std::string> columns;
  for (std::size_t row = 0; row < rows.size(); ++row)
    columns.insert(std::string(rows.value(row, 0)));
  EXPECT_EQ(columns, (std::set<std::string>{"users.user.email", "users.user.id"}));
}

TEST(Isolation, LetsTheRuntimeRoleWorkAndNobodyElse) {
  SKIP_WITHOUT_POSTGRES();
  AppliedShop shop;
  shop.applied();
  auto target = shop.target();
  target.role = shop.role("orders", "runtime");
  auto session = postgres::Session::open(target);
  session.execute("insert into orders.\"order\" (\"user\", quantity) values ('zoe', 2)");
  session.execute("select setval('orders.order_id_seq', 5)");
  EXPECT_EQ(session.execute("select \"user\" from orders_v1.\"order\"").value(0, 0), "zoe");
  session.execute("insert into hansa.load_orders (target, digest) values ('a', 'b')");
  session.execute("insert into hansa.idempotency_orders (key, fingerprint) values ('a', 'b')");
  for (auto const* forbidden :
       {"select * from products_v1.product", "select * from products.product",
        "select * from hansa.secret", "select * from hansa.load_users", "truncate orders.\"order\"",
        "create table orders.mine ()", "create table hansa.mine ()", "delete from hansa.object",
        "update orders_v1.\"order\" set quantity = 1"})
    EXPECT_EQ(error_of([&] { session.execute(forbidden); }).code, Code::insufficient_privilege)
        << forbidden;
}

}  // namespace
}  // namespace hansa::delivery
