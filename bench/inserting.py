"""Rows a second that eight clients insert one by one, into tables that tell nothing, their changes, or an emission too.

The tables have the same columns and no index but the key. With the sequencer, a server runs and takes the events
meanwhile; without it they stay where the triggers put them, which tells what capture alone costs.
"""
import contextlib

import figures
import generator
from event_world import pace

CLIENTS = 8
TABLES = {"silent": "order_silent", "told": "order_told", "told_and_emitted": "order"}
PAIRS = (("told", "silent"), ("told_and_emitted", "silent"))
SCRIPT = r"""
\set product random(1, 1000)
\set quantity random(1, 5)
INSERT INTO orders."{table}" (product_id, user_id, quantity, total) VALUES (:product, :product, :quantity, :quantity * 19.99);
"""


def write_scripts(world):
    for side, table in TABLES.items():
        path = world.folder / f"insert_{side}.pgbench"
        path.write_text(SCRIPT.format(table=table), encoding="utf-8")
        yield side, path


def measure(world):
    scripts = dict(write_scripts(world))
    where = {"running": "sequencer running", "stopped": "sequencer stopped"}
    rate = {name: figures.Cell(f"insert_{name}", f"Single-row inserts, {CLIENTS} clients, {title}", "inserts/s", {},
                               pairs=PAIRS) for name, title in where.items()}
    postgres = {name: figures.Cell(f"insert_{name}_postgres", f"PostgreSQL for one insert, {title}", "µs", {}, pairs=PAIRS)
                for name, title in where.items()}
    server_us = figures.Cell("insert_running_server", "Hansa for one insert, sequencer running", "µs", {})
    left = figures.Cell("insert_left", "Events not yet sequenced when the clients end", "events", {})
    for turn in range(world.size.rounds):
        world.note_round("insert", turn)
        for name in where:
            world.forget()
            with world.server("orders") if name == "running" else contextlib.nullcontext() as server:
                for side, script in scripts.items():
                    with world.metered(server) as used:
                        found = generator.pgbench(world.conninfo, script, CLIENTS, world.size.insert_seconds, {}, turn + 1)
                        if server:
                            left.samples.setdefault(side, []).append(world.pending())
                            world.drain()
                    cost = pace(found["count"], used[0])
                    rate[name].samples.setdefault(side, []).append(found["rate"])
                    postgres[name].samples.setdefault(side, []).append(cost.postgres_us)
                    if server:
                        server_us.samples.setdefault(side, []).append(cost.server_us)
    world.forget()
    return [*rate.values(), *postgres.values(), server_us, left]
