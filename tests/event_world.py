"""A bank under load whose processes may be killed: a PostgreSQL with two databases, servers, and the judgement at the end."""
import collections
import contextlib
import os
import random
import re
import signal
import subprocess
import threading
import time

import psycopg2

import bank_mesh
from ledger import Ledger
from running import HANSA, Mesh, eventually, own_postgres, short_folder
from topic_reader import TopicReader


class Server:
    """One `hansa serve`, started again and again."""

    def __init__(self, mesh, log, *arguments):
        self.mesh, self.log, self.arguments = mesh, log, arguments
        self.process = self.url = None

    def start(self):
        """Does not wait: `url` is there once it listens."""
        self.url = None
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                [HANSA, "serve", self.mesh.folder, "--environment", "development", "--port", "0", *self.arguments],
                text=True, stdout=subprocess.PIPE, stderr=log, env={**os.environ, **self.mesh.env})
        threading.Thread(target=self.listen, args=[self.process], daemon=True).start()

    def listen(self, process):
        found = re.search(r"http://\S+:(\d+)", process.stdout.readline())
        if found and process is self.process:
            self.url = f"http://127.0.0.1:{found[1]}"
        process.stdout.read()

    def ended(self):
        return self.process.poll() is not None

    def wait_until_listening(self):
        eventually(lambda: self.url or self.ended(), 30, "a server that listens")
        assert self.url, f"the server ended with {self.process.poll()}: {self.said()[-2000:]}"

    def kill(self):
        self.url = None
        self.process.kill()
        self.process.wait()

    def freeze(self):
        """Stands still until thaw(), which wants what this returns."""
        url, self.url = self.url, None
        self.process.send_signal(signal.SIGSTOP)
        return url

    def thaw(self, url):
        self.process.send_signal(signal.SIGCONT)
        self.url = url

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGCONT)
        if self.process and not self.ended():
            self.process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(30)
                return
            self.kill()

    def said(self):
        return self.log.read_text() if self.log.exists() else ""


class World:
    def __init__(self, postgres, folder, seed, pause, servers, compacted):
        self.postgres, self.seed, self.pause, self.compacted = postgres, seed, pause, compacted
        self.dice = random.Random(seed)
        self.ledger, self.failures, self.writing_ends = Ledger(), [], threading.Event()
        self.kept = {}  # records by topic, as judge() saw them
        postgres.psql("create database far")
        self.conninfo = postgres.conninfo
        self.far = f"host={postgres.folder} user=boss dbname=far"
        self.mesh = Mesh(bank_mesh.write_bank(folder / "bank", compacted),
                         env={"HANSA_POSTGRES": self.conninfo, "HANSA_POSTGRES_2": self.far})
        self.mesh.hansa("apply", self.mesh.folder, "-e", "development", "--yes", check=0)
        self.servers = [Server(self.mesh, folder / f"server{number}.log") for number in range(servers)]

    def url(self, dice):
        """Of a server that listens, or None."""
        urls = [server.url for server in self.servers if server.url]
        return dice.choice(urls) if urls else None

    def query(self, conninfo, sql, *values):
        connection = psycopg2.connect(conninfo)
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql, values or None)
                return cursor.fetchall()
        finally:
            connection.close()

    def near(self, sql, *values):
        return self.query(self.conninfo, sql, *values)

    def applied(self):
        """How many events the effect has seen."""
        return self.near("select count(*) from audit.journal")[0][0]

    def topic_ends(self):
        """Next offsets by topic and partition."""
        return {row[:2]: row[2] for row in self.near(
            "select t.name, p.partition, p.next_offset from hansa.topic_partition p join hansa.topic t on t.id = p.topic")}

    def places_in(self, conninfo):
        """How far the ports of that database are, by topic and partition; each topic has one port."""
        return {row[:2]: row[2] for row in self.query(
            conninfo, "select topic, partition, next_offset from hansa.consumer_offset")}

    def places(self):
        """How far each port is, as a sum over its topic's partitions."""
        out = collections.Counter()
        for (topic, _), place in {**self.places_in(self.conninfo), **self.places_in(self.far)}.items():
            out[topic] += place
        return out

    def unfinished(self):
        """Events on their way, by what they wait for; upstream first, since nothing flows back."""
        near, far = self.conninfo, self.far
        out = collections.Counter()

        def lag(of, read_at):
            ends, places = self.topic_ends(), self.places_in(read_at)
            for place, end in ends.items():
                if place[0] in of:
                    out[place[0]] += end - places.get(place, 0)

        out["pending of bank"] = self.query(near, "select count(*) from hansa.pending_bank")[0][0]
        lag({bank_mesh.MOVED}, near)
        out["pending of audit"] = self.query(near, "select count(*) from hansa.pending_audit")[0][0]
        lag({bank_mesh.ACCOUNT, bank_mesh.JOURNAL}, far)
        out["pending of mirror"] = self.query(far, "select count(*) from hansa.pending_mirror")[0][0]
        return +out

    def state(self):
        """For a person who wonders why a test failed."""
        out = []
        for sql in ("select gid, prepared, now() from pg_prepared_xacts",
                    "select pid, datname, application_name, state, wait_event, now() - xact_start, query "
                    "from pg_stat_activity where backend_type = 'client backend'",
                    "select pid, virtualtransaction, classid, objid, mode, granted from pg_locks where locktype = 'advisory'"):
            try:
                out += [sql, *map(str, self.near(sql))]
            except psycopg2.Error as error:
                out.append(f"{sql}: {error}")
        with contextlib.suppress(psycopg2.Error):
            out.append(f"unfinished: {dict(self.unfinished())}")
        for server in self.servers:
            out += [f"{server.log.name}, {'ended' if server.process and server.ended() else 'runs'}:", server.said()[-3000:]]
        return "\n".join(out)

    def settle(self, within=180):
        """All that was written has had its effects."""
        until = time.monotonic() + within
        while waiting := self.unfinished():
            assert time.monotonic() < until, f"not done after {within} s: {dict(waiting)}"
            time.sleep(0.05)

    def judge(self):
        """Raises what is wrong, all of it. Requires that nobody writes and settle() came back."""
        faults = [*self.judge_topics(), *self.judge_effects(), *self.judge_servers()]
        assert not faults, f"{len(faults)} faults (seed {self.seed}):\n" + "\n".join(faults[:40])

    def judge_topics(self):
        reader = TopicReader(self.near)
        for name, topic, value, compacted in (("moved", bank_mesh.MOVED, moved_value, False),
                                              ("account", bank_mesh.ACCOUNT, account_value, self.compacted)):
            seen, places = collections.defaultdict(list), collections.defaultdict(set)
            for record in reader.read(topic, compacted):
                seen[record.key].append(value(record))
                places[record.key].add(record.partition)
            yield from self.ledger.faults(f"topic {topic}", name, seen, compacted)
            self.kept[topic] = sum(map(len, seen.values()))
            yield from (f"{topic}: key {key} is in partitions {sorted(where)}"
                        for key, where in places.items() if len(where) > 1)
        self.journal = [(record.value["no"], record.value["id"]) for record in reader.read(bank_mesh.JOURNAL)]

    def judge_effects(self):
        seen = collections.defaultdict(list)
        rows = self.near("select no, id, account, seq, amount from audit.journal order by no")
        for _, name, account, seq, amount in rows:
            seen[account].append((name, seq, amount))
        yield from self.ledger.faults("effect audit.journal", "moved", seen)
        movements = self.ledger.values("moved")
        totals = {account: (sum(value[2] for value in values), len(values)) for account, values in movements.items()}
        yield from differences("effect audit.counter", totals, {
            account: (total, moves) for account, total, moves in self.near("select account, total, moves from audit.counter")})
        written = {row[0] for row in self.near("select id from bank.movement")}
        yield from differences("table bank.movement", dict.fromkeys(
            value[0] for values in movements.values() for value in values), dict.fromkeys(written))

        final = {key: values[-1][1:] for key, values in self.ledger.values("account").items() if values[-1][0] != "delete"}
        accounts = "select id, balance, seq from "
        yield from differences("table bank.account", final, {row[0]: row[1:] for row in self.near(accounts + "bank.account")})
        yield from differences("projection mirror.copy", final,
                               {row[0]: row[1:] for row in self.query(self.far, accounts + "mirror.copy")})

        journal = [row[:2] for row in rows]
        yield from differences("topic of audit.journal", collections.Counter(journal), collections.Counter(self.journal))
        received = self.query(self.far, "select journal, id from mirror.received order by no")
        yield from differences("effect mirror.received", collections.Counter(journal), collections.Counter(received))

    def judge_servers(self):
        for where in (self.conninfo, self.far):
            for topic, dead in self.query(where, "select name, sum(next_offset) from hansa.topic t join "
                                          "hansa.topic_partition p on p.topic = t.id where name like '%\\_dead-v1' "
                                          "group by name having sum(next_offset) > 0"):
                yield f"{dead} dead letters in {topic}"
            yield from (f"halted: {row}" for row in self.query(where, "select * from hansa.port_halt"))
        for server in self.servers:
            for line in server.said().splitlines():
                if re.search(r"Sanitizer|runtime error:|stands still|assert", line):
                    yield f"{server.log.name}: {line}"


def moved_value(record):
    value = record.value
    assert value["account"] == record.key
    return (value["id"], value["seq"], value["amount"])


def account_value(record):
    if record.value is None:
        return ("delete",)
    assert record.value["id"] == record.key
    return (record.op, record.value["balance"], record.value["seq"])


def differences(name, expected, seen):
    for key in sorted(expected.keys() | seen.keys(), key=str):
        want, have = expected.get(key, "nothing"), seen.get(key, "nothing")
        if want != have:
            yield f"{name}, {key}: {have} instead of {want}"


def metric(text, name, **labels):
    """The sum of all members of a family that have these labels."""
    total = 0.0
    for line in text.splitlines():
        if line.startswith(name + "{") and all(f'{label}="{value}"' in line for label, value in labels.items()):
            total += float(line.rsplit(" ", 1)[1])
    return total


@contextlib.contextmanager
def world(seed, pause=0.03, servers=1, compacted=False, **settings):
    with own_postgres(fsync="off", max_prepared_transactions=20, **settings) as postgres, short_folder() as folder:
        made = World(postgres, folder, seed, pause, servers, compacted)
        try:
            yield made
        except BaseException as error:
            error.add_note(made.state())
            raise
        finally:
            for server in made.servers:
                server.stop()
