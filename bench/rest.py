"""rest [--json FILE] [--quick] [--only PART ...]: Hansa's REST port beside the tutorial's service and PostgreSQL itself.

One PostgreSQL with durability on, one table, sides in turn, medians of five rounds with their spread. Parts: throughput,
memory, slow_query, starting, loading. --quick is a test of this program, not a measurement.
"""
import contextlib
import os
import resource
import tempfile

import answers
import figures
import loading
import memory
import run
import slow_query
import starting
import throughput
from ground import say
from world import QUICK, Size, World

PARTS = ("throughput", "memory", "slow_query", "starting", "loading")
PACKAGES = ("fastapi", "uvicorn", "uvloop", "httptools", "sqlalchemy", "psycopg2-binary")
AIMS = (
    figures.Aim("row_64", "hansa", "fastapi", 50, True, "one row at 64 connections: at least 50 times FastAPI"),
    figures.Aim("row_64", "hansa", "pgbench", 0.65, True, "one row at 64 connections: at least 0.65 of pgbench"),
    figures.Aim("page_20", "hansa", "fastapi", 45, True, "pages of 20 rows: at least 45 times FastAPI"),
    figures.Aim("page_100", "hansa", "fastapi", 45, True, "pages of 100 rows: at least 45 times FastAPI"),
    figures.Aim("memory_idle", "hansa", None, 32, False, "resident when idle: under 32 MB"),
    figures.Aim("memory_busy", "hansa", None, 96, False, "resident with 1,000 busy connections: under 96 MB"),
    figures.Aim("first_answer", "hansa", None, 100, False, "first answer after start: within 100 ms"),
    figures.Aim("load", "hansa", "copy", 1.5, False, r"loading a file: within 1.5 times psql \copy"),
    figures.Aim("slow_query", "with", "without", 1.5, False,
        "p99 of others with one slow query in a thousand: within 1.5 times"),
)


def measure(world, only):
    """All parts asked for, as {name: Cell}, and what the check of the answers saw."""
    cells = []
    with contextlib.ExitStack() as running:
        if {"throughput", "memory", "slow_query"} & set(only):
            for side in world.sides:
                side.server = running.enter_context(side.make_server())
            if "memory" in only:
                cells += memory.idle(world)
            say("comparing the sides' answers")
            checked = answers.check(world)
        else:
            checked = None
        for name, part in (("throughput", throughput.measure), ("memory", memory.busy),
                           ("slow_query", slow_query.measure)):
            if name in only:
                cells += part(world)
    for name, part in (("starting", starting.measure), ("loading", loading.measure)):
        if name in only:
            cells += part(world)
    return {cell.name: cell for cell in cells}, checked


def document(world, cells, checked, options):
    return {
        **run.circumstances("rest", world, options, PACKAGES),
        "checked": checked,
        "cells": {name: {**vars(cell), "ratios": {side: cell.ratios("hansa", side) for side in cell.samples
                                                  if side != "hansa" and "hansa" in cell.samples}}
                  for name, cell in cells.items()},
        "aims": figures.judge(cells, AIMS),
    }


def main():
    options = run.arguments("rest", __doc__, PARTS, "20,000 rows, two rounds of a second")
    if "HANSA_TEST_POSTGRES" not in os.environ:
        run.again_with_postgres()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)      # 1,000 connections need as many files on both ends
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 8192)), hard))
    with tempfile.TemporaryDirectory(prefix="hansa-bench.") as folder:
        world = World(QUICK if options.quick else Size(), folder, options.hansa)
        say(f"loading {world.size.rows:,} products")
        world.prepare()
        cells, checked = measure(world, options.only)
        result = document(world, cells, checked, options)
    run.tell(result, cells, options)


if __name__ == "__main__":
    main()
