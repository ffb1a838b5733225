"""What one run of `bench events` works in: Orders and five domains that react, how much to ask, and a look into their log."""
import contextlib
import dataclasses
import time

import psycopg2

import cpu
import events_mesh
from ground import Ground

TOPIC = "orders-order_placed-v1"
POLL_SECONDS = 0.01
WAIT_SECONDS_MAX = 120
STOCK = 2_000_000_000


@dataclasses.dataclass(frozen=True)
class Size:
    products: int = 1000
    rounds: int = 5
    insert_seconds: int = 4
    sequenced: int = 500_000      # events a round
    latency_seconds: int = 10
    backlog: int = 300_000        # events that wait for reactions
    reaction_seconds: int = 8     # at most, of one side in one round


QUICK = Size(rounds=1, insert_seconds=1, sequenced=60_000, latency_seconds=2, backlog=10_000, reaction_seconds=1)


@dataclasses.dataclass(frozen=True)
class Pace:
    """Events in a time, and the processor's microseconds for one."""
    events: int
    rate: float
    server_us: float
    postgres_us: float


def pace(events, used):
    return Pace(events, events / used.at, used.server / events * 1e6, used.postgres / events * 1e6)


class EventWorld(Ground):
    stage = "development"      # the only one that takes writes over REST

    def __init__(self, size, folder, hansa):
        super().__init__(size, folder, hansa)
        self.connection = psycopg2.connect(self.conninfo)
        self.connection.autocommit = True
        own = self.value("select pg_backend_pid()")
        self.meter = cpu.Meter(cpu.parent(own), {own})

    def prepare(self):
        events_mesh.write(self.mesh)
        self.apply()
        for domain, table, *_ in events_mesh.REACTING:
            if table == "product":
                self.run(f"insert into {domain}.product select i, {STOCK} from generate_series(1, {self.size.products}) i")
        with self.server("orders"):
            self.drain()
        self.forget()

    def run(self, statement, values=None):
        with self.connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def value(self, statement, values=None):
        return self.run(statement, values)[0][0]

    def server(self, *domains):
        return self.hansa_server("/readyz", domains)

    def forget(self):
        """Empties the logs as retention does, and lets every port begin anew. No server may run."""
        pending = [name for name, in self.run("select quote_ident(relname) from pg_class where relkind = 'r' and "
                                              "relnamespace = 'hansa'::regnamespace and relname like 'pending\\_%'")]
        self.run("truncate hansa.segment, " + ", ".join(f"hansa.{name}" for name in pending))
        self.run("update hansa.topic_partition set start_offset = next_offset where start_offset < next_offset")
        self.forget_places()
        self.run("checkpoint")

    def forget_places(self):
        self.run("delete from hansa.consumer_offset")

    def pending(self):
        return self.value("select (select count(*) from hansa.pending_orders) + (select count(*) from hansa.pending_stocktold)")

    def drain(self):
        """Waits for the sequencer of a running server."""
        self.wait(lambda: self.pending() == 0, "the sequencer to take what is pending")

    @staticmethod
    def wait(condition, what):
        end = time.monotonic() + WAIT_SECONDS_MAX
        while not condition():
            if time.monotonic() > end:
                raise SystemExit(f"bench: waited {WAIT_SECONDS_MAX} s for {what}")
            time.sleep(POLL_SECONDS)

    @contextlib.contextmanager
    def metered(self, server=None):
        """Yields a list that holds, afterwards, what was used meanwhile."""
        used = []
        begun = self.meter.mark(server)
        yield used
        used.append(self.meter.mark(server).since(begun))

    def watch(self, server, position, until, seconds_max):
        """The pace at which `position()`, which only grows, comes to `until`, or as far as it does in `seconds_max`.

        From the first commit to the last one: starting, and the first batch, are not in it.
        """
        start, end = position(), time.monotonic() + WAIT_SECONDS_MAX
        while (first := position()) == start:
            if time.monotonic() > end:
                raise SystemExit(f"bench: nothing moved in {WAIT_SECONDS_MAX} s: {server.last_words()}")
            time.sleep(POLL_SECONDS / 10)
        begun = last_mark = self.meter.mark(server)
        last = first
        while last < until and last_mark.at - begun.at < seconds_max:
            time.sleep(POLL_SECONDS)
            now = position()
            if now > last:
                last, last_mark = now, self.meter.mark(server)
            elif time.perf_counter() - last_mark.at > WAIT_SECONDS_MAX:
                raise SystemExit(f"bench: nothing moved in {WAIT_SECONDS_MAX} s: {server.last_words()}")
        if last == first:
            raise SystemExit("bench: all was done within one look; give it more events")
        return pace(last - first, last_mark.since(begun))
