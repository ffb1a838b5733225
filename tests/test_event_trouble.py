"""What must not hold up events, what may hold up its own domain and says so, and what is refused or put aside."""
import contextlib
import json
import time

import httpx
import psycopg2
import pytest

from event_world import Server, metric
from running import Mesh, eventually, hansa, own_postgres, problem, short_folder
from sides_mesh import write_sides
from topic_reader import TopicReader


class Sides:
    """The mesh of sides_mesh.py, served."""

    def __init__(self, postgres, folder):
        self.postgres = postgres
        postgres.psql("create database strangers")
        postgres.psql("create table public.unrelated (n int)")
        self.mesh = Mesh(write_sides(folder / "sides"), env={"HANSA_POSTGRES": postgres.conninfo})
        self.mesh.hansa("apply", self.mesh.folder, "-e", "development", "--yes", check=0)
        self.server = Server(self.mesh, folder / "server.log")
        self.server.start()
        self.server.wait_until_listening()
        self.connection = self.connect()

    def connect(self, dbname="postgres"):
        connection = psycopg2.connect(f"host={self.postgres.folder} user=boss dbname={dbname}")
        connection.autocommit = True
        return connection

    def run(self, sql, *values):
        with self.connection.cursor() as cursor:
            cursor.execute(sql, values or None)
            return cursor.fetchall() if cursor.description else []

    def put(self, side, name, n=1):
        self.run(f"insert into {side}.entry (id, n) values (%s, %s)", name, n)

    def has_seen(self, who, name):
        return self.run(f"select 1 from {who}.seen where id = %s", name)

    def metric(self, name, **labels):
        return metric(httpx.get(self.server.url + "/metrics", timeout=10).text, name, **labels)

    def said(self, message, **fields):
        """Lines of the log with this message and these fields."""
        lines = (json.loads(line) for line in self.server.said().splitlines() if line.startswith("{"))
        return [line for line in lines if line["message"] == message and fields.items() <= line.items()]


@pytest.fixture(scope="module")
def sides():
    with own_postgres(fsync="off", max_prepared_transactions=5) as postgres, short_folder() as folder:
        made = Sides(postgres, folder)
        try:
            yield made
        finally:
            made.server.stop()


@contextlib.contextmanager
def open_transaction(sides, *statements, dbname="postgres"):
    connection = sides.connect(dbname)
    try:
        with connection.cursor() as cursor:
            for sql in ("begin isolation level repeatable read", *statements):
                cursor.execute(sql)
        yield connection
    finally:
        connection.close()


def latencies(sides, side, who, prefix, count=20):
    """Seconds from a commit to its effect, ascending."""
    out = []
    for number in range(count):
        name = f"{prefix}-{number}"
        sides.put(side, name)
        begun = time.monotonic()
        while not sides.has_seen(who, name):
            assert time.monotonic() < begun + 20, f"the effect of {name} did not come"
        out.append(time.monotonic() - begun)
    return sorted(out)


FOREIGN = {
    "in another database": dict(dbname="strangers", statements=["create table mine (n int)", "insert into mine values (1)"]),
    "with an old snapshot": dict(statements=["select count(*) from west.entry"]),
    "that wrote elsewhere": dict(statements=["insert into public.unrelated values (1)"]),
    "that changed no row": dict(statements=["update west.entry set n = 2 where id = 'nobody'"]),
}


@pytest.mark.parametrize("which", FOREIGN)
def test_an_open_foreign_transaction_delays_nothing(sides, which, record_property):
    held = FOREIGN[which]
    with open_transaction(sides, *held["statements"], dbname=held.get("dbname", "postgres")):
        took = latencies(sides, "east", "keep", f"foreign {which}")
    record_property("said", f"commit to effect: median {took[len(took) // 2] * 1000:.0f} ms, worst {took[-1] * 1000:.0f} ms")
    assert took[len(took) * 9 // 10] < 1.0, took


def test_a_lock_of_the_same_number_in_another_database_delays_nothing(sides):
    with open_transaction(sides, "insert into east.entry (id, n) values ('to see the lock', 1)"):
        [(kind, number)] = sides.run("select classid::bigint, objid::bigint from pg_locks where locktype = 'advisory' and "
                                     "mode = 'ShareLock' and granted and classid in (select classid from pg_locks where "
                                     "locktype = 'advisory' and objid = 0 and mode = 'ExclusiveLock')")
    signed = [value - (1 << 32) if value >= 1 << 31 else value for value in (kind, number)]
    with open_transaction(sides, "select pg_advisory_xact_lock_shared({}, {})".format(*signed), dbname="strangers"):
        assert latencies(sides, "east", "keep", "same lock")[18] < 1.0


def test_a_prepared_foreign_transaction_delays_nothing(sides):
    with open_transaction(sides, "insert into public.unrelated values (2)") as other:
        with other.cursor() as cursor:
            cursor.execute("prepare transaction 'foreign'")
    try:
        assert latencies(sides, "east", "keep", "prepared")[18] < 1.0
    finally:
        sides.run("rollback prepared 'foreign'")


def test_an_idle_writer_delays_its_own_domain_and_is_told_of(sides):
    stalls = sides.metric("hansa_log_stalls_total", domain="west")
    with open_transaction(sides, "insert into west.entry (id, n) values ('idle', 1)") as writer:
        idle = writer.info.backend_pid
        sides.put("west", "behind idle")  # committed, but only later can it be known whether something stands before it
        assert latencies(sides, "east", "keep", "beside idle")[18] < 1.0
        eventually(lambda: sides.metric("hansa_log_stalls_total", domain="west") > stalls, 30, "an alarm")
        assert sides.metric("hansa_log_stalled_seconds", domain="west") > 1
        assert sides.metric("hansa_log_stalls_total", domain="east") == 0
        told = sides.said("open transactions keep a domain's events waiting", domain="west")
        assert f"backend {idle}" in told[-1]["holders"] and told[-1]["waited_ms"] >= 1000, told
        assert told[-1]["level"] == "warning"
        assert not sides.said("open transactions keep a domain's events waiting", domain="east")
        assert not sides.has_seen("watch", "behind idle")
        assert latencies(sides, "east", "keep", "still beside idle")[18] < 1.0
        with writer.cursor() as cursor:
            cursor.execute("commit")
    for name in ("idle", "behind idle"):
        eventually(lambda: sides.has_seen("watch", name), 20, f"the effect of {name}")
    eventually(lambda: sides.metric("hansa_log_stalled_seconds", domain="west") == 0, 20, "the end of the alarm")


def test_an_event_that_fails_is_put_aside_alone(sides, record_property):
    before = {name: sides.metric(f"hansa_port_{name}_total", domain="watch", port="west_entry")
              for name in ("events_applied", "dead_letters")}
    sides.run("insert into west.entry (id, n) select 'k' || i, case i when 617 then 0 else i end from generate_series(1, 1000) i")
    eventually(lambda: sides.run("select count(*) from watch.seen where id like 'k%%' and id <> 'k617'") == [(999,)] and
               sides.run("select 1 from watch.refused"), 60, "999 effects and a refusal")
    assert not sides.has_seen("watch", "k617")
    assert sides.run("select id, sqlstate from watch.refused") == [("k617", "22012")]
    assert sides.run("select count(distinct id) from watch.seen where id like 'k%%'") == [(999,)]

    dead = "watch-west_entry_dead-v1"
    letters = eventually(lambda: TopicReader(sides.run).read(dead), what="the dead letter in its topic")
    assert len(letters) == 1 and letters[0].key == "k617"
    letter = letters[0].value
    assert letter["sqlstate"] == "22012" and "zero" in letter["reason"]
    assert letter["topic"] == "west-entry-v1" and letter["key"] == "k617"
    record = next(record for record in TopicReader(sides.run).read("west-entry-v1") if record.key == "k617")
    assert (letter["partition"], letter["offset"]) == (record.partition, record.offset)
    event = letter["event"] if isinstance(letter["event"], dict) else json.loads(letter["event"])
    assert event == {"id": "k617", "n": 0, "note": None}

    assert sides.metric("hansa_port_events_applied_total", domain="watch") == before["events_applied"] + 999
    assert sides.metric("hansa_port_dead_letters_total", domain="watch") == before["dead_letters"] + 1
    assert sum(line["dead"] for line in sides.said("events went to the dead letters", domain="watch")) == 1
    assert not sides.run("select * from hansa.port_halt")


def refused(sides, sqlstate, sql, *values):
    with pytest.raises(psycopg2.Error) as error:
        sides.run(sql, *values)
    assert error.value.pgcode == sqlstate, error.value
    return error.value.diag


def test_truncate_is_refused(sides):
    sides.put("east", "stays")
    diag = refused(sides, "0A000", "truncate east.entry")
    assert "east" in diag.message_primary and "DELETE" in diag.message_hint
    refused(sides, "0A000", "truncate east.entry cascade")
    assert sides.run("select 1 from east.entry where id = 'stays'")


def test_an_event_over_the_limit_refuses_the_write(sides):
    diag = refused(sides, "54000", "insert into east.entry (id, n, note) values ('small', 1, null), ('large', 1, %s)",
                   "x" * 1_100_000)
    assert "east-entry-v1" in diag.message_primary and "1048576" in diag.message_primary, diag.message_primary
    assert not sides.run("select 1 from east.entry where id in ('small', 'large')")
    sides.put("east", "grows")
    refused(sides, "54000", "update east.entry set note = %s where id = 'grows'", "x" * 1_048_576)
    sides.put("east", "after the limit")
    eventually(lambda: sides.has_seen("keep", "after the limit"), what="the next event")
    assert {record.key for record in TopicReader(sides.run).read("east-entry-v1")}.isdisjoint({"small", "large"})


def test_rest_says_that_an_event_is_too_large(sides):
    with httpx.Client(base_url=sides.server.url, timeout=30) as http:
        answer = http.post("/east/v1/entry", json={"id": "by rest", "n": 1, "note": "x" * 1_100_000})
        assert problem(answer, 422, "value-over-limit")
        assert http.get("/east/v1/entry/by%20rest").status_code == 404


def test_a_reaction_that_looks_costly_is_as_fast_as_it_is(sides):
    """The reaction of `stuck` has a part that would take for ever, and is never run here. That must not cost each event."""
    sides.run("insert into west.entry (id, n) select 'costly' || i, 1 from generate_series(1, 300) i")
    eventually(lambda: sides.run("select count(*) from stuck.seen where id like 'costly%%'") == [(300,)], 10, "300 effects")


BAD_REACTIONS = {  # what `hansa check` calls them
    "two statements": ("insert into watch.seen (id, n) select id, n from events; delete from watch.seen", "sql-syntax"),
    "another domain's table": ("insert into keep.seen (id, n) select id, n from events", "sql-refused"),
    "a setting": ("insert into watch.seen (id, n) select set_config('role', 'boss', true), n from events", "sql-refused"),
    "a temporary table": ("create temp table seen (id text)", "sql-refused"),
    "PostgreSQL's tables": ("insert into watch.seen (id, n) select rolname, 1 from pg_authid", "sql-refused"),
}


def refused_by_check(folder, file):
    done = hansa("check", folder, env={"HANSA_POSTGRES": "host=/nowhere"})
    assert done.returncode == 3 and f"{file}:" in done.stdout + done.stderr, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("what", BAD_REACTIONS)
def test_a_reaction_that_may_not_run_is_refused(tmp_path, what):
    sql, code = BAD_REACTIONS[what]
    folder = write_sides(tmp_path / "sides")
    (folder / "domains/watch/desk/on/west_entry.sql").write_text(f"-- each effect\n{sql}\n")
    assert f" {code}]" in (said := refused_by_check(folder, "watch/desk/on/west_entry.sql")), said


def test_an_emission_of_a_topic_of_another_domain_is_refused(tmp_path):
    folder = write_sides(tmp_path / "sides")
    emission = folder / "domains/watch/desk/emit/entry.v1.sql"
    emission.parent.mkdir()
    emission.write_text("-- after insert on seen\nselect id, n from inserted\n")
    refused_by_check(folder, "watch/desk/emit/entry.v1.sql")


@pytest.mark.timeout(300)
def test_a_reaction_that_never_ends_halts_its_port_alone(sides):
    sides.put("west", "before endless")
    eventually(lambda: sides.has_seen("stuck", "before endless"), 60, "the effects of all before")
    sides.put("west", "endless", -1)
    slow = []
    until = time.monotonic() + 150
    while not sides.run("select 1 from hansa.port_halt"):
        assert time.monotonic() < until, "the port was not halted"
        slow += latencies(sides, "east", "keep", f"beside endless {len(slow)}", count=1)
    assert sorted(slow)[len(slow) * 9 // 10] < 1.0, sorted(slow)[-10:]
    assert sides.has_seen("watch", "endless"), "another port of the same topic waited"
    [(group, topic, sqlstate, offset)] = sides.run("select consumer_group, topic, sqlstate, next_offset from hansa.port_halt")
    assert (group, topic, sqlstate) == ("stuck-desk-west_entry", "west-entry-v1", "57014")
    endless = [record for record in TopicReader(sides.run).read("west-entry-v1") if record.key == "endless"]
    assert [record.offset for record in endless] == [offset], "what stood before it was applied"
    eventually(lambda: sides.metric("hansa_port_halted", domain="stuck", port="west_entry") == 1, what="the metric")
    assert sides.metric("hansa_port_halted", domain="watch") == 0
    told = sides.said("an input port stands still", domain="stuck", port="west_entry")
    assert told and told[-1]["level"] == "error" and told[-1]["sqlstate"] == "57014"
    assert not sides.run("select 1 from hansa.topic_partition p join hansa.topic t on t.id = p.topic "
                         "where t.name = 'stuck-west_entry_dead-v1' and p.next_offset > 0"), "a timeout is not the event's fault"
    # Somebody mends it, while the server runs.
    reaction = sides.mesh.folder / "domains/stuck/desk/on/west_entry.sql"
    reaction.write_text("-- each effect\ninsert into stuck.seen (id, n) select e.id, e.n from events e\n")
    sides.mesh.hansa("apply", sides.mesh.folder, "-e", "development", "--yes", check=0)
    eventually(lambda: sides.has_seen("stuck", "endless"), 60, "the port to go on")
    eventually(lambda: not sides.run("select 1 from hansa.port_halt"), what="the end of the halt")
    eventually(lambda: sides.metric("hansa_port_halted", domain="stuck") == 0, what="the end of the alarm")
    for who in ("watch", "stuck"):
        assert sides.run(f"select count(*), count(distinct id) from {who}.seen where id = 'endless'") == [(1, 1)]
