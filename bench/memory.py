"""Resident memory: after the first answer, and the most seen while 1,000 connections ask for rows."""
import threading

import figures
import generator
import throughput

CONNECTIONS = 1000
SECONDS_MIN = 5     # a slow side needs them to have answered at all


def idle(world):
    """Asked of servers that were just started: what a quiet deployment costs."""
    return [figures.Cell("memory_idle", "Resident when idle, all processes", "MB",
                         {side.name: [side.server.resident_mb()] for side in world.sides})]


def busy(world):
    cell = figures.Cell("memory_busy", "Resident with 1,000 connections under load, all processes", "MB", {})
    rate = figures.Cell("row_1000", "One row by key, 1,000 connections", "requests/s", {}, {})
    for turn in range(min(world.size.rounds, 3)):
        world.note_round("memory", turn)
        for side in world.sides:
            with Peak(side.server) as peak:
                found = generator.wrk(side.server.url, throughput.row_load(side, world.size.rows), CONNECTIONS,
                                      max(SECONDS_MIN, world.size.seconds), seed=turn + 1)
            cell.samples.setdefault(side.name, []).append(peak.most_mb)
            throughput.keep(rate, side.name, found)
    return [cell, rate]


class Peak:
    """The most memory a server held while this was entered, asked ten times a second."""

    def __init__(self, server):
        self.server, self.most_mb = server, 0.0
        self.ended = threading.Event()
        self.watcher = threading.Thread(target=self.watch)

    def watch(self):
        while not self.ended.wait(0.1):
            self.most_mb = max(self.most_mb, self.server.resident_mb())

    def __enter__(self):
        self.watcher.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.watcher.join()
