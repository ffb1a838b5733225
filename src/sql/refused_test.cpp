// What may not run: each statement with a mark where its violation stands, and the violation's
// word.
#include <gtest/gtest.h>

#include <algorithm>

#include "sql/sql.h"

namespace hansa::sql {
namespace {

constexpr std::string_view mark = "▶";

struct Marked {
  std::string text;
  std::size_t offset;
};

Marked unmark(std::string_view marked) {
  auto const at = marked.find(mark);
  std::string text(marked);
  if (at == std::string::npos) return {text, 0};
  return {text.erase(at, mark.size()), at};
}

Rules strict() {
  return {.kinds = {Kind::select, Kind::insert, Kind::update, Kind::remove},
          .read_schemas = {"shop"},
          .write_schemas = {"shop"},
          .frame = {"events"}};
}

void check_refused(std::string_view word, std::string_view marked, Rules const& rules) {
  auto const [text, offset] = unmark(marked);
  auto const statement = parse(text);
  ASSERT_TRUE(statement) << text << "\n" << to_text(statement.error());
  auto const found = judge(*statement, rules);
  std::string all;
  for (auto const& violation : found) all += "\n" + to_text(violation);
  EXPECT_TRUE(std::ranges::any_of(
      found,
      [&](auto const& violation) { return violation.word == word && violation.offset == offset; }))
      << text << "\nexpected " << word << " at " << offset << ", found:" << all;
}

void check(std::string_view word, std::string_view marked) {
  check_refused(word, marked, strict());
}

TEST(Refused, Kinds) {
  for (auto const* text : {"create table x (a int)",
                           "drop table shop.t",
                           "alter table shop.t disable row level security",
                           "truncate shop.t",
                           "set row_security = off",
                           "set role users_owner",
                           "reset all",
                           "show all",
                           "copy shop.t to '/tmp/x'",
                           "copy (select 1) to program 'sh'",
                           "do 'begin end'",
                           "call f()",
                           "begin",
                           "commit",
                           "rollback",
                           "savepoint a",
                           "prepare p as select 1",
                           "execute p",
                           "deallocate all",
                           "listen x",
                           "notify x",
                           "unlisten *",
                           "lock shop.t",
                           "grant select on shop.t to public",
                           "explain select 1",
                           "vacuum",
                           "analyze",
                           "checkpoint",
                           "load 'x'",
                           "declare c cursor for select 1",
                           "fetch c",
                           "discard all",
                           "create temp table t as select 1",
                           "create view v as select 1",
                           "security label on table t is 'x'",
                           "create function f() returns int language sql return 1",
                           "import foreign schema a from server b into c",
                           "create policy p on shop.t",
                           "refresh materialized view v",
                           "comment on table t is 'x'",
                           "alter system set a = 1",
                           "cluster",
                           "reindex table t",
                           "create extension dblink",
                           "drop owned by x",
                           "set session authorization x",
                           "merge into shop.t using events e on true when matched then delete"})
    check("statement-kind", text);
  check("statement-kind", "-- select\n/* update */ ▶create role x");
}

TEST(Refused, Relations) {
  check("schema-not-readable", "select * from ▶other_domain.t");
  check("schema-not-readable", "select * from ▶pg_catalog.pg_authid");
  check("schema-not-readable", "select * from ▶information_schema.tables");
  check("schema-not-readable", "select * from ▶pg_temp.t");
  check("schema-not-readable", "table ▶other.t");
  check("schema-not-readable", "select * from ▶U&\"\\006fther\".t");
  check("schema-not-readable", "select * from ▶\"OTHER\".t");
  check("schema-not-readable", "select * from ▶SHOP2.t");
  check("schema-not-readable", "select 1 from shop.t where a = (select b from ▶other.t)");
  check("schema-not-readable", "select 1 from shop.t limit (select b from ▶other.t)");
  check("schema-not-readable", "select 1 from shop.t offset (select b from ▶other.t)");
  check("schema-not-readable", "select 1 from shop.t order by (select b from ▶other.t)");
  check("schema-not-readable", "select 1 from shop.t group by (select b from ▶other.t)");
  check("schema-not-readable", "select 1 from shop.t having (select b from ▶other.t)");
  check("schema-not-readable", "select distinct on ((select b from ▶other.t)) 1 from shop.t");
  check("schema-not-readable", "select 1 from shop.t, lateral (select * from ▶other.t) x");
  check("schema-not-readable", "select 1 from shop.t a join ▶other.t b on true");
  check("schema-not-readable", "select 1 from shop.t a join shop.u b on (select c from ▶other.t)");
  check("schema-not-readable", "select 1 union all select b from ▶other.t");
  check("schema-not-readable", "select case when true then (select b from ▶other.t) end");
  check("schema-not-readable", "select case (select b from ▶other.t) when 1 then 1 end");
}

TEST(Refused, RelationsInsideExpressions) {
  check("schema-not-readable", "select array(select b from ▶other.t)");
  check("schema-not-readable", "select array[(select b from ▶other.t)]");
  check("schema-not-readable", "select a[(select b from ▶other.t)] from shop.t");
  check("schema-not-readable", "select row((select b from ▶other.t))");
  check("schema-not-readable", "select coalesce(1, (select b from ▶other.t))");
  check("schema-not-readable", "select greatest(1, (select b from ▶other.t))");
  check("schema-not-readable", "select count(*) filter (where (select b from ▶other.t))");
  check("schema-not-readable", "select sum(a order by (select b from ▶other.t)) from shop.t");
  check("schema-not-readable",
        "select sum(a) over (order by (select b from ▶other.t)) from shop.t");
  check("schema-not-readable",
        "select sum(a) over w from shop.t window w as (rows (select b from ▶other.t) preceding)");
}

TEST(Refused, RelationsInsideOperators) {
  check("schema-not-readable", "select 1 in (select b from ▶other.t)");
  check("schema-not-readable", "select (select b from ▶other.t) = any (array[1])");
  check("schema-not-readable", "select 'a' collate \"C\" || (select b from ▶other.t)");
  check("schema-not-readable", "select (select b from ▶other.t)::text is null");
  check("schema-not-readable", "values ((select b from ▶other.t))");
  check("schema-not-readable", "select * from unnest((select b from ▶other.t)) u");
  check("schema-not-readable", "with x as (with y as (select * from ▶other.t) select 1) select 1");
  check("schema-not-readable", "with other as (select 1) select * from ▶other.t");
  check("schema-not-readable", "select /* from shop.t */ 1 from -- shop\n ▶other.t");
  check("schema-not-readable", "select lower(x => (select b from ▶other.t))");
}

TEST(Refused, RelationsOfWrites) {
  check("schema-not-readable", "insert into shop.t select * from ▶other.t");
  check("schema-not-readable", "insert into shop.t values ((select b from ▶other.t))");
  check("schema-not-readable", "insert into shop.t values (1) returning (select b from ▶other.t)");
  check("schema-not-readable",
        "insert into shop.t values (1) on conflict (a)"
        " do update set a = (select b from ▶other.t)");
  check("schema-not-readable",
        "insert into shop.t values (1) on conflict (a)"
        " do update set a = 1 where (select b from ▶other.t)");
  check("schema-not-readable", "update shop.t set a = (select b from ▶other.t)");
  check("schema-not-readable", "update shop.t set (a, b) = (select b, c from ▶other.t)");
  check("schema-not-readable", "update shop.t set a[(select b from ▶other.t)] = 1");
  check("schema-not-readable", "delete from shop.t using ▶other.t x");
  check("schema-not-readable", "delete from shop.t where a in (select b from ▶other.t)");
  check("schema-not-writable", "insert into ▶other.t values (1)");
  check("schema-not-writable", "update only ▶other.t set a = 1");
  check("schema-not-writable", "with t as (select 1) delete from ▶pg_catalog.pg_class");
}

TEST(Refused, UnqualifiedRelations) {
  check("other-database", "select * from ▶db.shop.t");
  check("unqualified-relation", "select * from ▶t");
  check("unqualified-relation",
        "with x as (select 1) select 1 from (with t as (select 1)"
        " select 1) q, ▶t");
  check("unqualified-relation", "with t as (select 1) delete from ▶t");
  check("unqualified-relation", "select * from ▶\"Events\"");
  check("system-relation", "select * from ▶pg_authid");
  check("frame-not-writable", "delete from ▶events");
  check("frame-shadowed", "with ▶events as (select 1 as a) select a from events");
}

TEST(Refused, DefaultSchemaDoesNotOpenPostgres) {
  auto rules = strict();
  rules.default_schema = "shop";
  check_refused("system-relation", "select * from ▶pg_class", rules);
  rules.default_schema = "hidden";
  check_refused("schema-not-readable", "select * from ▶t", rules);
}

TEST(Refused, FunctionsThatReach) {
  for (auto const* call : {"set_config('role', 'users_owner', false)",
                           "pg_catalog.set_config('a', 'b', true)",
                           "SET_CONFIG('a', 'b', true)",
                           "U&\"set\\005fconfig\"('a', 'b', true)",
                           "current_setting('a')",
                           "query_to_xml('select 1', true, true, '')",
                           "table_to_xml('t', true, true, '')",
                           "schema_to_xml('s', true, true, '')",
                           "cursor_to_xml('c', 1, true, true, '')",
                           "database_to_xml(true, true, '')",
                           "pg_sleep(1)",
                           "pg_read_file('/etc/passwd')",
                           "pg_ls_dir('.')",
                           "pg_notify('a', 'b')",
                           "pg_advisory_lock(1)",
                           "pg_try_advisory_xact_lock(1)",
                           "pg_terminate_backend(1)",
                           "pg_typeof(1)",
                           "pg_get_viewdef('v')",
                           "dblink('a', 'b')",
                           "lo_import('/etc/passwd')",
                           "lo_get(1)",
                           "nextval('s')",
                           "setval('s', 1)",
                           "currval('s')",
                           "lastval()",
                           "txid_current()",
                           "xid(1)",
                           "inet_server_addr()"})
    check("function-not-allowed", std::string("select ▶") + call);
}

TEST(Refused, FunctionsThatTellOrGrow) {
  for (auto const* call : {"inet_client_addr()",
                           "version()",
                           "current_database()",
                           "current_schemas(true)",
                           "has_table_privilege('t', 'select')",
                           "to_regclass('t')",
                           "regclass('t')",
                           "ts_stat('select 1')",
                           "setseed(0.5)",
                           "xmlagg(x)",
                           "xpath('/a', x)",
                           "json_value(x, '$')",
                           "json_query(x, '$')",
                           "factorial(100000)",
                           "array_fill(1, array[9999])",
                           "my_function()",
                           "eval('x')",
                           "obj_description(1)",
                           "convert_from_x()",
                           "\"Lower\"('a')",
                           "current_user",
                           "session_user",
                           "current_role",
                           "current_catalog",
                           "current_schema",
                           "user",
                           "lowrite(1, 'x')",
                           "row_security_active('t')",
                           "collation for ('a')",
                           "\" \"()"})
    check("function-not-allowed", std::string("select ▶") + call);
}

TEST(Refused, FunctionsAnywhere) {
  check("function-not-allowed", "select * from ▶pg_ls_dir('/') x");
  check("function-not-allowed", "select * from rows from (lower('a'), ▶pg_ls_dir('/')) x");
  check("function-not-allowed", "select lower(upper(▶pg_read_file('x')))");
  check("function-not-allowed", "select sum(a) over (order by ▶pg_sleep(1)) from shop.t");
  check("function-not-allowed", "select 1 limit ▶pg_sleep(1)");
  check("function-not-allowed", "select 'a' /* ; */ || --\n ▶set_config('a', 'b', true)");
  check("function-not-allowed",
        "insert into shop.t values (1) on conflict ((▶pg_sleep(1))) do nothing");
  check("function-schema", "select ▶other.lower('a')");
  check("function-schema", "select ▶pg_temp.lower('a')");
  check("function-schema", "select ▶db.pg_catalog.lower('a')");
}

TEST(Refused, ClockAndRandom) {
  for (auto const* call :
       {"now()", "pg_catalog.now()", "clock_timestamp()", "statement_timestamp()", "timeofday()",
        "random()", "gen_random_uuid()", "current_date", "current_timestamp(3)", "localtime",
        "localtimestamp", "current_time", "age(at)"})
    check("clock-or-random", std::string("select ▶") + call + " from shop.t");
  check("clock-or-random", "select '  Now '▶::timestamptz");
  check("clock-or-random", "select ▶cast('today' as date)");
  auto const statement = parse("select age(a, b), '2020-01-01'::date, 'now'::text from shop.t");
  ASSERT_TRUE(statement);
  EXPECT_TRUE(judge(*statement, strict()).empty());
}

TEST(Refused, UnboundedResults) {
  for (auto const* call :
       {"repeat('x', 1000000000)", "repeat('x', 10001)", "repeat('x', a)", "repeat('x', 1e9)",
        "lpad('x', 100000000)", "rpad('x', (select 9))", "format('%1000000s', 'x')",
        "format('%*s', 100000, 'x')", "format(a)", "generate_series(1, 100000)",
        "generate_series(1, a)", "generate_series(1, 2, 0)", "generate_series(1, 100000, 2)",
        "generate_series(-9223372036854775808, 9223372036854775807)",
        "generate_series(now(), now(), '1s')"})
    check("unbounded-result", std::string("select ▶") + call + " from shop.t");
  check("unbounded-result", "select * from ▶generate_series(1, 1000000)");
  check("unbounded-result", "select 'x'::▶char(10485760)");
}

TEST(Refused, TypesAndOperators) {
  for (auto const* type :
       {"regclass",  "regproc",  "regprocedure", "regrole", "regnamespace", "pg_catalog.regtype",
        "oid",       "name",     "xml",          "record",  "shop.t",       "t",
        "shop.int4", "cstring",  "pg_node_tree", "money",   "regclass[]",   "void",
        "\"char\"",  "internal", "anyelement",   "xid",     "pg_lsn",       "aclitem"})
    check("type-not-allowed", std::string("select 'a'::▶") + type);
  check("type-not-allowed", "select ▶regclass 'a'");
  check("type-not-allowed", "select cast('a' as ▶regclass)");
  check("type-not-allowed", "select * from json_to_record('{}') as x(a ▶regclass)");
  check("operator-not-allowed", "select 1 ▶operator(shop.+) 2");
  check("operator-not-allowed", "select 1 ▶=== 2");
  check("operator-not-allowed", "select 1 ▶operator(shop.=) any (array[1])");
  check("operator-not-allowed", "select 1 ▶!!= (select 1)");
  check("operator-not-allowed", "select 1 ▶operator(shop.=) any (select 1)");
  check("operator-not-allowed", "select 1 from shop.t order by a using ▶operator(shop.<)");
}

TEST(Refused, Syntax) {
  check("parameter", "select ▶$1");
  check("row-lock", "▶select 1 from shop.t for update");
  check("row-lock", "select 1 from (select 1 from shop.t for share of t) x");
  check("select-into", "select 1 into shop.x");
  check("select-into", "select 1 into temp x union select 2");
  check("recursive", "▶with recursive t as (select 1 union all select 1 from t) select 1 from t");
  check("modifying-cte", "with ▶x as (delete from shop.t returning a) select a from x");
  check("modifying-cte", "with ▶x as (insert into shop.t values (1) returning a) select a from x");
  check("field-selection", "select ▶(a).pg_sleep from shop.t");
  check("field-selection", "select ▶('1'::float8).pg_sleep");
  check("field-selection", "select ▶(a).* from shop.t");
  check("field-selection", "select ▶x.pg_read_file from unnest(array['PG_VERSION']) x");
  check("field-selection", "select ▶x.x from unnest(array['PG_VERSION']) x(a)");
  check("field-selection", "select 1 from unnest(array[1]) x, lateral (select ▶x.pg_sleep) y");
  check("unknown-qualifier", "select ▶x.a from shop.t");
  check("unknown-qualifier", "select ▶t.a from shop.t x");
  check("unknown-qualifier", "select ▶other.t.a from shop.t");
  check("unknown-qualifier", "select 1 from shop.t, (select ▶t.a) x");
  check("sampling", "select 1 from shop.t tablesample ▶system (1)");
  check("xml", "select 1 from ▶xmltable('/a' passing '<a/>' columns b text)");
  check("xml", "select ▶xmlelement(name a)");
  check("xml", "select ▶xmlserialize(document '<a/>' as text)");
  check("cursor", "delete from shop.t where current of c");
  check("unknown-syntax", "select 'a' ▶collate other.x");
  check("unknown-syntax", "insert into shop.t values (1) on conflict ▶(a text_ops) do nothing");
}

TEST(Refused, NestedKindsAndBatches) {
  auto rules = strict();
  rules.modifying_ctes = true;
  rules.kinds = {Kind::select};
  check_refused("statement-kind", "with ▶x as (delete from shop.t returning a) select a from x",
                rules);
  rules = strict();
  rules.batches = true;
  check_refused("repeated-hit", "update ▶shop.t set a = t.a - e.b from events e where t.id = e.id",
                rules);
  check_refused("repeated-hit",
                "insert into ▶shop.t select a, b from events on conflict (a) do update set b = 1",
                rules);
}

void check_unparsed(std::string_view word, std::string_view marked) {
  auto const [text, offset] = unmark(marked);
  auto const statement = parse(text);
  ASSERT_FALSE(statement) << text.substr(0, 200) << "\n" << to_text(*statement);
  EXPECT_EQ(statement.error().word, word) << text.substr(0, 200);
  EXPECT_EQ(statement.error().offset, offset) << text.substr(0, 200);
}

std::string times(std::size_t count, std::string_view part) {
  std::string text;
  while (count-- > 0) text += part;
  return text;
}

TEST(Unparsed, Texts) {
  using namespace std::string_view_literals;
  check_unparsed("empty-text", "");
  check_unparsed("empty-text", " \n-- only\n/* comments */");
  check_unparsed("empty-text", ";;");
  check_unparsed("syntax-error", "select 1 from ▶where");
  check_unparsed("syntax-error", "select 'é', '日本' x ▶y z");
  check_unparsed("syntax-error", "select 1 +▶");
  check_unparsed("syntax-error", "select ▶'open");
  check_unparsed("syntax-error", "select ▶$q$open");
  check_unparsed("syntax-error", "select 1 ▶/* open");
  check_unparsed("two-statements", "select 1; ▶select 2");
  check_unparsed("two-statements", "select 1; -- c\n ▶delete from t; select 3");
  check_unparsed("nul-byte", "select 1▶\0; drop table t"sv);
  check_unparsed("not-utf8", "select '▶\xff'");
  check_unparsed("not-utf8", "select '▶\xed\xa0\x80'");
  check_unparsed("not-utf8", "select '▶\xc0\xaf'");
  check_unparsed("not-utf8", "select '▶\xe6\x97");
  EXPECT_TRUE(parse("; select 1 ;;"));
  EXPECT_TRUE(parse("select ';' -- ; select 2"));
}

TEST(Unparsed, Bounds) {
  check_unparsed("too-large", std::string(text_bytes_max, ' ') + "▶ ");
  check_unparsed("too-large", "select " + times(tokens_max - 1, "1 ") + "▶1");
  auto const deep = [](std::string_view open, std::string_view close, std::size_t depth) {
    return "select " + times(depth, open) + "1" + times(depth, close);
  };
  auto const levels = times(parentheses_depth_max, "(");
  check_unparsed("too-deep", "select " + levels + "▶(" + times(4000, "(") + "1");
  check_unparsed("too-deep", "select " + levels + "▶(" + "1" + times(101, ")"));
  check_unparsed("too-deep", "▶select " + times(5000, "- ") + "a");
  check_unparsed("too-deep", "▶select " + times(4000, "not ") + "a");
  check_unparsed("too-deep", "select 1" + times(4900, "+1"));
  check_unparsed("too-deep", "select a" + times(4900, "::a"));
  check_unparsed("too-deep", "select a" + times(4900, " is null"));
  check_unparsed("too-deep", "select 1" + times(3000, " union select 1"));
  check_unparsed("too-deep", "select 1 from a" + times(2000, " join a on a"));
  check_unparsed("too-deep", deep("(select ", ")", 99));
  check_unparsed("too-large", "select 1 from a" + times(relations_max - 1, ", a") + ", ▶a");
  check_unparsed("too-large",
                 "select 1 from a" + times(relations_max - 1, ", a") + ", ▶a, lower('a')");
  check_unparsed("too-large", "select a" + times(2400, ",b") + " from a" +
                                  times(relations_max - 1, ",a") + ",▶a" + times(2000, ",a"));
  EXPECT_TRUE(parse("select 1" + times(150, "+1")));
  EXPECT_TRUE(parse(deep("(", ")", parentheses_depth_max)));
  EXPECT_TRUE(parse(deep("(select ", ")", 40)));
  EXPECT_TRUE(parse("select 1 in (" + times(4000, "1,") + "1)"));
}

TEST(Unparsed, AssignmentsThatMultiply) {
  auto const columns = times(2000, "a,") + "a";
  auto const text = "update t set (" + columns + ") = (select " + times(1000, "1,") + "1)";
  auto const one = parse(text);
  ASSERT_FALSE(one);
  EXPECT_EQ(one.error().word, "too-large");
  std::string nested = "select 1";
  for (int level = 0; level < 8; ++level)
    nested = "with x as (update t set (a,a,a,a,a,a,a,a) = (" + nested + ") returning 1) select 1";
  auto const many = parse(nested);
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error().word, "too-large");
}

}  // namespace
}  // namespace hansa::sql
