"""The load generators: wrk for HTTP servers, pgbench for PostgreSQL itself. Each run gives one figure with its tail."""
import json
import os
import pathlib
import re
import subprocess

HERE = pathlib.Path(__file__).parent


class Load:
    """Requests to `path`, whose {} is a number drawn from low, low + step, ... high. With a `body`, whose {} is too: POST."""

    def __init__(self, path, low, high, step=1, pause_ms=0, body=""):
        self.path, self.low, self.high, self.step, self.pause_ms, self.body = path, low, high, step, pause_ms, body

    def environment(self, seed):
        names = {"BENCH_PATH": self.path, "BENCH_LOW": self.low, "BENCH_HIGH": self.high, "BENCH_STEP": self.step,
                 "BENCH_PAUSE_MS": self.pause_ms, "BENCH_SEED": seed, "BENCH_BODY": self.body}
        return {**os.environ, **{name: str(value) for name, value in names.items()}}


def wrk(url, load, connections, seconds, seed=1):
    """Returns {rate, p50_ms, p99_ms, max_ms, bytes}; one answer that is not 2xx, or one lost, ends the bench."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}", "--timeout", "30", "-s", str(HERE / "load.lua"), url]
    done = subprocess.run(command, env=load.environment(seed), capture_output=True, text=True)
    found = re.search(r"^BENCH (.*)$", done.stdout, re.MULTILINE)
    if done.returncode != 0 or not found:
        raise SystemExit(f"bench: wrk failed: {done.stdout}{done.stderr}")
    figures = json.loads(found[1])
    if figures["failed"] or not figures["requests"]:
        raise SystemExit(f"bench: {url}{load.path} at {connections} connections: {figures}\n{done.stdout}")
    return {"rate": figures["requests"] / figures["seconds"],
            "bytes": figures["bytes"] / figures["requests"],
            **{name: figures[name] for name in ("p50_ms", "p99_ms", "max_ms")}}


def pgbench(conninfo, script, connections, seconds, variables, seed=1, rate=None):
    """`script`, prepared once a session, by as many sessions as `connections`; two threads as on two cores.

    As often as can be, or `rate` times a second. Returns {rate, count} of transactions.
    """
    command = ["pgbench", "--no-vacuum", "-M", "prepared", "-f", script, "-c", str(connections),
               "-j", str(min(2, connections)), "-T", str(seconds), *(f"-D{name}={value}" for name, value in variables.items()),
               *([f"--rate={rate}"] if rate else []), f"--random-seed={seed}", conninfo]
    done = subprocess.run(command, capture_output=True, text=True)
    reached = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
    count = re.search(r"^number of transactions actually processed: (\d+)", done.stdout, re.MULTILINE)
    failed = re.search(r"failed transactions: (\d+)", done.stdout)
    if done.returncode != 0 or not reached or not count or (failed and int(failed[1])):
        raise SystemExit(f"bench: pgbench failed: {done.stdout}{done.stderr}")
    return {"rate": float(reached[1]), "count": int(count[1])}
