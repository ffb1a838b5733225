"""Records that clients send, and what becomes of them. See kafka_scenarios.py."""
import time

import confluent_kafka

import kafka_clients
from kafka_side import SCENARIOS, WITHIN, named, scenario, texts


@scenario
def offsets_are_dense(side):
    side.make()
    return kafka_clients.Confluent(side.address).send(side.topic, texts("a", "b", "c"))


def sent_and_read(side, client, codec):
    side.make(3)
    records = [(f"k{i}".encode(), f"v{i}".encode() * 50, [("h", b"1"), ("empty", b"")]) for i in range(12)]
    client(side.address).send(side.topic, records, codec=codec)
    return [[partition, offset, key.decode(), len(value), len(headers)]
            for partition, offset, key, value, headers in sorted(kafka_clients.Confluent(side.address).read(side.topic, 12))]


for _client in (kafka_clients.KafkaPython, kafka_clients.Confluent):
    for _codec in (None, "gzip", "snappy", "lz4", "zstd"):
        def _run(side, client=_client, codec=_codec):
            return sent_and_read(side, client, codec)
        SCENARIOS[f"{_client.name.replace('-', '_')}_{_codec or 'plain'}"] = _run


@scenario
def a_tombstone_and_an_empty_value_differ(side):
    side.make(cleanup_policy="compact")
    kafka_clients.Confluent(side.address).send(side.topic, [(b"k", None, []), (b"k", b"", [])])
    return [value for *_, value, _ in kafka_clients.Confluent(side.address).read(side.topic, 2)] == [None, b""]


@scenario
def a_record_without_key_on_a_compacted_topic(side):
    side.make(cleanup_policy="compact")
    return named(lambda: kafka_clients.Confluent(side.address).send(side.topic, texts("x")))


@scenario
def a_record_that_is_too_large(side):
    side.make(max_message_bytes="1000")
    return [named(lambda: kafka_clients.Confluent(side.address).send(side.topic, texts("x" * 2000))),
            kafka_clients.Confluent(side.address).send(side.topic, texts("x"))]


@scenario
def times_of_the_producer_and_of_the_log(side):
    side.make()
    side.make(topic=side.topic + "-log", message_timestamp_type="LogAppendTime")
    seen = []
    for topic in (side.topic, side.topic + "-log"):
        producer = confluent_kafka.Producer({"bootstrap.servers": side.address})
        producer.produce(topic, b"x", timestamp=1_700_000_000_000)
        assert producer.flush(WITHIN) == 0
        reader = side.consumer(group_id=topic)
        reader.subscribe([topic])
        record = reader.poll(WITHIN)
        kind, moment = record.timestamp()
        seen.append([kind, moment == 1_700_000_000_000])
        reader.close()
    return seen


@scenario
def a_time_far_ahead(side):
    side.make()
    producer = confluent_kafka.Producer({"bootstrap.servers": side.address})
    errors = []
    producer.produce(side.topic, b"x", timestamp=int(time.time() * 1000) + 10 * 86_400_000,
                     on_delivery=lambda error, _: errors.append(error and error.name()))
    assert producer.flush(WITHIN) == 0
    return errors


@scenario
def acks(side):
    side.make()
    client = kafka_clients.Confluent(side.address)
    for value in ("0", "1", "all"):
        client.send(side.topic, texts(value), acks=value)
    return sorted(value.decode() for *_, value, _ in client.read(side.topic, 3))


@scenario
def an_idempotent_producer(side):
    side.make(2)
    client = kafka_clients.Confluent(side.address)
    return client.send(side.topic, [(None, b"%d" % i, []) for i in range(50)], enable_idempotence=True, partition=1)[-1]
