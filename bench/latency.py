"""From the commit of an order to the commit of what another domain did about it, at 1,000 orders a second.

Both ends, and the commit of the segment between them, are PostgreSQL's own commit timestamps, each taken just before its
flush. No client's clock or scheduling is in it.
"""
import figures
import generator
from inserting import write_scripts

RATE = 1000
SQL_CLIENTS = 16
CONNECTIONS = 64      # each pauses that many milliseconds between orders
QUIET_RATE = 20
TIMES = """
with took as (
  select pg_xact_commit_timestamp(o.xmin) as begun, pg_xact_commit_timestamp(s.xmin) as logged,
         pg_xact_commit_timestamp(p.xmin) as done
    from orders."order" o join inserteach.placed p on p.order_id = o.id
    join hansa.segment s on s.topic = (select id from hansa.topic where name = 'orders-order_placed-v1')
     and p.place >= s.base_offset and p.place < s.next_offset
   where o.id > %s)
select count(*), percentile_cont(array[0.5, 0.99]) within group (order by extract(epoch from done - begun) * 1e3),
       percentile_cont(array[0.5, 0.99]) within group (order by extract(epoch from logged - begun) * 1e3)
  from took
"""


def measure(world):
    ways = {"rest": ("by REST", by_rest), "sql": ("by SQL", by_sql(RATE)), "quiet": (f"by SQL, {QUIET_RATE}/s", by_sql(QUIET_RATE))}
    whole = {way: figures.Cell(f"latency_{way}", f"Order {title}: commit to reaction", "ms", {}) for way, (title, _) in ways.items()}
    logged = {way: figures.Cell(f"logged_{way}", f"Order {title}: commit to log", "ms", {}) for way, (title, _) in ways.items()}
    rate = figures.Cell("latency_rates", "Orders a second meanwhile", "orders/s", {})
    for turn in range(world.size.rounds):
        world.note_round("latency", turn)
        for way, (_, write) in ways.items():
            world.forget()
            world.run("truncate inserteach.placed")
            with world.server("orders", "inserteach") as server:
                reached, of_reaction, of_log = once(world, server, write, turn + 1)
            rate.samples.setdefault(way, []).append(reached)
            for cell, found in ((whole[way], of_reaction), (logged[way], of_log)):
                for side, value in zip(("p50", "p99"), found):
                    cell.samples.setdefault(side, []).append(value)
    world.forget()
    return [*whole.values(), *logged.values(), rate]


def once(world, server, write, seed):
    write(world, server, 1, seed)      # connections, plans and caches
    settle(world)
    before = world.value('select coalesce(max(id), 0) from orders."order"')
    reached = write(world, server, world.size.latency_seconds, seed)
    settle(world)
    count, of_reaction, of_log = world.run(TIMES, (before,))[0]
    written = world.value('select count(*) from orders."order" where id > %s', (before,))
    if count != written or not count:
        raise SystemExit(f"bench: {written} orders had {count} reactions")
    return reached, of_reaction, of_log


def settle(world):
    world.drain()
    world.wait(lambda: world.value("""select max(o.next_offset) = max(p.next_offset) from hansa.consumer_offset o
      join hansa.topic t on t.name = o.topic join hansa.topic_partition p on p.topic = t.id
      where consumer_group = 'inserteach-shelf-order_placed'"""), "the reactions")


def by_rest(world, server, seconds, seed):
    load = generator.Load("/orders/v1/order", 1, world.size.products, pause_ms=1000 * CONNECTIONS // RATE - 1,
                          body='{"product_id": {}, "user_id": {}, "quantity": 2, "total": 39.98}')
    return generator.wrk(server.url, load, CONNECTIONS, seconds, seed)["rate"]


def by_sql(rate):
    def write(world, _server, seconds, seed):
        script = dict(write_scripts(world))["told_and_emitted"]
        return generator.pgbench(world.conninfo, script, SQL_CLIENTS, seconds, {}, seed, rate)["rate"]
    return write
