"""events [--json FILE] [--quick] [--only PART ...]: what events cost writers, and how fast they are sequenced and reacted to.

One PostgreSQL of the run's own with durability on, sides in turn, medians of five rounds with their spread. Parts: insert,
latency, sequencer, reactions; the last beside a consumer in Python that is spared the broker. --quick is a test of this
program, not a measurement.
"""
import os
import tempfile

import figures
import inserting
import latency
import reacting
import run
import sequencing
from event_world import QUICK, EventWorld, Size
from ground import say

PARTS = {"insert": inserting, "latency": latency, "sequencer": sequencing, "reactions": reacting}
PACKAGES = ("kafka-python", "fastavro", "sqlalchemy", "psycopg2-binary")
OWN_CLUSTER = "HANSA_BENCH_OWN_CLUSTER"
AIMS = (
    figures.Aim("insert_running", "told", "silent", 0.7, True, "inserts with a change event: at least 0.7 of those without"),
    figures.Aim("insert_running", "told_and_emitted", "silent", 0.7, True,
                "inserts with a change event and an emission: at least 0.7 of those without"),
    figures.Aim("sequencer", "one_partition", None, 300_000, True, "sequencer: at least 300,000 events/s"),
    figures.Aim("latency_rest", "p50", None, 3, False, "commit to reaction at 1,000/s by REST, median: within 3 ms"),
    figures.Aim("latency_rest", "p99", None, 15, False, "commit to reaction at 1,000/s by REST, p99: within 15 ms"),
    figures.Aim("latency_sql", "p50", None, 3, False, "commit to reaction at 1,000/s by SQL, median: within 3 ms"),
    figures.Aim("latency_sql", "p99", None, 15, False, "commit to reaction at 1,000/s by SQL, p99: within 15 ms"),
    figures.Aim("react_stock", "hansa_each", None, 15_000, True, "reactions, stock taken one by one: at least 15,000 events/s"),
    figures.Aim("react_insert", "hansa_each", None, 15_000, True, "reactions, rows inserted one by one: at least 15,000 events/s"),
    figures.Aim("react_stock", "hansa_batch", None, 100_000, True, "reactions, stock taken in batches: at least 100,000 events/s"),
    figures.Aim("react_insert", "hansa_batch", None, 100_000, True,
                "reactions, rows inserted in batches: at least 100,000 events/s"),
)


def document(world, cells, options):
    return {
        **run.circumstances("events", world, options, PACKAGES),
        "cells": {name: {**vars(cell), "pairs": [{"above": above, "below": below, "ratios": cell.ratios(above, below)}
                                                 for above, below in cell.pairs]}
                  for name, cell in cells.items()},
        "aims": figures.judge(cells, AIMS),
    }


def in_a_cluster_of_its_own():
    """Latency is read from commit timestamps, which PostgreSQL keeps only if it is started so."""
    if OWN_CLUSTER in os.environ:
        return
    os.environ.pop("HANSA_TEST_POSTGRES", None)
    options = os.environ.get("HANSA_TEST_POSTGRES_OPTIONS", "") + " -c track_commit_timestamp=on"
    os.environ.update({OWN_CLUSTER: "1", "HANSA_TEST_POSTGRES_OPTIONS": options})
    run.again_with_postgres()


def main():
    options = run.arguments("events", __doc__, tuple(PARTS), "few events, one round of a second or two")
    in_a_cluster_of_its_own()
    with tempfile.TemporaryDirectory(prefix="hansa-bench.") as folder:
        world = EventWorld(QUICK if options.quick else Size(), folder, options.hansa)
        say("applying the mesh")
        world.prepare()
        cells = {cell.name: cell for part in PARTS if part in options.only for cell in PARTS[part].measure(world)}
        result = document(world, cells, options)
    run.tell(result, cells, options)


if __name__ == "__main__":
    main()
