"""Events a second that the sequencer takes out of a full pending table: from the first commit of segments to the last."""
import figures

# One event a row: an order's change as the trigger writes it (about 130 bytes), or a note with a text of 1 KiB. Each has
# its own time, as if each were a transaction of its own.
ORDER_ROW = ("row_to_json(r)::text from (select i as id, 1 + i % 1000 as product_id, 1 + i % 5000 as user_id, 1 + i % 5 as "
             "quantity, 19.99::numeric(10,2) * (1 + i % 5) as total, now() + i * interval '7 us' as ordered_at) r")
NOTE_ROW = "json_build_object('id', i, 'body', repeat(md5(i::text), 32))::text"
FILL = """
insert into hansa.pending_orders (stream, op, key, "row", at)
select '{stream}', 'c', i::text, (select {row}), clock_timestamp() from generate_series(1, {count}) i
"""
VARIANTS = {"one_partition": ("order_told", ORDER_ROW), "four_partitions": ("order_spread", ORDER_ROW),
            "kibibyte": ("note", NOTE_ROW)}


def measure(world):
    rate = figures.Cell("sequencer", "Events sequenced", "events/s", {})
    server = figures.Cell("sequencer_server", "Hansa for one event sequenced", "µs", {})
    postgres = figures.Cell("sequencer_postgres", "PostgreSQL for one event sequenced", "µs", {})
    for turn in range(world.size.rounds):
        world.note_round("sequencer", turn)
        for side, (stream, row) in VARIANTS.items():
            found = sequence(world, stream, row)
            rate.samples.setdefault(side, []).append(found.rate)
            server.samples.setdefault(side, []).append(found.server_us)
            postgres.samples.setdefault(side, []).append(found.postgres_us)
    world.forget()
    return [rate, server, postgres]


def sequence(world, stream, row):
    world.forget()
    count = world.size.sequenced
    world.run(FILL.format(stream=stream, row=row, count=count))
    topic = f"orders-{stream}-v1"

    def position():
        return int(world.value("select sum(next_offset) from hansa.topic_partition p join hansa.topic t on t.id = p.topic "
                               "where t.name = %s", (topic,)))
    end = position() + count
    with world.server("orders") as server:
        found = world.watch(server, position, end, float("inf"))
    kept = world.value("select sum(records) from hansa.segment")
    if (position(), kept, world.pending()) != (end, count, 0):
        raise SystemExit(f"bench: of {count} events {kept} were sequenced, {world.pending()} are pending")
    return found
