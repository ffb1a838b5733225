"""Events a second that reactions apply from a backlog, beside a consumer in Python that is spared the broker.

Two effects: a decrement of stock by key, and an insert. Every side applies the same bytes of the log to the same table, its
place in the same transaction, and is checked: what it did is what its place says it did.
"""
import json
import pathlib
import subprocess
import sys

import figures
from event_world import TOPIC, pace

FILL = """
insert into hansa.pending_orders (stream, op, key, "row", at)
select 'order_placed', 'e', (1 + i::bigint * 7919 % {products})::text, (select row_to_json(r)::text from (select i as order_id,
  1 + i::bigint * 7919 % {products} as product_id, 1 + i % 3 as quantity, now() + i * interval '7 us' as placed_at) r), clock_timestamp()
from generate_series(1, {count}) i
"""
# Side: the domain of Hansa's reaction, or the domain whose table a consumer in Python uses, and how.
EFFECTS = {
    "stock": ("Stock taken by key", {
        "hansa_each": ("stockeach", None), "python_each": ("stockeach", "each"), "hansa_batch": ("stockbatch", None),
        "python_batch": ("stockbatch", "batch"), "python_set": ("stockbatch", "set"), "hansa_told": ("stocktold", None)}),
    "insert": ("A row inserted", {
        "hansa_each": ("inserteach", None), "python_each": ("inserteach", "each"), "hansa_batch": ("insertbatch", None),
        "python_batch": ("insertbatch", "batch"), "python_set": ("insertbatch", "set")}),
}
PAIRS = (("hansa_each", "python_each"), ("hansa_batch", "python_batch"), ("hansa_batch", "python_set"))


def measure(world):
    make_backlog(world)
    cells = []
    for effect, (title, sides) in EFFECTS.items():
        rate = figures.Cell(f"react_{effect}", f"{title}", "events/s", {}, pairs=PAIRS)
        server = figures.Cell(f"react_{effect}_server", f"{title}: the consumer for one event", "µs", {}, pairs=PAIRS)
        postgres = figures.Cell(f"react_{effect}_postgres", f"{title}: PostgreSQL for one event", "µs", {}, pairs=PAIRS)
        for turn in range(world.size.rounds):
            world.note_round(f"reactions, {effect}", turn)
            for side, (domain, how) in sides.items():
                found = one_side(world, effect, domain, how)
                rate.samples.setdefault(side, []).append(found.rate)
                server.samples.setdefault(side, []).append(found.server_us)
                postgres.samples.setdefault(side, []).append(found.postgres_us)
        cells += [rate, server, postgres]
    world.forget()
    return cells


def make_backlog(world):
    world.forget()
    world.run(FILL.format(products=world.size.products, count=world.size.backlog))
    with world.server("orders"):
        world.drain()


def one_side(world, effect, domain, how):
    """The table as at the start, the run, and whether its effect is that of the events it went past."""
    world.forget_places()
    table = f"{domain}.{'product' if effect == 'stock' else 'placed'}"
    if effect == "insert":
        world.run(f"truncate {table}")
    world.run(f"vacuum analyze {table}")
    world.run("checkpoint")
    before = done_by(world, effect, table)
    found = python(world, effect, table, how) if how else hansa(world, domain)
    past = world.value("select next_offset from hansa.consumer_offset") - first_offset(world)
    expected = sum(1 + i % 3 for i in range(1, past + 1))
    if done_by(world, effect, table) - before != expected:
        raise SystemExit(f"bench: {table} ({how or 'hansa'}): {past} events, {expected} pieces, "
                         f"{done_by(world, effect, table) - before} taken")
    return found


def done_by(world, effect, table):
    """Pieces taken so far."""
    return int(world.value(f"select {'-sum(stock::bigint)' if effect == 'stock' else 'coalesce(sum(quantity), 0)'} from {table}"))


def first_offset(world):
    return world.value("select start_offset from hansa.topic_partition p join hansa.topic t on t.id = p.topic "
                       "where t.name = %s", (TOPIC,))


def hansa(world, domain):
    start = first_offset(world)
    end = start + world.size.backlog

    def position():
        return world.value("select coalesce(max(next_offset), %s) from hansa.consumer_offset", (start,))
    with world.server(domain) as server:
        found = world.watch(server, position, end, world.size.reaction_seconds)
    return found


def python(world, effect, table, how):
    command = [sys.executable, "-B", str(pathlib.Path(__file__).parent / "consumer.py"), how, effect, table, TOPIC,
               str(world.size.reaction_seconds), world.conninfo]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as consumer:
        if consumer.stdout.readline().strip() != "ready":
            raise SystemExit("bench: the consumer in Python did not start")
        with world.metered() as used:
            print("go", file=consumer.stdin, flush=True)
            said = consumer.stdout.readline()
    if consumer.returncode != 0:
        raise SystemExit(f"bench: the consumer in Python ended with {consumer.returncode}")
    answer = json.loads(said)
    found = pace(answer["events"], used[0])
    return type(found)(answer["events"], answer["events"] / answer["seconds"], answer["cpu_seconds"] / answer["events"] * 1e6,
                       found.postgres_us)
