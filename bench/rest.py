"""script/bench rest: a data product over REST against a hand-written service and against PostgreSQL itself.

On one table of 200,000 products in one PostgreSQL: Hansa, a FastAPI service at its best and pgbench take turns
(A/B/A/B, five rounds); the ratios are formed within each round. Before anything is timed the answers are compared: all
rows of Hansa byte by byte with what PostgreSQL says, the service's by value. All three sides, wrk included, share the
machine's cores.
"""
import argparse
import csv
import decimal
import json
import os
import pathlib
import random
import socket
import subprocess
import sys
import threading
import time

import measure
from measure import ask, pgbench, ratio_of_rounds, resident_mb, spread, wait_for, wrk

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
os.environ.setdefault("HANSA", str(ROOT / "build/release/src/app/hansa"))
sys.path.insert(0, str(ROOT / "tests"))
from running import Mesh, copy_shop, own_postgres, psql, short_folder  # noqa: E402

ROW, PAGE = "/products/v1/product/%d", "/products/v1/product?limit={n}&{after}%d"
SHAPES = [  # name, pattern, connections, threads of wrk
    ("one row, 1 connection", ROW, 1, 1),
    ("one row, 16 connections", ROW, 16, 1),
    ("one row, 64 connections", ROW, 64, 1),
    ("one row, 64 connections, two wrk threads", ROW, 64, 2),
    ("page of 20, 16 connections", PAGE.replace("{n}", "20"), 16, 1),
    ("page of 100, 16 connections", PAGE.replace("{n}", "100"), 16, 1),
]
GOALS = [  # what, where, at least (or at most)
    ("one row at 64 connections, times FastAPI", ("ratios", "one row, 64 connections", "of FastAPI"), "at least", 50),
    ("one row at 64 connections, part of pgbench", ("ratios", "one row, 64 connections", "of pgbench"), "at least", 0.65),
    ("page of 20, times FastAPI", ("ratios", "page of 20, 16 connections", "of FastAPI"), "at least", 45),
    ("page of 100, times FastAPI", ("ratios", "page of 100, 16 connections", "of FastAPI"), "at least", 45),
    ("resident memory idle, MB", ("memory", "idle, Hansa"), "at most", 32),
    ("resident memory with 1,000 connections, MB", ("memory", "1000 connections, Hansa"), "at most", 96),
    ("first answer after start, ms", ("start", "Hansa"), "at most", 100),
    ("loading 1,000,000 rows, times \\copy", ("load", "Hansa by \\copy"), "at most", 1.5),
    ("p99 with one slow query in 1,000, times without", ("slow", "p99 with by without"), "at most", 1.5),
]


def say(words):
    print(f"bench: {words}", file=sys.stderr, flush=True)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class FastApi:
    def __init__(self, postgres):
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "fastapi_products:app", "--workers", "2", "--loop", "uvloop", "--http",
             "httptools", "--no-access-log", "--log-level", "warning", "--port", str(self.port)], cwd=HERE,
            env={**os.environ, "BENCH_DATABASE": f"postgresql+psycopg2://boss@/shop?host={postgres.folder}"})

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


def pattern_for(side, pattern):
    return pattern.replace("{after}", "id=gt." if side == "Hansa" else "after=")


def build(mesh, postgres, keys):
    say(f"a table of {keys:,} products")
    postgres.psql("create database shop")
    mesh.hansa("apply", mesh.folder, "-e", "production", "--yes", check=0)
    psql(mesh.env["HANSA_POSTGRES"],
         "insert into products.product (sku, name, price, stock, created_at) select 'SKU-' || i, 'Produit n° ' || i || "
         "' « ' || md5(i::text) || ' »', (i % 100000) / 100.0, i % 500, timestamptz '2026-01-01 00:00Z' + i * "
         f"interval '1 second' from generate_series(1, {keys}) i")
    psql(mesh.env["HANSA_POSTGRES"], "vacuum analyze products.product")


def expected_rows(conninfo):
    """Every row as the JSON it must be, made by PostgreSQL's own means from the private table."""
    text = psql(conninfo, "set timezone = 'UTC'; select '{\"id\":' || id || ',\"sku\":' || to_json(sku) || ',\"name\":' || "
                          "to_json(name) || ',\"price\":' || price || ',\"stock\":' || stock || ',\"created_at\":\"' || "
                          "to_char(created_at, 'YYYY-MM-DD\"T\"HH24:MI:SS') || 'Z\"}' from products.product order by id")
    return text.split("\n")


def normal(row):
    return {**row, "price": decimal.Decimal(str(row["price"])),
            "created_at": row["created_at"].replace("+00:00", "Z")}


def check_answers(ports, conninfo, keys):
    say("comparing the answers")
    expected = [line.encode() for line in expected_rows(conninfo)]
    assert len(expected) == keys
    for first in range(0, keys, 1000):
        status, body = ask(ports["Hansa"], f"/products/v1/product?limit=1000&id=gt.{first}")
        want = b"[" + b",".join(expected[first:first + 1000]) + b"]"
        if status != 200 or body != want:
            raise SystemExit(f"bench: Hansa's page after {first} is not what PostgreSQL has:\n{body[:300]}\n{want[:300]}")
    dice = random.Random(1)
    for key in (dice.randint(1, keys) for _ in range(2000)):
        if ask(ports["Hansa"], f"/products/v1/product/{key}") != (200, expected[key - 1]):
            raise SystemExit(f"bench: Hansa's row {key} is not what PostgreSQL has")
    for key in (dice.randint(1, keys) for _ in range(300)):
        theirs = json.loads(ask(ports["FastAPI"], f"/products/v1/product/{key}")[1], parse_float=decimal.Decimal)
        if normal(theirs) != normal(json.loads(expected[key - 1], parse_float=decimal.Decimal)):
            raise SystemExit(f"bench: FastAPI's row {key} differs: {theirs}")
    for limit in (20, 100):
        theirs = json.loads(ask(ports["FastAPI"], f"/products/v1/product?limit={limit}&after=77")[1],
                            parse_float=decimal.Decimal)
        ours = json.loads(b"[" + b",".join(expected[77:77 + limit]) + b"]", parse_float=decimal.Decimal)
        if list(map(normal, theirs)) != list(map(normal, ours)):
            raise SystemExit(f"bench: FastAPI's page of {limit} differs")


def throughput(ports, conninfo, keys, rounds, seconds, report):
    script = HERE / "row.pgbench"
    for name, pattern, connections, threads in SHAPES:
        sides = {side: [] for side in ports}
        direct = []
        for side, port in ports.items():
            wrk(port, pattern_for(side, pattern), keys, connections, max(1, seconds // 2), threads)
        for number in range(rounds):
            for side, port in ports.items():
                sides[side].append(wrk(port, pattern_for(side, pattern), keys, connections, seconds, threads))
            if connections == 64 and threads == 1:
                direct.append(pgbench(conninfo, script, keys, connections, seconds))
        rates = {side: [run["per_second"] for run in runs] for side, runs in sides.items()}
        report["rates"][name] = {side: spread(values) for side, values in rates.items()}
        report["latency"][name] = {side: {part: spread([run[part] for run in runs]) for part in ("p50_ms", "p99_ms")}
                                   for side, runs in sides.items()}
        report["ratios"][name] = {"of FastAPI": ratio_of_rounds(rates["Hansa"], rates["FastAPI"])}
        if direct:
            rates["pgbench"] = [run["per_second"] for run in direct]
            report["rates"][name]["pgbench"] = spread(rates["pgbench"])
            report["ratios"][name]["of pgbench"] = ratio_of_rounds(rates["Hansa"], rates["pgbench"])
        say(name + ": " + ", ".join(f"{side} {spread(values)['median']:,.0f}/s" for side, values in rates.items()))


def memory(processes, ports, keys, seconds, report):
    """Resident memory right after the start and one answer, and its peak while 1,000 connections ask."""
    for side, port in ports.items():
        peak, stop = [], threading.Event()

        def watch(pid=processes[side].pid):
            while not stop.is_set():
                peak.append(resident_mb(pid))
                time.sleep(0.1)

        watcher = threading.Thread(target=watch)
        watcher.start()
        wrk(port, pattern_for(side, ROW), keys, 1000, seconds, 1)
        stop.set()
        watcher.join()
        report["memory"][f"1000 connections, {side}"] = spread([max(peak)])


def start_times(mesh, conninfo, rounds, report):
    """From exec to the first row over HTTP, PostgreSQL up and applied."""
    times, idle = [], []
    for _ in range(rounds * 2 + 1):
        started = time.perf_counter()
        mesh.serve("production", "--host", "127.0.0.1")
        port = int(mesh.url.rsplit(":", 1)[1])
        while ask(port, "/products/v1/product/1")[0] != 200:
            pass
        times.append((time.perf_counter() - started) * 1000)
        time.sleep(0.5)
        idle.append(resident_mb(mesh.server.pid))
        mesh.stop_serving()
    report["start"]["Hansa"] = spread(times)
    report["memory"]["idle, Hansa"] = spread(idle)


def slow_queries(port, keys, rounds, seconds, report):
    """p99 at a pace the machine carries easily, with and without every thousandth request being a scan."""
    scan = "/products/v1/product?name=like.*no-such-name*&limit=1"
    started = time.perf_counter()
    ask(port, scan)
    report["slow"]["scan alone, ms"] = spread([(time.perf_counter() - started) * 1000])
    without, with_slow = [], []
    for _ in range(rounds):
        without.append(wrk(port, ROW, keys, 16, seconds, 1, pause_ms=4)["p99_ms"])
        with_slow.append(wrk(port, ROW, keys, 16, seconds, 1, slow=scan, pause_ms=4)["p99_ms"])
    report["slow"]["p99 without, ms"] = spread(without)
    report["slow"]["p99 with, ms"] = spread(with_slow)
    report["slow"]["p99 with by without"] = ratio_of_rounds(with_slow, without)


def loading(mesh, conninfo, rows, rounds, folder, report):
    say(f"loading {rows:,} rows")
    file = folder / "rows.csv"
    with open(file, "w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["sku", "name", "price", "stock"])
        writer.writerows([f"L-{i}", f"loaded product number {i}", f"{i % 100000 / 100:.2f}", i % 500] for i in range(rows))
    ours, theirs = [], []

    def timed(act):
        psql(conninfo, "truncate products.product")
        psql(conninfo, "checkpoint")
        started = time.perf_counter()
        act()
        taken = time.perf_counter() - started
        assert psql(conninfo, "select count(*) from products.product") == str(rows)
        return taken

    for _ in range(rounds):
        ours.append(timed(lambda: mesh.load("products/v1/product", file, "-e", "production", "--restart", check=0)))
        theirs.append(timed(lambda: psql(
            conninfo, f"\\copy products.product (sku, name, price, stock) from '{file}' with (format csv, header)")))
    report["load"] |= {"Hansa, s": spread(ours), "\\copy, s": spread(theirs),
                       "Hansa by \\copy": ratio_of_rounds(ours, theirs), "rows": rows}


def judge(report):
    for what, path, how, goal in GOALS:
        found = report
        for step in path:
            found = found.get(step, {})
        value = found.get("median")
        if value is not None:
            met = value >= goal if how == "at least" else value <= goal
            report["goals"].append({"what": what, "how": how, "goal": goal, "value": value, "min": found["min"],
                                    "max": found["max"], "met": met})
            say(f"{what}: {value:.3g} ({found['min']:.3g} to {found['max']:.3g}), {how} {goal}: "
                + ("met" if met else "MISSED"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=pathlib.Path, help="write every figure there")
    parser.add_argument("--quick", action="store_true", help="small and short, to try the harness itself")
    options = parser.parse_args()
    keys, load_rows, rounds, seconds = (5_000, 20_000, 1, 1) if options.quick else (200_000, 1_000_000, 5, 5)
    report = {"name": "rest", "quick": options.quick, "machine": measure.machine(), "keys": keys, "rounds": rounds,
              "seconds": seconds, "rates": {}, "latency": {}, "ratios": {}, "memory": {}, "start": {}, "slow": {},
              "load": {}, "goals": []}
    with own_postgres(shared_buffers="512MB", max_connections=200) as postgres, short_folder() as folder:
        conninfo = f"host={postgres.folder} user=boss dbname=shop"
        mesh = Mesh(copy_shop(folder / "shop"), env={"HANSA_POSTGRES": conninfo})
        report["machine"]["hansa"] = mesh.hansa("--version").stdout.strip()
        build(mesh, postgres, keys)
        say("starting and idling")
        start_times(mesh, conninfo, rounds, report)
        mesh.serve("production", "--host", "127.0.0.1")
        other = FastApi(postgres)
        try:
            ports = {"Hansa": int(mesh.url.rsplit(":", 1)[1]), "FastAPI": other.port}
            wait_for(other.port, "/products/v1/product/1", other.process)
            report["memory"]["idle, FastAPI"] = spread([resident_mb(other.process.pid)])
            check_answers(ports, conninfo, keys)
            throughput(ports, conninfo, keys, rounds, seconds, report)
            say("one slow query in a thousand")
            slow_queries(ports["Hansa"], keys, rounds, seconds, report)
            say("1,000 connections")
            memory({"Hansa": mesh.server, "FastAPI": other.process}, ports, keys, seconds, report)
        finally:
            other.stop()
            mesh.stop_serving()
        loading(mesh, conninfo, load_rows, min(rounds, 3), folder, report)
    judge(report)
    if options.json:
        options.json.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
