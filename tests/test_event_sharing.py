"""Two servers on one PostgreSQL share the ports of a domain, and each says of its ports what is true."""
import httpx
import psycopg2
import pytest

from event_world import metric, world
from running import eventually

ROWS = 60_000  # as many as one server is busy with for a while


def told(server, name, **labels):
    return metric(httpx.get(server.url + "/metrics", timeout=10).text, name, **labels)


@pytest.fixture(scope="module")
def shared():
    """Two servers, of which the second came when the first had much to do."""
    with world("sharing", servers=2) as of:
        first, second = of.servers
        first.start()
        first.wait_until_listening()
        with psycopg2.connect(of.conninfo) as connection, connection.cursor() as cursor:
            cursor.execute("insert into bank.account (id, balance, seq) select 'a' || i, i, 1 from generate_series(1, %s) i", [ROWS])
            cursor.execute("insert into bank.movement (id, account, seq, amount) select 'm' || i, 'a' || i, 1, i "
                           "from generate_series(1, %s) i", [ROWS])
        connection.close()
        eventually(lambda: told(first, "hansa_port_lag_events", domain="mirror") > 1000, 60, "a first server that is behind")
        second.start()
        second.wait_until_listening()
        of.settle()
        yield of


def test_each_has_some(shared):
    for server in shared.servers:
        assert told(server, "hansa_port_events_applied_total", domain="mirror") > 0
    applied = sum(told(server, "hansa_port_events_applied_total", domain="mirror") for server in shared.servers)
    assert applied == 2 * ROWS, "an account and a line of the journal for each row"
    assert sum(told(server, "hansa_sequencer_lease", domain="audit") for server in shared.servers) == 1


def test_together_they_did_all_once(shared):
    assert shared.near("select count(*), count(distinct id), sum(amount) from audit.journal") == [
        (ROWS, ROWS, ROWS * (ROWS + 1) // 2)]
    assert shared.query(shared.far, "select count(*), sum(balance) from mirror.copy") == [(ROWS, ROWS * (ROWS + 1) // 2)]
    assert shared.query(shared.far, "select count(*), count(distinct journal) from mirror.received") == [(ROWS, ROWS)]


def test_nobody_says_that_a_port_is_behind_that_is_not(shared):
    """Not of a port either that it gave to the other while there was much to do."""
    for server in shared.servers:
        eventually(lambda: told(server, "hansa_port_lag_events") == 0, 5, "a lag of 0")
