"""consumer HOW EFFECT TABLE TOPIC SECONDS CONNINFO: the consumer in Python that Hansa's reactions are compared with.

What kafka-python and SQLAlchemy do with an event once a broker has sent it: kafka-python's decoder takes record batches
apart, fastavro decodes Confluent-framed values, and the effect goes to PostgreSQL in one transaction with the offset, so
that nothing is lost or done twice. The batches lie in memory before the clock starts: no broker, no network, no
checksums, no group; all of which is to its favour.

HOW: `each` is a transaction an event, as consumers are commonly written; `batch` is SQLAlchemy's executemany of 500 events;
`set` is one statement of 500 events by psycopg2, events of one key added up before, as an expert would write it.
Prints `ready`, reads a line, and prints what it did in at most SECONDS.
"""
import collections
import io
import itertools
import json
import struct
import sys
import time

import fastavro
import psycopg2.extras
import sqlalchemy
from kafka.record import MemoryRecords
from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text, bindparam

BATCH = 500
GROUP = "python"


class Values:
    """Confluent's framing: a zero, the schema's id, Avro."""

    def __init__(self, schemas):
        self.schemas = {number: fastavro.parse_schema(json.loads(text)) for number, text in schemas}

    def decode(self, value):
        _, number = struct.unpack_from(">bI", value)
        return fastavro.schemaless_reader(io.BytesIO(value[5:]), self.schemas[number])


def events(batches, values):
    """Offsets and decoded events, in order."""
    for data in batches:
        records = MemoryRecords(data)
        while (batch := records.next_batch()) is not None:
            for record in batch:
                yield record.offset, values.decode(record.value)


class Stock:
    def __init__(self, schema, name):
        self.table = Table(name, MetaData(schema=schema), Column("id", Integer, primary_key=True), Column("stock", Integer))
        stock = self.table.c.stock
        self.statement = (sqlalchemy.update(self.table).where(self.table.c.id == bindparam("of"))
                          .values(stock=stock - bindparam("pieces")))
        self.set_statement = (f"update {schema}.{name} p set stock = p.stock - v.pieces from (values %s) v (id, pieces) "
                              "where p.id = v.id")

    @staticmethod
    def row(_offset, event):
        return {"of": event["product_id"], "pieces": event["quantity"]}

    @staticmethod
    def rows(several):
        pieces = collections.Counter()
        for _, event in several:
            pieces[event["product_id"]] += event["quantity"]
        return list(pieces.items())


class Insert:
    def __init__(self, schema, name):
        self.table = Table(name, MetaData(schema=schema), Column("order_id", Integer, primary_key=True, autoincrement=False),
                           Column("product_id", Integer), Column("quantity", Integer), Column("place", BigInteger))
        self.statement = sqlalchemy.insert(self.table)
        self.set_statement = f"insert into {schema}.{name} (order_id, product_id, quantity, place) values %s"

    @staticmethod
    def row(offset, event):
        return {"order_id": event["order_id"], "product_id": event["product_id"], "quantity": event["quantity"], "place": offset}

    @staticmethod
    def rows(several):
        return [(event["order_id"], event["product_id"], event["quantity"], offset) for offset, event in several]


class Consumer:
    def __init__(self, how, effect, topic, conninfo):
        self.effect, self.topic = effect, topic
        self.apply = {"each": self.each, "batch": self.batch, "set": self.set}[how]
        self.events_max = 1 if how == "each" else BATCH
        self.engine = sqlalchemy.create_engine("postgresql+psycopg2://", creator=lambda: psycopg2.connect(conninfo),
                                               executemany_mode="values_plus_batch")
        places = Table("consumer_offset", MetaData(schema="hansa"), Column("consumer_group", Text), Column("topic", Text),
                       Column("partition", Integer), Column("cluster", Text), Column("next_offset", BigInteger))
        self.move = (sqlalchemy.update(places).where(places.c.consumer_group == GROUP, places.c.topic == topic,
                                                     places.c.partition == 0).values(next_offset=bindparam("next")))
        self.first = sqlalchemy.insert(places).values(consumer_group=GROUP, topic=topic, partition=0, cluster="")

    def load(self):
        """The log and its schemas, into memory; and the consumer's place, as it would be found."""
        with self.engine.begin() as connection:
            rows = connection.exec_driver_sql(
                "select base_offset, batch from hansa.segment s join hansa.topic t on t.id = s.topic where t.name = %s "
                "order by base_offset", (self.topic,)).all()
            schemas = connection.exec_driver_sql("select id, schema from hansa.event_schema").all()
            connection.execute(self.first, {"next_offset": rows[0][0]})
        return events([bytes(batch) for _, batch in rows], Values(schemas))

    def each(self, several):
        (offset, event), = several
        with self.engine.begin() as connection:
            connection.execute(self.effect.statement, self.effect.row(offset, event))
            connection.execute(self.move, {"next": offset + 1})

    def batch(self, several):
        with self.engine.begin() as connection:
            connection.execute(self.effect.statement, [self.effect.row(*one) for one in several])
            connection.execute(self.move, {"next": several[-1][0] + 1})

    def set(self, several):
        with self.engine.begin() as connection:
            cursor = connection.connection.cursor()
            psycopg2.extras.execute_values(cursor, self.effect.set_statement, self.effect.rows(several), page_size=BATCH)
            connection.execute(self.move, {"next": several[-1][0] + 1})

    def run(self, incoming, seconds):
        count, begun, used = 0, time.perf_counter(), time.process_time()
        while time.perf_counter() - begun < seconds and (several := list(itertools.islice(incoming, self.events_max))):
            self.apply(several)
            count += len(several)
        return {"events": count, "seconds": time.perf_counter() - begun, "cpu_seconds": time.process_time() - used}


def main():
    how, effect, table, topic, seconds, conninfo = sys.argv[1:]
    consumer = Consumer(how, {"stock": Stock, "insert": Insert}[effect](*table.split(".")), topic, conninfo)
    incoming = consumer.load()
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(consumer.run(incoming, float(seconds))), flush=True)


if __name__ == "__main__":
    main()
