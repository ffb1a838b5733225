"""Processor time of a server and of its PostgreSQL, read from /proc: what a rate costs, whoever else is on the machine."""
import contextlib
import dataclasses
import os
import pathlib
import time

TICK = 1 / os.sysconf("SC_CLK_TCK")


def stat(pid):
    """The fields of /proc/PID/stat from the third on (proc(5)); a name may hold spaces and parentheses."""
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def parent(pid):
    return int(stat(pid)[1])


def own_seconds(pid):
    """Of all its threads, ended ones included."""
    return sum(map(int, stat(pid)[11:13])) * TICK


def family_seconds(pid, without=()):
    """Of a process, its children, and those of them that ended and were waited for."""
    total = sum(map(int, stat(pid)[11:15])) * TICK
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            if child not in without:
                with contextlib.suppress(OSError):      # ended meanwhile: the next look finds it in the parent
                    total += own_seconds(child)
    return total


@dataclasses.dataclass(frozen=True)
class Mark:
    """A moment, and what had been used up to it, in seconds."""
    at: float
    server: float
    postgres: float

    def since(self, earlier):
        return Mark(self.at - earlier.at, self.server - earlier.server, self.postgres - earlier.postgres)


class Meter:
    """Of PostgreSQL's `postmaster`, but for our own sessions `without`."""

    def __init__(self, postmaster, without):
        self.postmaster, self.without = postmaster, without

    def mark(self, server=None):
        """`server`: a process.Server; none: it used nothing."""
        return Mark(time.perf_counter(), own_seconds(server.process.pid) if server else 0.0,
                    family_seconds(self.postmaster, self.without))
