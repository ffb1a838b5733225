"""One slow query in a thousand: what becomes of everybody else's 99th percentile.

The others are 64 connections that pause between requests, so that the machine is not full: on a full one any query slows
any other, and no server could help it. Three turns: without slow queries, with them through the server, and with the
same SQL sent straight to PostgreSQL. What the third costs is the machine's share, not the server's.
"""
import http.client
import threading
import time
import urllib.parse

import psycopg2

import figures
import generator

CONNECTIONS = 64
PAUSE_MS = 12
ONE_IN = 1000
PATTERN = "no such product"
SQL = ("SELECT id, name, price, stock, created_at FROM products_v1.product "
       f"WHERE name LIKE '%{PATTERN}%' ORDER BY id LIMIT 21")


def measure(world):
    side = world.sides[0]
    load = generator.Load(side.row_path, 1, world.size.rows, pause_ms=PAUSE_MS)
    rate = run(side, load, world, 1)["rate"]
    cell = figures.Cell("slow_query", "99th percentile of the others", "ms", {})
    share = figures.Cell("slow_share", "Slow queries in a thousand requests", "", {})
    duration = figures.Cell("slow_duration", "One slow query", "ms", {})
    turns = {"without": None, "with": ThroughServer, "beside": ThroughPostgres}
    for turn in range(world.size.rounds):
        world.note_round("slow query", turn)
        for name, ask in turns.items():
            slow = Slow(ask(world, side), ONE_IN / rate) if ask else None
            found = run(side, load, world, turn + 1)
            cell.samples.setdefault(name, []).append(found["p99_ms"])
            if slow:
                times = slow.end()
                share.samples.setdefault(name, []).append(1000 * len(times) / (found["rate"] * world.size.seconds))
                duration.samples.setdefault(name, []).append(1e3 * sum(times) / len(times))
    return [cell, share, duration]


def run(side, load, world, seed):
    return generator.wrk(side.server.url, load, CONNECTIONS, world.size.seconds, seed)


class Slow(threading.Thread):
    """Calls `ask` every `interval` seconds until the end; the time each call took."""

    def __init__(self, ask, interval):
        super().__init__()
        self.ask, self.interval, self.times = ask, interval, []
        self.ended = threading.Event()
        self.failure = None
        self.start()

    def run(self):
        due = time.perf_counter() + self.interval / 2
        try:
            while not self.ended.wait(max(0.0, due - time.perf_counter())):
                began = time.perf_counter()
                self.ask()
                self.times.append(time.perf_counter() - began)
                due += self.interval
        except Exception as failure:      # told by end(), in the thread that waits for the figures
            self.failure = failure

    def end(self):
        self.ended.set()
        self.join()
        if self.failure or not self.times:
            raise SystemExit(f"bench: the slow query failed: {self.failure}")
        return self.times


class ThroughServer:
    def __init__(self, _world, side):
        self.connection = http.client.HTTPConnection("127.0.0.1", side.server.port, timeout=30)
        self.path = "/products/v1/product?limit=20&name=like." + urllib.parse.quote(f"*{PATTERN}*")

    def __call__(self):
        self.connection.request("GET", self.path)
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200 or body.strip() != b"[]":
            raise RuntimeError(f"{answer.status} {body[:300]}")


class ThroughPostgres:
    def __init__(self, world, _side):
        self.connection = psycopg2.connect(world.conninfo)
        self.connection.autocommit = True

    def __call__(self):
        with self.connection.cursor() as cursor:
            cursor.execute(SQL)
            if cursor.fetchall():
                raise RuntimeError("the slow query found a row")
