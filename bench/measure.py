"""Running load against servers, and what is said of the numbers: medians, spread, ratios."""
import http.client
import json
import os
import pathlib
import re
import statistics
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent


def wrk(port, pattern, keys, connections, seconds, threads=1, slow="-", pause_ms=0):
    """One run of wrk. Any answer that is not 2xx or any lost connection is an error of the whole benchmark."""
    line = ["wrk", f"-t{min(threads, connections)}", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s",
            "-s", HERE / "load.lua", f"http://127.0.0.1:{port}", "--", pattern, keys, slow, pause_ms]
    done = subprocess.run(list(map(str, line)), capture_output=True, text=True, timeout=seconds + 60)
    found = re.search(r"^RESULT (.*)$", done.stdout, re.M)
    if not found:
        raise SystemExit(f"bench: wrk failed\n{done.stdout}{done.stderr}")
    result = json.loads(found[1])
    if result["errors"]:
        raise SystemExit(f"bench: {result['errors']} errors under load\n{done.stdout}")
    result["per_second"] = result["requests"] / result["seconds"]
    return result


def pgbench(conninfo, script, keys, connections, seconds):
    line = ["pgbench", conninfo, "-n", "-M", "prepared", "-f", script, "-D", f"keys={keys}", "-c", connections,
            "-j", min(2, connections), "-T", seconds]
    done = subprocess.run(list(map(str, line)), capture_output=True, text=True, timeout=seconds + 60)
    found = re.search(r"^tps = ([\d.]+)", done.stdout, re.M)
    if done.returncode or not found:
        raise SystemExit(f"bench: pgbench failed\n{done.stdout}{done.stderr}")
    return {"per_second": float(found[1])}


def ask(port, path):
    """One request on a connection of its own: status and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def wait_for(port, path, process, within=60):
    end = time.monotonic() + within
    while time.monotonic() < end:
        if process.poll() is not None:
            raise SystemExit(f"bench: a server ended: {process.communicate()}")
        try:
            if ask(port, path)[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.002)
    raise SystemExit(f"bench: nothing answers on port {port}")


def resident_mb(pid):
    """Resident memory of a process and all its descendants, in MB (10^6 bytes)."""
    children, total = {}, 0
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                children.setdefault(int(entry.joinpath("stat").read_text().rsplit(")", 1)[1].split()[1]), []).append(
                    int(entry.name))
            except OSError:
                continue
    waiting = [pid]
    while waiting:
        one = waiting.pop()
        waiting += children.get(one, [])
        for line in pathlib.Path(f"/proc/{one}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                total += int(line.split()[1]) * 1024
    return total / 1e6


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values), "rounds": list(values)}


def ratio_of_rounds(ours, theirs):
    """Ratios within each round, so that what disturbed both sides of it cancels out."""
    return spread([a / b for a, b in zip(ours, theirs)])


def machine():
    def first(path, word):
        for line in pathlib.Path(path).read_text().splitlines():
            if line.startswith(word):
                return line.split(":")[1].strip()
        return "unknown"
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, cwd=HERE)
    return {"cpu": first("/proc/cpuinfo", "model name"), "cores": os.cpu_count(), "memory": first("/proc/meminfo", "MemTotal"),
            "kernel": os.uname().release, "commit": commit.stdout.strip(), "date": time.strftime("%Y-%m-%d"),
            "postgres": subprocess.run(["psql", "--version"], capture_output=True, text=True).stdout.strip()}
