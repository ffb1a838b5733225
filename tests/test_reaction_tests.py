"""`hansa test`: tests of reactions, on a database of their own that is gone behind them."""
import contextlib
import json
import os
import pathlib
import pty
import re
import signal
import subprocess

import pytest

from running import HANSA, SHOP, alive, edit, eventually, hansa, own_postgres, psql, short_folder, start

PORT = "stock/order_placed"
TESTS = "domains/stock/shelf/on/order_placed.test.yaml"
REACTION = "domains/stock/shelf/on/order_placed.sql"

MESH = {
    "mesh.yaml": "hansa: 1\nname: depot\nenvironments:\n  production: {postgres: '${DEPOT_POSTGRES}'}\n",
    "domains/orders/domain.yaml": "description: Orders\n",
    "domains/orders/sales/order_placed.v1.odcs.yaml": """\
apiVersion: v3.1.0
kind: DataContract
id: orders-order_placed-v1
version: 1.0.0
status: active
schema:
  - name: order_placed
    physicalType: topic
    properties:
      - {name: order_id, logicalType: integer, primaryKey: true}
      - {name: item_id, logicalType: integer, required: true, partitioned: true, partitionKeyPosition: 1}
      - {name: quantity, logicalType: integer, required: true}
""",
    "domains/orders/sales/sales.odps.yaml": """\
apiVersion: v1.0.0
kind: DataProduct
id: orders-sales
status: active
outputPorts:
  - {name: order_placed, version: '1', type: kafka, contractId: orders-order_placed-v1}
""",
    "domains/stock/domain.yaml": "description: Stock\n",
    "domains/stock/shelf/item.v1.odcs.yaml": """\
apiVersion: v3.1.0
kind: DataContract
id: stock-item-v1
version: 1.0.0
status: active
schema:
  - name: item
    properties:
      - {name: id, logicalType: integer, physicalType: serial, primaryKey: true}
      - {name: name, logicalType: string, required: true}
      - {name: pieces, logicalType: integer, required: true, logicalTypeOptions: {minimum: 0}}
""",
    "domains/stock/shelf/shelf.odps.yaml": """\
apiVersion: v1.0.0
kind: DataProduct
id: stock-shelf
status: active
inputPorts:
  - {name: order_placed, version: '1', contractId: orders-order_placed-v1}
outputPorts:
  - {name: item_rest, version: '1', type: rest, contractId: stock-item-v1}
  - {name: item_changes, version: '1', type: kafka, contractId: stock-item-v1}
""",
    REACTION: """\
-- each
update stock.item i set pieces = i.pieces - e.quantity from events e where i.id = e.item_id
""",
    TESTS: """\
tests:
  - name: two orders of one item both count
    given: {tables: {item: [{id: 1, name: Desk, pieces: 50}]}}
    events:
      - {order_id: 7, item_id: 1, quantity: 2}
      - {order_id: 8, item_id: 1, quantity: 3}
    expect:
      tables: {item: [{id: 1, pieces: 45}]}
      events: {item: [{id: 1, name: Desk, pieces: 45}]}
  - name: too many are a dead letter
    given: {tables: {item: [{name: Desk, pieces: 1}]}}
    events: [{order_id: 7, item_id: 1, quantity: 2}]
    expect:
      tables: {item: [{pieces: 1}]}
      dead: [{order_id: 7, _sqlstate: '23514'}]
""",
}


class Depot:
    """The mesh above in a folder, and a folder for temporary files that shows what is left behind."""

    def __init__(self, parent):
        self.folder, self.temporary = parent / "depot", parent / "tmp"
        for name, text in MESH.items():
            self.write(name, text)
        self.temporary.mkdir()
        self.temporary.chmod(0o755)
        self.env = {"TMPDIR": str(self.temporary)}

    def write(self, name, text):
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def edit(self, name, old, new):
        edit(self.folder / name, old, new)

    def test(self, *args, check=None):
        done = hansa("test", self.folder, *args, env=self.env, check=check)
        assert list(self.temporary.iterdir()) == [], "something was left behind"
        return done

    def results(self, *args, check=None):
        return json.loads(self.test("--json", *args, check=check).stdout)


@pytest.fixture
def depot():
    with short_folder() as parent:
        yield Depot(parent)


def test_what_passes(depot):
    done = depot.test(check=0)
    lines = done.stdout.splitlines()
    assert lines[0] == f"✓ {PORT}: two orders of one item both count"
    assert lines[1] == f"✓ {PORT}: too many are a dead letter"
    assert re.fullmatch(r"2 tests: 2 passed \(\d+\.\d s\)", lines[2]) and len(lines) == 3
    report = depot.results(check=0)
    assert (report["version"], report["passed"], report["failed"], report["untested"]) == (1, 2, 0, [])
    first = report["tests"][0]
    assert first["outcome"] == "passed" and first["code"] is None and first["reason"] is None
    assert first["splits"] == ["one at a time", "2 at once"]
    assert (first["file"], first["line"]) == (TESTS, 2)


def test_what_fails(depot):
    depot.edit(TESTS, "{id: 1, pieces: 45}", "{id: 1, pieces: 44}")
    depot.edit(TESTS, "order_id: 7, _sqlstate: '23514'", "order_id: 7, _sqlstate: '23505'")
    done = depot.test(check=1)
    assert f"✗ {PORT}: two orders of one item both count [H7017 reaction-test-failed]" in done.stdout
    assert f"    {TESTS}:2: " in done.stdout
    assert '      - {"id": 1, "pieces": 44}\n      + {"id": 1, "pieces": 45}\n' in done.stdout
    assert "2 tests: 0 passed, 2 failed" in done.stdout
    report = depot.results(check=1)
    assert [test["outcome"] for test in report["tests"]] == ["failed", "failed"]
    assert report["tests"][0]["differences"] == [
        {"relation": "table item", "missing": [{"id": 1, "pieces": 44}], "unexpected": [{"id": 1, "pieces": 45}]}]
    assert report["tests"][1]["differences"][0]["unexpected"] == [{"order_id": 7, "_sqlstate": "23514"}]


def test_a_batch_that_drops_an_event(depot):
    depot.edit(REACTION, "-- each", "-- batch 100")
    assert "H7001 batch-hazard" in hansa("check", depot.folder, check=0).stderr
    report = depot.results(check=1)
    first = report["tests"][0]
    assert (first["outcome"], first["code"], first["split"]) == ("split-dependent", "H7018", "2 at once")
    lost = first["differences"][0]
    assert lost["relation"] == "table item"
    assert lost["missing"] == [{"id": 1, "name": "Desk", "pieces": 45}]
    assert lost["unexpected"][0]["pieces"] in (47, 48)
    assert report["tests"][1]["outcome"] == "passed"


def test_a_batch_that_meets_a_row_twice_is_halved_as_a_port_does(depot):
    depot.write(REACTION, """\
-- batch 100
insert into stock.item as i (id, name, pieces) select item_id, 'Desk', quantity from events
on conflict (id) do update set pieces = i.pieces - excluded.pieces
""")
    report = depot.results(check=0)
    assert [(test["outcome"], test["splits"][-1]) for test in report["tests"]] == [
        ("passed", "2 at once"), ("passed", "one at a time")]


def test_mistakes_in_a_test_are_those_of_the_folder(depot):
    depot.edit(TESTS, "{id: 1, pieces: 45}", "{id: 1, peices: 45}")
    for command in ("test", "check", "plan"):
        done = hansa(command, depot.folder, env=depot.env, check=3)
        assert f"{TESTS}:8:31: error: table `item` has no column `peices` [H7016 invalid-test]" in done.stderr
        assert "did you mean `pieces`?" in done.stderr
    assert list(depot.temporary.iterdir()) == []


def test_ports_are_chosen_and_listed(depot):
    depot.edit("domains/stock/shelf/shelf.odps.yaml", "inputPorts:",
               "inputPorts:\n  - {name: order_again, version: '1', contractId: orders-order_placed-v1}")
    depot.write("domains/stock/shelf/on/order_again.sql", "delete from stock.item where id in (select item_id from events)")
    done = depot.test(check=0)
    file = "domains/stock/shelf/on/order_again.test.yaml"
    assert f"! stock/order_again: no test; it would be {file}\n" in done.stdout
    assert "; 1 port without a test" in done.stdout
    report = depot.results("stock/order_again", check=0)
    assert report["tests"] == [] and report["untested"] == [{"port": "stock/order_again", "file": file}]
    report = depot.results(PORT, check=0)
    assert len(report["tests"]) == 2 and report["untested"] == []
    wrong = depot.test("stock/order_palced", check=64)
    assert "did you mean `stock/order_placed`?" in wrong.stderr
    swapped = hansa("test", PORT, cwd=depot.folder, check=64)
    assert "the folder comes first" in swapped.stderr


def test_a_folder_without_input_ports_has_nothing_to_test(depot):
    depot.write("empty/mesh.yaml", "hansa: 1\nname: empty\n")
    done = hansa("test", depot.folder / "empty", env=depot.env, check=0)
    assert done.stdout.startswith("0 tests: 0 passed")


def test_a_reaction_that_never_ends_is_named(depot):
    series = ", ".join(f"generate_series(1, 10000) s{n}" for n in range(4))
    depot.write(REACTION, f"-- each\nupdate stock.item i set pieces = 0 from events e, {series}\n"
                          "where i.id = e.item_id and s0 + s1 + s2 + s3 < 4\n")
    report = depot.results(check=1)
    assert report["tests"][0]["reason"] == "the reaction does not end within 10 s"


def test_a_table_of_another_tool_is_made_for_the_test(depot):
    depot.edit("domains/stock/shelf/shelf.odps.yaml",
               "  - {name: item_changes, version: '1', type: kafka, contractId: stock-item-v1}\n", "")
    depot.edit("domains/stock/shelf/item.v1.odcs.yaml", "  - name: item\n",
               "  - name: item\n    customProperties: [{property: hansa.managed, value: false}]\n")
    depot.edit(TESTS, "      events: {item: [{id: 1, name: Desk, pieces: 45}]}\n", "")
    depot.test(check=0)


def test_a_mesh_that_lives_on_the_server_is_left_alone(depot):
    with own_postgres() as server:
        server.psql("create role deployer login createrole createdb")
        server.psql("create database depot owner deployer")
        conninfo = f"host={server.folder} user=deployer dbname=depot"
        hansa("apply", depot.folder, "-e", "production", "--yes", env={"DEPOT_POSTGRES": conninfo}, check=0)
        what = """select string_agg(n, ' ' order by n) from (select 'role ' || rolname from pg_roles union all
                  select 'database ' || datname from pg_database) t(n)"""
        before = server.psql(what)
        psql(conninfo, "insert into stock.item (id, name, pieces) overriding system value values (1, 'Lamp', 7)")
        uri = f"postgresql://deployer@/depot?host={server.folder}"
        for where in (conninfo, uri):
            report = depot.results("--postgres", where, check=0)
            assert report["passed"] == 2
        assert server.psql(what) == before
        assert psql(conninfo, "select id, name, pieces from stock.item") == "1|Lamp|7"
        server.psql("create role poor login")
        refused = depot.test("--postgres", f"host={server.folder} user=poor dbname=postgres", check=4)
        assert "CREATEDB" in refused.stderr


def running_cluster(depot):
    """The pid of the temporary PostgreSQL, once it answers."""
    def found():
        for file in depot.temporary.glob("hansa-scratch-*/postgres/data/postmaster.pid"):
            with contextlib.suppress(FileNotFoundError):
                lines = file.read_text().split("\n")
                if len(lines) > 7 and lines[7].strip() == "ready":
                    return int(lines[0])
    return eventually(found, what="a PostgreSQL to test on")


def start_endless(depot):
    series = ", ".join(f"generate_series(1, 10000) s{n}" for n in range(4))
    depot.write(REACTION, f"-- each\nupdate stock.item i set pieces = 0 from events e, {series}\n"
                          "where i.id = e.item_id and s0 + s1 + s2 + s3 < 4\n")
    process = start("test", depot.folder, env=depot.env)
    return process, running_cluster(depot)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_leaves_nothing_behind(depot, number):
    process, server = start_endless(depot)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1 and "H6009 interrupted" in errors
    assert not alive(server) and list(depot.temporary.iterdir()) == []


def test_what_a_killed_one_left_the_next_one_removes(depot):
    process, server = start_endless(depot)
    process.kill()
    process.communicate(timeout=60)
    assert alive(server)
    depot.write(REACTION, MESH[REACTION])
    depot.test(check=0)
    assert not alive(server)


def test_colours_are_for_terminals(depot):
    ours, theirs = pty.openpty()
    process = subprocess.Popen([HANSA, "test", depot.folder], stdout=theirs, stderr=subprocess.DEVNULL,
                               env={**os.environ, **depot.env, "TERM": "xterm", "NO_COLOR": ""})
    os.close(theirs)
    seen = b""
    with contextlib.suppress(OSError):  # the end of a terminal is an error
        while piece := os.read(ours, 4096):
            seen += piece
    os.close(ours)
    assert process.wait(60) == 0
    assert "\x1b[32m✓\x1b[0m".encode() in seen
    assert "\x1b" not in depot.test(check=0).stdout


def test_the_place_of_a_test_file_is_the_port_s(depot):
    pathlib.Path(depot.folder / TESTS).rename(depot.folder / "domains/stock/shelf/on/order_palced.test.yaml")
    assert "a reaction of no input port" in hansa("check", depot.folder, check=3).stderr


def test_every_reaction_of_the_example_is_tested(depot):
    report = json.loads(hansa("test", SHOP, "--json", env=depot.env, check=0).stdout)
    assert report["untested"] == [] and report["failed"] == 0 and report["passed"] >= 10
