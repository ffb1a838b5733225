// Statements: what is read from them, and which of them may run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/sql.h"

namespace hansa::sql {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Rules effect() {
  return {.kinds = {Kind::insert, Kind::update, Kind::remove, Kind::merge},
          .read_schemas = {"products"},
          .write_schemas = {"products"},
          .frame = {"events"},
          .default_schema = "",
          .clock_and_random = Volatility::allowed};
}

Rules emission() {
  return {.kinds = {Kind::select},
          .read_schemas = {"orders"},
          .write_schemas = {},
          .frame = {"inserted", "deleted"},
          .default_schema = "orders",
          .clock_and_random = Volatility::allowed};
}

void check_accepted(std::string_view text, Rules const& rules) {
  auto const statement = parse(text);
  ASSERT_TRUE(statement) << text << "\n" << to_text(statement.error());
  for (auto const& violation : judge(*statement, rules))
    ADD_FAILURE() << text << "\n" << to_text(violation);
}

TEST(Accepted, Emissions) {
  auto const check = [](std::string_view text) { check_accepted(text, emission()); };
  check(
      "-- after insert on order\n"
      "select id as order_id, product_id, quantity, ordered_at as \"timestamp\"\n"
      "  from inserted\n");
  check("select i.id, coalesce(d.total, 0) as was from inserted i left join deleted d using (id);");
  check(
      "select o.id, sum(l.quantity * l.price)::numeric(12,2) as total"
      "  from inserted o join line l on l.order_id = o.id group by o.id having count(*) > 0");
  check(
      "select id, row_number() over (partition by product_id order by id desc) as n,"
      "  lag(quantity) over w as before from inserted window w as (order by id"
      "  rows between 1 preceding and current row)");
  check(
      "select id, jsonb_build_object('a', quantity, 'b', array_agg(x order by x)) as doc"
      "  from inserted, jsonb_array_elements_text(lines) with ordinality as l(x, n)"
      "  group by id, quantity");
  check(
      "select id from inserted where doc @> '{\"a\":1}' and doc->>'b' like 'x%'"
      "  and id = any(array[1,2]) and price between 1 and 2 and not gone is true");
  check(
      "select extract(year from ordered_at) as y, ordered_at at time zone 'UTC' as t,"
      "  trim(both ' ' from name) as n, substring(name from 1 for 3) as s, current_date as d,"
      "  case when quantity > 1 then 'many' else 'one' end as size from inserted");
  check(
      "select l.value, l.ordinality, x.x, y.b, unnest.unnest from inserted i,"
      "  jsonb_each(i.doc) with ordinality l, unnest(i.a) x, unnest(i.b) y(b), unnest(i.c)");
  check("select r.a, r.b from inserted i, jsonb_to_recordset(i.doc) as r(a int, b text[])");
  check(
      "select id, pg_catalog.lower(name) as name from inserted"
      "  where id in (select id from orders.\"order\" where price > 0.5) union all"
      "  select id, name from deleted order by 1 limit 10 offset 1");
  check("select id, $q$it's$q$ || E'\\n' || U&'\\0041' as t, interval '1 day' as i from inserted");
  check(
      "select id, generate_series(1, 10) as n, lpad(name, 10, '0') as p,"
      "  format('%s-%10s', id, name) as f from inserted");
  check(
      "select percentile_cont(0.5) within group (order by price) as median,"
      "  count(*) filter (where price > 1) as n from inserted group by grouping sets ((a), ())");
  check("values (1, 'a'), (2, 'b')");
}

TEST(Accepted, Reactions) {
  auto const check = [](std::string_view text) { check_accepted(text, effect()); };
  check(
      "-- each effect\nupdate products.products p\n   set stock = p.stock - e.quantity\n"
      "  from events e\n where p.id = e.product_id\n");
  check(
      "insert into products.seen (id, n, at) select product_id, quantity, now() from events"
      "  on conflict (id) do update set n = seen.n + excluded.n where seen.n < excluded.n");
  check(
      "with wanted as (select product_id, sum(quantity) as n from events group by product_id),"
      "  short as (select w.* from wanted w join products.products p on p.id = w.product_id"
      "            where p.stock < w.n)"
      "  insert into products.stock_rejection (id, product_id, reason)"
      "  select gen_random_uuid(), product_id, 'only ' || n::text from short"
      "  where not exists (select from products.stock_rejection r"
      "                    where r.product_id = short.product_id)");
  check("delete from products.seen using events e where seen.id = e._key::int8");
  check("update products.products set (stock, name) = (select 1, 'a') where id = 1");
  check(
      "merge into products.seen s using events e on s.id = e.id"
      "  when matched and e._op = 'delete' then delete"
      "  when matched then update set n = e.n"
      "  when not matched then insert (id, n) values (e.id, default)");
  check("insert into products.seen values (default, 1) returning id");
}

TEST(Accepted, ByRule) {
  auto rules = effect();
  rules.modifying_ctes = rules.recursion = true;
  rules.kinds.push_back(Kind::select);
  check_accepted("with d as (delete from products.seen returning id) select id from d", rules);
  check_accepted(
      "with recursive t(n) as (select 1 union all select n + 1 from t where n < 9)"
      "  select n from t",
      rules);
  rules.batches = true;
  check_accepted(
      "with e as (select product_id, sum(quantity) as n from events group by 1)"
      "  update products.products p set stock = p.stock - e.n from e"
      "  where p.id = e.product_id",
      rules);
  check_accepted(
      "insert into products.seen select distinct on (id) id, n from events order by id"
      "  on conflict (id) do update set n = excluded.n",
      rules);
  check_accepted(
      "update products.products set stock = (select sum(n) from events e"
      "  where e.id = products.id)",
      rules);
  check_accepted("insert into products.seen select * from events on conflict do nothing", rules);
}

void check_described(std::string_view text, std::string_view expected) {
  auto const statement = parse(text);
  ASSERT_TRUE(statement) << text << "\n" << to_text(statement.error());
  EXPECT_EQ(to_text(*statement), expected) << text;
}

TEST(Statement, IsDescribed) {
  check_described("select id as order_id, price::text, count(*), x.y from s.t x",
                  "SELECT SELECT @0\nread s.t as x @55: id price y\n"
                  "call count/0 @36\ntype text @30\noutputs order_id price ? y\n");
  check_described("update s.t set a = e.b from events e",
                  "UPDATE UPDATE @0\nwritten s.t @7: (a)\nread events as e @28: b\n"
                  "UPDATE may hit t twice from events\n");
  check_described("/* c */ create table x ()", "other CREATE @8\n");
  check_described("update s.t set (a, b) = (select c, d from u)",
                  "UPDATE UPDATE @0\nwritten s.t @7: c? d? (a b)\nread u @42: c? d?\n");
  check_described("(select 1 as a union select b from c) limit 1",
                  "SELECT ( @0\nread c @35: b\noutputs a\n");
}

void check_columns(std::string_view text, ColumnsRead const& expected) {
  auto const statement = parse(text);
  ASSERT_TRUE(statement) << text << "\n" << to_text(statement.error());
  auto const read = columns_read(*statement, "events");
  EXPECT_EQ(read.all, expected.all) << text;
  EXPECT_EQ(read.certain, expected.certain) << text;
  EXPECT_EQ(read.possible, expected.possible) << text;
}

TEST(ColumnsRead, FollowScopes) {
  check_columns("select a, b from events", {false, {"a", "b"}, {}});
  check_columns("select a, e.b from events e, s.t", {false, {"b"}, {"a"}});
  check_columns("select * from events", {true, {}, {}});
  check_columns("select e.* from events e", {true, {}, {}});
  check_columns("select to_jsonb(e) from events e", {true, {"e"}, {}});
  check_columns("select x from events e(x, y)", {true, {}, {}});
  check_columns("select t.* from events e, s.t", {false, {}, {}});
  check_columns("select count(*) from events", {false, {}, {}});
  check_columns("select 1 from events natural join s.t", {true, {}, {}});
  check_columns("select 1 from events join s.t using (id)", {false, {"id"}, {}});
  check_columns("with x as (select a, b from events) select x.c from x", {false, {"a", "b"}, {}});
  check_columns("select (select max(e.d) from s.t) from events e", {false, {"d"}, {}});
  check_columns("select e.a from events e where exists (select 1 from s.t e where e.z = 1)",
                {false, {"a"}, {}});
  check_columns("select 1 from events e, (select e.z from s.t e) q", {false, {}, {}});
  check_columns("select 1 from events e, lateral (select e.z) q", {false, {"z"}, {}});
  check_columns("update s.t set a = e.b from events e where e.c = t.d", {false, {"b", "c"}, {}});
  check_columns("insert into s.t (a) select b from events on conflict (a) do update set a = 1",
                {false, {"b"}, {}});
  check_columns("select j.a from (events e join s.t on e.b = t.b) j", {true, {"b"}, {}});
  check_columns("select 1 from s.events", {false, {}, {}});
  check_columns("with events as (select 1 as a) select a from events", {false, {}, {}});
}

TEST(Ctes, HideTablesOnlyInTheirScope) {
  auto const relations = [](std::string_view text) {
    std::vector<std::size_t> offsets;
    auto const statement = parse(text);
    EXPECT_TRUE(statement) << text;
    if (statement)
      for (auto const& relation : statement->relations) offsets.push_back(relation.offset);
    return offsets;
  };
  EXPECT_THAT(relations("with t as (select 1) select * from t"), IsEmpty());
  EXPECT_THAT(relations("with t as (select 1) select * from s.t"), ElementsAre(35));
  EXPECT_THAT(relations("with t as (select * from t) select * from t"), ElementsAre(25));
  EXPECT_THAT(relations("with recursive t as (select * from t) select * from t"), IsEmpty());
  EXPECT_THAT(relations("select (with t as (select 1) select 1 from t) from t"), ElementsAre(51));
  EXPECT_THAT(relations("(with t as (select 1) select 1 from t) union select 1 from t"),
              ElementsAre(59));
  EXPECT_THAT(relations("with a as (select 1 from b), b as (select 1 from a) select 1 from b"),
              ElementsAre(25));
  EXPECT_THAT(relations("with t as (select 1) delete from t"), ElementsAre(33));
  EXPECT_THAT(relations("with t as (select 1) select 1 from (select 1 from t) x"), IsEmpty());
}

TEST(RepeatedHits, AreSeen) {
  auto const hits = [](std::string_view text) {
    std::vector<std::string> sources;
    auto const statement = parse(text);
    EXPECT_TRUE(statement) << text;
    if (statement)
      for (auto const& hit : statement->repeated_hits)
        sources.push_back(statement->relations[hit.relation].name);
    return sources;
  };
  EXPECT_THAT(hits("update s.t set a = 1 from events e"), ElementsAre("events"));
  EXPECT_THAT(hits("update s.t set a = 1 from (select * from events) e"), ElementsAre("events"));
  EXPECT_THAT(hits("with e as (select a from events where b) update s.t set a = 1 from e"),
              ElementsAre("events"));
  EXPECT_THAT(hits("update s.t set a = 1 from (select a, sum(b) from events group by a) e"),
              IsEmpty());
  EXPECT_THAT(hits("update s.t set a = 1 from (select max(b) as b from events) e"), IsEmpty());
  EXPECT_THAT(hits("update s.t set a = 1 from (select max(b) over () as b from events) e"),
              ElementsAre("events"));
  EXPECT_THAT(hits("update s.t set a = 1 from (select (select max(b) from s.u) from events) e"),
              ElementsAre("events"));
  EXPECT_THAT(hits("update s.t set a = 1 from (select distinct a, b from events) e"),
              ElementsAre("events"));
  EXPECT_THAT(hits("update s.t set a = 1 from (select distinct a from events) e"), IsEmpty());
  EXPECT_THAT(hits("update s.t set a = 1 from (select distinct * from events) e"),
              ElementsAre("events"));
  EXPECT_THAT(hits("delete from s.t using s.u, events e"), ElementsAre("u", "events"));
  EXPECT_THAT(hits("insert into s.t select * from events on conflict (a) do update set a = 1"),
              ElementsAre("events"));
  EXPECT_THAT(hits("insert into s.t select * from events on conflict do nothing"), IsEmpty());
  EXPECT_THAT(hits("merge into s.t using events e on true when matched then delete"),
              ElementsAre("events"));
}

TEST(Position, CountsLinesAndBytes) {
  EXPECT_EQ(position_of("ab\nc", 0), (Position{1, 1}));
  EXPECT_EQ(position_of("ab\nc", 3), (Position{2, 1}));
  EXPECT_EQ(position_of("ab\nc", 99), (Position{2, 2}));
}

}  // namespace
}  // namespace hansa::sql
