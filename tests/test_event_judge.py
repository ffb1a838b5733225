"""The judge of the crash tests finds what it is there to find: each kind of fault, made by hand in a world that has none."""
import psycopg2
import pytest

from event_world import world
from event_writers import writing
from running import eventually

FAULTS = {  # what is done to the database of the bank, and what the judge then says
    "a lost effect": ("delete from audit.journal where no = (select max(no) from audit.journal)", "effect audit.journal.*lost"),
    "a doubled effect": ("insert into audit.journal (id, account, seq, amount) select id, account, seq, amount "
                         "from audit.journal limit 1", "effect audit.journal.*doubled"),
    "an invented effect": ("insert into audit.journal (id, account, seq, amount) values ('x', 'y', 1, 1)", "invented"),
    "effects out of order": ("update audit.journal set no = -no", "effect audit.journal.*reordered"),
    "an effect of an abort": ("insert into audit.journal (id, account, seq, amount) values ('{uncommitted}', 'y', 1, 1)",
                              "invented.*which was not committed"),
    "a wrong sum": ("update audit.counter set total = total + 1 where account = (select max(account) from audit.counter)",
                    "effect audit.counter"),
    "a lost segment": ("delete from hansa.segment where base_offset = 0", "a segment begins at"),
    "a lost end": ("update hansa.topic_partition set next_offset = next_offset + 1", "should end at"),
    "a damaged batch": ("update hansa.segment set batch = set_byte(batch, length(batch) - 1, "
                        "(get_byte(batch, length(batch) - 1) + 1) % 256)", "checksum"),
    # The offset of a batch's head is not under its checksum.
    "a doubled batch": ("with last as (select * from hansa.topic_partition where next_offset > 0 limit 1), "
                        "moved as (update hansa.topic_partition p set next_offset = p.next_offset + s.records "
                        "from hansa.segment s, last l where (s.topic, s.partition) = (l.topic, l.partition) and "
                        "(p.topic, p.partition) = (l.topic, l.partition) and base_offset = 0) "
                        "insert into hansa.segment select s.topic, s.partition, l.next_offset, l.next_offset + records, "
                        "max_time_ms, records, set_byte(set_byte(batch, 7, (l.next_offset % 256)::int), 6, "
                        "(l.next_offset / 256)::int) from hansa.segment s, last l "
                        "where (s.topic, s.partition) = (l.topic, l.partition) and base_offset = 0", "twice"),
    "a lost row": ("delete from bank.movement where id = (select max(id) from bank.movement)", "table bank.movement"),
    "a dead letter": ("update hansa.topic_partition set next_offset = 1 where topic = (select id from hansa.topic "
                      "where name = 'audit-moved_dead-v1')", "1 dead letters"),
    "a halted port": ("insert into hansa.port_halt (consumer_group, topic, partition, next_offset, sqlstate, reason) "
                      "values ('g', 't', 0, 0, '42501', 'r')", "halted"),
}


@pytest.fixture(scope="module")
def settled():
    with world("the judge", pause=0.01) as of:
        of.servers[0].start()
        of.servers[0].wait_until_listening()
        with writing(of):
            eventually(lambda: of.ledger.committed() > 400 and of.ledger.uncommitted, 60, "enough to judge")
        of.settle()
        yield of


def test_a_world_without_faults(settled):
    settled.judge()
    assert settled.ledger.outcomes["committed, acknowledged"] > 20


@pytest.mark.parametrize("fault", FAULTS)
def test_the_judge_finds(settled, fault, monkeypatch):
    sql, words = FAULTS[fault]
    tampered = psycopg2.connect(settled.conninfo)  # what is done here is never committed
    real = settled.query

    def query(conninfo, sql, *values):
        if conninfo != settled.conninfo:
            return real(conninfo, sql, *values)
        with tampered.cursor() as cursor:
            cursor.execute(sql, values or None)
            return cursor.fetchall()

    try:
        with tampered.cursor() as cursor:
            cursor.execute(sql.replace("{uncommitted}", next(iter(settled.ledger.uncommitted))))
            assert cursor.rowcount > 0
        monkeypatch.setattr(settled, "query", query)
        with pytest.raises(AssertionError, match=f"(?s){words}"):
            settled.judge()
    finally:
        tampered.rollback()
        tampered.close()
