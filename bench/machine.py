"""What the figures were taken on, and how quiet it was."""
import importlib.metadata
import os
import pathlib
import platform
import re
import statistics
import subprocess
import tempfile
import time


def facts(hansa, packages, programs=()):
    """`packages` of Python and `programs` are told with their versions."""
    return {
        "cores": os.cpu_count(),
        "processor": first_match("/proc/cpuinfo", r"^model name\s*: (.*)$"),
        "memory_gb": round(int(first_match("/proc/meminfo", r"^MemTotal:\s+(\d+) kB")) * 1024 / 1e9),
        "system": first_match("/etc/os-release", r'^PRETTY_NAME="?([^"\n]*)'),
        "kernel": platform.release(),
        "hansa": said([hansa, "--version"]),
        "commit": said(["git", "describe", "--always", "--dirty"]),
        "PostgreSQL": said(["psql", "--version"]).removeprefix("psql (PostgreSQL) "),
        **{name: re.sub(r"^wrk (\S+).*", r"\1", said([name, "-v"])) for name in programs},
        "Python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in packages},
    }


def first_match(path, pattern):
    found = re.search(pattern, pathlib.Path(path).read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else "0"


def said(command):
    """The first line a command writes; wrk and others exit with 1 after telling their version."""
    done = subprocess.run(command, capture_output=True, text=True)
    return ((done.stdout or done.stderr).strip().splitlines() or ["unknown"])[0]


def flush_ms(folder, times=50):
    """The median time that a write of a page takes to reach the disk under `folder`: commits wait for one at least."""
    took = []
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        for _ in range(times):
            os.pwrite(file.fileno(), bytes(8192), 0)
            begun = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append((time.perf_counter() - begun) * 1e3)
    return round(statistics.median(took), 2)


def load_average():
    return round(os.getloadavg()[0], 2)


def strangers(seconds=0.5):
    """The share of all cores that other programs take while ours are idle, 0 to 1."""
    def ticks():
        cpu = [int(word) for word in pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
        return sum(cpu), cpu[3] + cpu[4]
    total, idle = ticks()
    time.sleep(seconds)
    total_after, idle_after = ticks()
    return round(1 - (idle_after - idle) / max(1, total_after - total), 2)
