"""plan and apply against a living database: exit codes, drift, change, refusal, rights."""
import json
import threading
import time

import pytest

from running import Mesh, copy_shop, edit, own_postgres, psql, short_folder

CONTRACT = "domains/products/catalog/product.v1.odcs.yaml"


def steps(mesh, *args):
    done = mesh.plan("--json", *args)
    assert done.returncode in (0, 2), done.stderr
    return json.loads(done.stdout)


def contract(mesh, table="product"):
    """Of a table; `user` publishes no events, so no SQL of others reads its columns."""
    return next(mesh.folder.rglob(f"{table}.v1.odcs.yaml"))


def add_property(mesh, line):
    """Adds a column after `stock`, at the indentation the file has."""
    file = contract(mesh)
    text = file.read_text()
    lines = text.split("\n")
    at = next(i for i, row in enumerate(lines) if "name: created_at" in row)
    indent = lines[at][:len(lines[at]) - len(lines[at].lstrip())]
    lines.insert(at, f"{indent}- {line}")
    file.write_text("\n".join(lines))


def apply(mesh, *args, check=0):
    return mesh.hansa("apply", mesh.folder, "--yes", *args, check=check)


def test_plan_is_empty_after_up(fresh_shop):
    done = fresh_shop.plan(check=0)
    assert "No changes" in done.stdout
    document = steps(fresh_shop)
    assert document["steps"] == [] and document["refusals"] == []


@pytest.mark.parametrize("sql, word", [
    ("alter table products.product add column colour text", "colour"),
    ("alter table products.product drop constraint {check}", "check"),
    ("alter table products.product alter column stock drop default", "stock"),
    ("alter table products.product alter column name drop not null", "name"),
    ("drop view products_v1.product", "products_v1"),
    ("grant select on products.product to public", "products.product"),
    ("revoke select on products_v1.product from {grantee}", "products_v1"),
    ("alter view products_v1.product owner to hansa", "belongs to hansa"),
    ("alter view products_v1.product set (security_barrier = true)", "security_barrier"),
    ("alter table products.product owner to hansa", "belongs to hansa"),
    ("drop index {index}", "index"),
    ("comment on column products.product.price is 'dear'", "comment"),
])
def test_hand_made_drift_shows_and_is_mended(shop, sql, word):
    named = {
        "check": "select quote_ident(conname) from pg_constraint where conrelid = 'products.product'::regclass "
                 "and contype = 'c' order by conname limit 1",
        "index": "select indexrelid::regclass from pg_index where indrelid = 'products.product'::regclass and not "
                 "indisprimary and not exists (select from pg_constraint where conindid = indexrelid) limit 1",
        "grantee": "select grantee::regrole from pg_class, aclexplode(relacl) where oid = "
                   "'products_v1.product'::regclass and privilege_type = 'SELECT' and grantee <> relowner and "
                   "grantee <> 0 limit 1",
    }
    for name, question in named.items():
        if "{" + name + "}" in sql:
            found = shop.psql(question)
            if not found:
                pytest.skip(f"the example has no {name} that could go")
            sql = sql.replace("{" + name + "}", found)
    shop.psql(sql)
    done = shop.plan(check=2)
    assert word in done.stdout.lower(), done.stdout
    destructive = json.loads(shop.plan("--json").stdout)["summary"]["destroys_data"] > 0
    apply(shop, *(["--allow-destructive"] if destructive else []))
    shop.plan(check=0)


def test_additive_change_is_applied_while_requests_go_on(fresh_shop):
    add_property(fresh_shop, "{name: colour, logicalType: string, logicalTypeOptions: {maxLength: 20}, "
                             "customProperties: [{property: hansa.default, value: grey}]}")
    file = fresh_shop.psql("select pg_relation_filenode('products.product')")
    stop, bad = threading.Event(), []

    def read():
        with fresh_shop.client() as http:
            while not stop.is_set():
                answer = http.get("/products/v1/product?limit=2")
                if answer.status_code != 200:
                    bad.append(answer.text)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        document = steps(fresh_shop)
        assert {step["sign"] for step in document["steps"]} <= {"+", "~"}
        assert all(step["lock"] in ("none", "brief", "scan_concurrent") for step in document["steps"])
        assert not any(step["destroys_data"] for step in document["steps"])
        apply(fresh_shop)
        time.sleep(0.2)
    finally:
        stop.set()
        reader.join()
    assert bad == []
    assert fresh_shop.psql("select pg_relation_filenode('products.product')") == file, "the table was rewritten"
    assert fresh_shop.psql("select distinct colour from products_v1.product") == "grey"
    fresh_shop.plan(check=0)
    fresh_shop.down()
    fresh_shop.up()
    with fresh_shop.client() as http:
        assert http.get("/products/v1/product?limit=1").json()[0]["colour"] == "grey"


def test_a_rename_is_declared_and_keeps_rows(fresh_shop):
    before = fresh_shop.psql("select string_agg(country, ',' order by id) from users.user")
    edit(contract(fresh_shop, "user"), "- name: country\n",
         "- name: land\n        customProperties: [{property: hansa.renamedFrom, value: country}]\n")
    document = steps(fresh_shop)
    assert any(step["kind"] == "rename_column" for step in document["steps"]), document
    assert not any(step["destroys_data"] for step in document["steps"])
    apply(fresh_shop)
    assert before and fresh_shop.psql("select string_agg(land, ',' order by id) from users.user") == before
    fresh_shop.plan(check=0)


def test_destruction_needs_a_word(fresh_shop):
    text = contract(fresh_shop, "user").read_text().split("\n")
    at = next(i for i, row in enumerate(text) if "name: country" in row)
    end = at + 1
    while text[end].strip() and not text[end].lstrip().startswith("- {name") and not text[end].lstrip().startswith("- name"):
        end += 1
    contract(fresh_shop, "user").write_text("\n".join(text[:at] + text[end:]))
    document = steps(fresh_shop)
    assert document["summary"]["destroys_data"] == 1, document["summary"]
    refused = apply(fresh_shop, check=5)
    assert "H3001" in refused.stderr
    assert fresh_shop.psql("select count(country) from users.user") != "0"
    apply(fresh_shop, "--allow-destructive")
    fresh_shop.plan(check=0)


def test_apply_asks_and_takes_no_for_an_answer(fresh_shop):
    add_property(fresh_shop, "{name: colour, logicalType: string}")
    done = fresh_shop.hansa("apply", fresh_shop.folder, input="no\n")
    assert done.returncode == 5 and "H3005" in done.stderr
    fresh_shop.plan(check=2)


def test_a_new_rule_that_rows_break_is_refused_with_examples(fresh_shop):
    fresh_shop.psql("insert into products.product (sku, name, price, stock) values ('big', 'big', 1, 5000)")
    edit(contract(fresh_shop), """name: stock
        logicalType: integer
        logicalTypeOptions: {minimum: 0}""", """name: stock
        logicalType: integer
        logicalTypeOptions: {minimum: 0, maximum: 4999}""")
    done = apply(fresh_shop, check=5)
    assert "H3012" in done.stderr
    fresh_shop.psql("update products.product set stock = 1 where sku = 'big'")
    apply(fresh_shop)
    fresh_shop.plan(check=0)


def test_strangers_tables_are_left_alone(fresh_shop):
    fresh_shop.psql("create table products.notes (id int); insert into products.notes values (7)")
    done = fresh_shop.plan()
    assert done.returncode == 0 and "notes" in done.stdout + done.stderr
    apply(fresh_shop)
    assert fresh_shop.psql("select id from products.notes") == "7"


@pytest.fixture(scope="module")
def elsewhere():
    with own_postgres() as postgres:
        postgres.psql("create role deployer login createrole")
        postgres.psql("create database shop owner deployer")
        postgres.psql("create database people owner deployer")
        yield postgres


def production(folder, postgres, more=""):
    """The example with one environment, `production`, on `postgres` as the role deployer, no superuser."""
    mesh = Mesh(copy_shop(folder / "shop"), env={"HANSA_POSTGRES": f"host={postgres.folder} user=deployer dbname=shop",
                                                  "HANSA_PEOPLE": f"host={postgres.folder} user=deployer dbname=people"})
    file = mesh.folder / "mesh.yaml"
    text = file.read_text()
    start = text.index("environments:")
    file.write_text(text[:start] + "environments:\n  development: {}\n  production:\n    postgres: ${HANSA_POSTGRES}\n" + more)
    return mesh


def test_a_role_without_superuser_is_enough(elsewhere):
    with short_folder() as parent:
        mesh = production(parent, elsewhere)
        assert "create table" in mesh.plan("-e", "production", check=2).stdout
        apply(mesh, "-e", "production")
        mesh.plan("-e", "production", check=0)
        there = f"host={elsewhere.folder} user=boss dbname=shop"
        roles = psql(there, "select rolname from pg_roles where rolname like 'shop\\_%' order by 1").split()
        for domain in ("products", "orders", "users", "analytics"):
            assert {f"shop_{domain}_{kind}" for kind in ("owner", "runtime", "view", "emit")} <= set(roles)
        assert psql(there, "select count(*) from pg_roles where rolname like 'shop\\_%' and (rolsuper or rolcanlogin)") == "0"
        # a domain's role reads its own tables and no other's
        assert psql(there, "set role shop_orders_runtime; select count(*) from orders.order") == "0"
        refused = psql(there, "set role shop_orders_runtime; select count(*) from products.product", check=False)
        assert "permission denied" in refused.stderr
        mesh.serve("production")
        try:
            with mesh.client() as http:
                assert http.get("/products/v1/product").json() == []
                answer = http.post("/products/v1/product", json={"sku": "a", "name": "a", "price": 1})
                assert answer.status_code == 403 and answer.json()["type"].endswith("writes-not-allowed")
        finally:
            mesh.stop_serving()


def test_serve_of_one_domain_serves_only_that(elsewhere):
    with short_folder() as parent:
        mesh = production(parent, elsewhere)
        apply(mesh, "-e", "production")
        mesh.serve("production", "--domain", "users")
        try:
            with mesh.client() as http:
                assert http.get("/users/v1/user").status_code == 200
                assert http.get("/products/v1/product").status_code == 404
        finally:
            mesh.stop_serving()


def test_a_domain_may_name_its_own_database(elsewhere):
    with short_folder() as parent:
        mesh = production(parent, elsewhere, "    domains: {users: {postgres: '${HANSA_PEOPLE}'}}\n")
        apply(mesh, "-e", "production")
        mesh.plan("-e", "production", check=0)
        tables = "select count(*) from pg_tables where schemaname = 'users'"
        assert psql(f"host={elsewhere.folder} user=boss dbname=people", tables) == "1"
        mesh.serve("production")
        try:
            with mesh.client() as http:
                assert http.get("/users/v1/user").json() == []
                assert http.get("/orders/v1/order").json() == []
        finally:
            mesh.stop_serving()


def test_serve_before_apply_says_what_to_do(elsewhere):
    elsewhere.psql("create database virgin owner deployer")
    with short_folder() as parent:
        mesh = production(parent, elsewhere)
        mesh.env["HANSA_POSTGRES"] = f"host={elsewhere.folder} user=deployer dbname=virgin"
        done = mesh.hansa("serve", mesh.folder, "--environment", "production", "--port", "0")
        assert done.returncode != 0 and "hansa apply" in done.stderr


def test_a_table_somebody_else_manages_is_compared_and_never_altered(elsewhere):
    elsewhere.psql("create database theirs owner deployer")
    there = f"host={elsewhere.folder} user=deployer dbname=theirs"
    psql(there, "create schema users; create table users.user (id serial primary key, email text not null unique, "
                "name text not null, country text, created_at timestamptz not null default now()); "
                "insert into users.user (email, name) values ('theirs@shop.example', 'theirs')")
    with short_folder() as parent:
        mesh = production(parent, elsewhere)
        mesh.env["HANSA_POSTGRES"] = there
        file = contract(mesh, "user")
        text = file.read_text()
        at = text.index("physicalType: table")
        indent = " " * len(text[:at].split("\n")[-1])
        file.write_text(text[:at] + f"customProperties: [{{property: hansa.managed, value: false}}]\n{indent}" + text[at:])
        before = psql(there, "select string_agg(attname || atttypid::text || attnotnull::text, ',' order by attnum) "
                             "from pg_attribute where attrelid = 'users.user'::regclass and attnum > 0")
        apply(mesh, "-e", "production")
        assert psql(there, "select string_agg(attname || atttypid::text || attnotnull::text, ',' order by attnum) "
                           "from pg_attribute where attrelid = 'users.user'::regclass and attnum > 0") == before
        mesh.serve("production")
        try:
            with mesh.client() as http:
                assert [row["name"] for row in http.get("/users/v1/user").json()] == ["theirs"]
        finally:
            mesh.stop_serving()
        psql(there, "alter table users.user drop column country cascade")
        done = mesh.plan("-e", "production", check=2)
        assert "country" in done.stdout


def test_unreachable_database_says_so(elsewhere):
    with short_folder() as parent:
        mesh = production(parent, elsewhere)
        mesh.env["HANSA_POSTGRES"] = f"host={parent} user=nobody dbname=none"
        done = mesh.plan("-e", "production")
        assert done.returncode == 4 and "H4001" in done.stderr
        del mesh.env["HANSA_POSTGRES"]
        assert "HANSA_POSTGRES" in mesh.plan("-e", "production").stderr
        assert mesh.plan("-e", "prodcution").returncode == 64
