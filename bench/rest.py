"""rest [--json FILE] [--quick] [--only PART ...]: Hansa's REST port beside the tutorial's service and PostgreSQL itself.

One PostgreSQL with durability on, one table, sides in turn, medians of five rounds with their spread. Parts: throughput,
memory, slow_query, starting, loading. --quick is a test of this program, not a measurement.
"""
import argparse
import contextlib
import json
import os
import pathlib
import resource
import sys
import tempfile

import answers
import figures
import loading
import machine
import memory
import slow_query
import starting
import throughput
from world import QUICK, Size, World, say

PARTS = ("throughput", "memory", "slow_query", "starting", "loading")
ROOT = pathlib.Path(__file__).parent.parent


def arguments():
    parser = argparse.ArgumentParser(prog="bench rest", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="FILE", help="write every figure and ratio there")
    parser.add_argument("--quick", action="store_true", help="20,000 rows, two rounds of a second")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART")
    parser.add_argument("--hansa", default=os.environ.get("HANSA", str(ROOT / "build/release/src/app/hansa")),
                        help="the binary (default: $HANSA, or the release build)")
    return parser.parse_args()


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
        "command": "script/bench rest --json FILE" + (" --quick" if options.quick else ""),
        "quick": options.quick,
        "machine": machine.facts(options.hansa),
        "size": vars(world.size),
        "calm": world.calm,
        "checked": checked,
        "cells": {name: {**vars(cell), "ratios": {side: cell.ratios("hansa", side) for side in cell.samples
                                                  if side != "hansa" and "hansa" in cell.samples}}
                  for name, cell in cells.items()},
        "aims": figures.judge(cells),
    }


def show(result, cells):
    for cell in cells.values():
        print("\n".join(figures.lines(cell)), end="\n\n")
    print("Aims")
    for verdict in result["aims"]:
        low, high = verdict["spread"]
        print(f"  {figures.verdict_text(verdict)}: {verdict['aim']}: "
              f"{figures.number(verdict['value'])} ({figures.number(low)}–{figures.number(high)})")
    busiest = max(note["strangers"] for note in result["calm"])
    print(f"\nLoad average {machine.load_average()}; other programs took up to {busiest:.0%} of the cores between rounds."
          f"{' Not a calm machine: read ratios, not rates.' if busiest > 0.1 else ''}")
    if result["quick"]:
        print("--quick: a test of the bench, not a measurement.")


def main():
    options = arguments()
    if "HANSA_TEST_POSTGRES" not in os.environ:
        wrapper = str(ROOT / "script/with-postgres")
        os.execv(wrapper, [wrapper, sys.executable, *sys.argv])
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)      # 1,000 connections need as many files on both ends
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 8192)), hard))
    with tempfile.TemporaryDirectory(prefix="hansa-bench.") as folder:
        world = World(QUICK if options.quick else Size(), folder, options.hansa)
        say(f"loading {world.size.rows:,} products")
        world.prepare()
        cells, checked = measure(world, options.only)
        result = document(world, cells, checked, options)
    show(result, cells)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(result, indent=1, default=vars) + "\n", encoding="utf-8")
        say(f"wrote {options.json}")


if __name__ == "__main__":
    main()
