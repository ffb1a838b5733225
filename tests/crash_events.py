"""kill -9 of `hansa serve`, of PostgreSQL and of both at random points while a bank is written to in every way there is:
no event is lost, doubled, reordered or invented, judged by a ledger kept outside. So do two servers of which one dies.

By default a few points of each, which every run of the tests can afford; each test says how many it did. All of them, with a
release build, in some ten minutes:

    HANSA=$PWD/build/release/src/app/hansa HANSA_CRASH_EVENTS=200/100/50/20 build/venv/bin/python -m pytest tests/crash_events.py

What is written and what is killed when is drawn from HANSA_CRASH_SEED.
"""
import os
import time

import httpx
import psycopg2
import pytest

from event_world import metric, world
from event_writers import writing
from running import eventually

POINTS = dict(zip(("hansa", "postgres", "both", "one of two"),
                  map(int, os.environ.get("HANSA_CRASH_EVENTS", "12/6/4/4").split("/")), strict=True))
SEED = int(os.environ.get("HANSA_CRASH_SEED", "20261123"))
BACK_WITHIN = 30.0  # seconds in which work has to go on after the last of the killed was started


def long_test(kind):
    return pytest.mark.timeout(200 + 10 * POINTS[kind])


class Toll:
    """What was killed, and whether it mattered."""

    def __init__(self, of, kind, record_property):
        self.of, self.kind, self.record = of, kind, record_property
        self.points = self.on_the_way = 0
        self.slowest = 0.0

    def count(self):
        """Call while what moves events is dead."""
        self.points += 1
        self.on_the_way += bool(self.of.unfinished())

    def went_on(self, since, what):
        """Waits until events move again; how long that took is told at the end."""
        counts = []

        def more():
            counts.extend(count for count in [applied(self.of)] if count is not None)
            return counts and counts[-1] > counts[0]

        eventually(more, BACK_WITHIN, f"an event applied after {what}")
        self.slowest = max(self.slowest, time.monotonic() - since)

    def tell(self):
        of = self.of
        outcomes = ", ".join(f"{count} {outcome}" for outcome, count in sorted(of.ledger.outcomes.items()))
        gone = of.ledger.committed() - sum(of.kept.values())
        self.record("said", f"{self.points} of {POINTS[self.kind]} points ({self.kind} killed, seed {SEED}), {self.on_the_way} "
                    f"with events on their way, slowest to go on {self.slowest:.1f} s; {of.ledger.committed()} events, "
                    f"{gone} of them compacted away; transactions: {outcomes}")
        assert self.points == POINTS[self.kind]
        assert self.on_the_way > self.points // 2, "the kills came too late to mean anything"


def applied(of):
    try:
        return of.applied()
    except psycopg2.OperationalError:
        return None


def end(of, toll):
    of.settle()
    of.judge()
    toll.tell()


@long_test("hansa")
def test_killed_hansa(record_property):
    with world(f"{SEED}/hansa") as of:
        toll, server = Toll(of, "hansa", record_property), of.servers[0]
        starting = time.monotonic()
        server.start()
        server.wait_until_listening()
        starting = time.monotonic() - starting
        with writing(of):
            for point in range(POINTS["hansa"]):
                begun = time.monotonic()
                if server.ended():
                    server.start()
                if of.dice.random() < 0.2:  # while it starts
                    time.sleep(of.dice.uniform(0, starting))
                else:
                    server.wait_until_listening()
                    if point % 4 == 3:
                        toll.went_on(begun, "a start")
                    time.sleep(of.dice.uniform(0, 0.5))
                server.kill()
                toll.count()
            server.start()
        end(of, toll)


@long_test("postgres")
def test_killed_postgres(record_property):
    """The server is not touched: it has to come back by itself. It lives long enough to compact a topic."""
    with world(f"{SEED}/postgres", compacted=True) as of:
        toll, server = Toll(of, "postgres", record_property), of.servers[0]
        server.start()
        server.wait_until_listening()
        began = time.monotonic()
        with writing(of):
            for _ in range(POINTS["postgres"]):
                toll.went_on(began, "a start of PostgreSQL")
                time.sleep(of.dice.uniform(0, 0.5))
                began = kill_postgres(of)
                toll.points += 1
                toll.on_the_way += bool(eventually(lambda: looked(of), BACK_WITHIN, "PostgreSQL"))
                assert not server.ended(), "the server ended with PostgreSQL"
            toll.went_on(began, "the last start of PostgreSQL")
        end(of, toll)


def looked(of):
    try:
        return of.unfinished() or {"nothing": 0}
    except psycopg2.OperationalError:
        return None


def kill_postgres(of):
    """One way or another; returns when it was started again."""
    way = of.dice.choice(["all", "all", "stop", "backend"])
    if way == "all":
        of.postgres.kill()
    elif way == "stop":
        of.postgres.stop()
    else:  # PostgreSQL then ends all its processes and starts anew by itself
        sessions = of.near("select pid from pg_stat_activity where application_name like 'hansa %' order by pid")
        os.kill(of.dice.choice(sessions)[0], 9)
        return time.monotonic()
    time.sleep(of.dice.uniform(0, 0.3))
    of.postgres.start()
    return time.monotonic()


@long_test("both")
def test_killed_hansa_and_postgres(record_property):
    with world(f"{SEED}/both") as of:
        toll, server = Toll(of, "both", record_property), of.servers[0]
        server.start()
        server.wait_until_listening()
        with writing(of):
            for point in range(POINTS["both"]):
                began = time.monotonic()
                if point % 3 == 2:
                    toll.went_on(began, "a start of both")
                time.sleep(of.dice.uniform(0, 0.5))
                victims = [server.kill, of.postgres.kill]
                of.dice.shuffle(victims)
                victims[0]()
                time.sleep(of.dice.uniform(0, 0.05))
                victims[1]()
                if of.dice.random() < 0.3:
                    server.start()  # finds no PostgreSQL: it may end, and is started again
                of.postgres.start()
                toll.count()
                if server.ended():
                    server.start()
                eventually(lambda: server.url or (server.ended() and server.start()), BACK_WITHIN, "a server that listens")
        end(of, toll)


@long_test("one of two")
def test_one_of_two_servers_dies(record_property):
    """Both work: the ports of a domain are shared. What one held, the other takes over without a gap."""
    with world(f"{SEED}/two", servers=2) as of:
        toll = Toll(of, "one of two", record_property)
        for server in of.servers:
            server.start()
            server.wait_until_listening()
        with writing(of):
            for _ in range(POINTS["one of two"]):
                eventually(lambda: all(works(server) for server in of.servers), BACK_WITHIN, "work for both")
                assert sum(of_server(server, "hansa_sequencer_lease", domain="audit") for server in of.servers) == 1
                time.sleep(of.dice.uniform(0, 0.5))
                victim = of.dice.choice(of.servers)
                revive = of.dice.choice([kill, kill, freeze])(of, victim)
                began = time.monotonic()
                toll.count()
                ends = of.topic_ends()
                eventually(lambda: behind_none(of.places(), ends), BACK_WITHIN, "the other server to go on everywhere")
                toll.slowest = max(toll.slowest, time.monotonic() - began)
                revive()
                victim.wait_until_listening()
        end(of, toll)


def kill(_, victim):
    victim.kill()
    return victim.start


def freeze(of, victim):
    """One that is thought to be dead, loses its connections, and goes on later as if nothing had been. Those of the
    other server end too: nobody can tell them apart, and it has to bear it."""
    url = victim.freeze()
    of.near("select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name like 'hansa %'")
    return lambda: victim.thaw(url)


def of_server(server, name, **labels):
    return metric(httpx.get(server.url + "/metrics", timeout=10).text, name, **labels)


def works(server):
    """Whether one of the two ports of mirror is its, and has something to do."""
    return of_server(server, "hansa_port_events_applied_total", domain="mirror") > 0


def behind_none(places, ends):
    """Whether the log and every port went on after a moment at which topics ended at `ends`."""
    return all(sum(end for (of, _), end in ends.items() if of == topic) < place for topic, place in places.items())
