"""gateway [--json FILE] [--quick] [--only PART ...]: the gateway for Kafka clients beside Apache Kafka, and the schema registry.

Sides in turn, medians of five rounds with their spread: Hansa (durability on: an acknowledged record is on the disk), Apache
Kafka as it comes (acknowledged is in the page cache), and Apache Kafka with flush.messages=1. Parts: produce, fetch, latency,
registry. --quick is a test of this program, not a measurement.
"""
import contextlib
import dataclasses
import json
import os
import random
import statistics
import sys
import tempfile
import time

import confluent_kafka
import httpx
import kafka
import mesh_folder
from confluent_kafka.admin import AdminClient, NewTopic

import figures
import generator
import process
import run
from ground import Ground, say

PARTS = ("produce", "fetch", "latency", "registry")
PACKAGES = ("confluent-kafka", "kafka-python")
BROKERS = (("kafka", "HANSA_BENCH_KAFKA", ()), ("kafka_flushed", "HANSA_BENCH_KAFKA_FLUSHED", ("--set", "log.flush.interval.messages=1")))
AIMS = (
    *(figures.Aim(f"{what}_librdkafka", "hansa", side, bound, True, f"{what}, librdkafka: at least {bound} of {name}")
      for what in ("produce", "fetch")
      for side, bound, name in (("kafka_flushed", 1, "Kafka with flush.messages=1"), ("kafka", 0.3, "Kafka"))),
    *(figures.Aim(f"{what}_kafka_python", "hansa", side, bound, True, f"{what}, kafka-python: at least {bound} of {name}")
      for what in ("produce", "fetch")
      for side, bound, name in (("kafka_flushed", 1, "Kafka with flush.messages=1"), ("kafka", 0.3, "Kafka"))),
    figures.Aim("acknowledged", "hansa", None, 1, False, "one record acknowledged, median: within 1 ms"),
    figures.Aim("registry_reads", "hansa", None, 80_000, True, "schemas read: at least 80,000/s"),
    figures.Aim("registry_writes", "hansa", None, 2, False, "a schema registered, median: within 2 ms"),
)
KIBIBYTE = 1024


@dataclasses.dataclass(frozen=True)
class Size:
    rounds: int = 5
    records: int = 100_000         # of librdkafka, a round
    python_records: int = 10_000   # of kafka-python, which is slower
    single: int = 500
    read_seconds: int = 4
    registered: int = 300


QUICK = Size(rounds=1, records=10_000, python_records=2_000, single=50, read_seconds=1, registered=20)


class World(Ground):
    stage = "development"      # the only one that takes writes

    def __init__(self, size, folder, hansa):
        super().__init__(size, folder, hansa)
        mesh_folder.write(self.mesh)
        file = self.mesh / "mesh.yaml"
        file.write_text(file.read_text().replace("bench:", "development:"))
        self.apply()
        self.kafka_port, self.registry_port = process.free_port(), process.free_port()
        self.sides = {"hansa": f"127.0.0.1:{self.kafka_port}", **{name: os.environ[variable] for name, variable, _ in BROKERS}}
        self.topics, self.dice = 0, random.Random(1)
        self.values = [self.dice.randbytes(KIBIBYTE) for _ in range(500)]

    def server(self):
        server = self.hansa_server("/readyz")
        server.command += ["--kafka-port", str(self.kafka_port), "--registry-port", str(self.registry_port)]
        return server

    def topic(self, address):
        self.topics += 1
        name = f"bench-{self.topics}"
        admin = AdminClient({"bootstrap.servers": address})
        admin.create_topics([NewTopic(name, 1, 1)])[name].result(60)
        return name

    def drop(self, address, topic):
        admin = AdminClient({"bootstrap.servers": address})
        admin.delete_topics([topic])[topic].result(60)


def produce_librdkafka(world, address, topic, count):
    producer = confluent_kafka.Producer({"bootstrap.servers": address, "acks": "all", "linger.ms": 5,
                                         "queue.buffering.max.messages": 100_000})
    refused = []

    def told(error, _):
        if error:
            refused.append(error)

    for at in range(count):
        while True:
            try:
                producer.produce(topic, world.values[at % len(world.values)], on_delivery=told)
                break
            except BufferError:
                producer.poll(0.01)
        if at % 1000 == 0:
            producer.poll(0)
    if producer.flush(120) or refused:
        raise SystemExit(f"bench: {address} did not take all records: {refused[:1]}")


def produce_kafka_python(world, address, topic, count):
    producer = kafka.KafkaProducer(bootstrap_servers=[address], acks="all", linger_ms=5)
    sent = [producer.send(topic, world.values[at % len(world.values)]) for at in range(count)]
    producer.flush(120)
    for one in sent:
        one.get(60)
    producer.close()


def fetch_librdkafka(_, address, topic, count):
    consumer = confluent_kafka.Consumer({"bootstrap.servers": address, "group.id": "bench", "enable.auto.commit": False,
                                         "check.crcs": True})
    consumer.assign([confluent_kafka.TopicPartition(topic, 0, 0)])
    found = 0
    while found < count:
        records = consumer.consume(10_000, 60)
        if not records or any(record.error() for record in records):
            raise SystemExit(f"bench: {address} gave {found} of {count} records")
        found += len(records)
    consumer.close()


def fetch_kafka_python(_, address, topic, count):
    consumer = kafka.KafkaConsumer(bootstrap_servers=[address], enable_auto_commit=False, consumer_timeout_ms=60_000)
    place = kafka.TopicPartition(topic, 0)
    consumer.assign([place])
    consumer.seek(place, 0)
    for at, _ in enumerate(consumer):
        if at + 1 == count:
            break
    else:
        raise SystemExit(f"bench: {address} gave too few records")
    consumer.close()


def timed(call, *arguments):
    begun = time.perf_counter()
    call(*arguments)
    return time.perf_counter() - begun


def measure_records(world, parts):
    clients = {"librdkafka": (produce_librdkafka, fetch_librdkafka, world.size.records),
               "kafka_python": (produce_kafka_python, fetch_kafka_python, world.size.python_records)}
    cells = {f"{what}_{client}": figures.Cell(f"{what}_{client}", f"{client.replace('_', '-')}, records of 1 KiB {done}",
                                              "records/s", {})
             for client in clients for what, done in (("produce", "acknowledged"), ("fetch", "read"))}
    for turn in range(world.size.rounds):
        world.note_round("produce and fetch", turn)
        for client, (produce, fetch, count) in clients.items():
            for side, address in world.sides.items():
                topic = world.topic(address)
                took = timed(produce, world, address, topic, count)
                cells[f"produce_{client}"].samples.setdefault(side, []).append(count / took)
                took = timed(fetch, world, address, topic, count)
                cells[f"fetch_{client}"].samples.setdefault(side, []).append(count / took)
                world.drop(address, topic)
    return [cell for cell in cells.values() if cell.name.split("_")[0] in parts]


def measure_latency(world):
    median = figures.Cell("acknowledged", "One record of 1 KiB acknowledged, median", "ms", {})
    tail = figures.Cell("acknowledged_p99", "One record of 1 KiB acknowledged, 99th percentile", "ms", {})
    for turn in range(world.size.rounds):
        world.note_round("latency", turn)
        for side, address in world.sides.items():
            topic = world.topic(address)
            producer = confluent_kafka.Producer({"bootstrap.servers": address, "acks": "all", "linger.ms": 0})
            times = []
            for at in range(world.size.single + 20):
                begun = time.perf_counter()
                producer.produce(topic, world.values[at % len(world.values)])
                if producer.flush(30):
                    raise SystemExit(f"bench: {side} did not acknowledge")
                times.append((time.perf_counter() - begun) * 1e3)
            times = times[20:]  # the connection
            median.samples.setdefault(side, []).append(statistics.median(times))
            tail.samples.setdefault(side, []).append(statistics.quantiles(times, n=100)[98])
            world.drop(address, topic)
    return [median, tail]


def measure_registry(world):
    reads = figures.Cell("registry_reads", "Schemas read by id, 64 connections", "reads/s", {"hansa": []})
    writes = figures.Cell("registry_writes", "A new schema registered, median", "ms", {"hansa": []})
    url = f"http://127.0.0.1:{world.registry_port}"
    with httpx.Client(base_url=url, timeout=30) as http:
        ids = []
        for turn in range(world.size.rounds):
            world.note_round("registry", turn)
            times = []
            for at in range(world.size.registered):
                text = json.dumps({"type": "record", "name": f"R{turn}_{at}", "fields": [{"name": "a", "type": "long"}]})
                begun = time.perf_counter()
                answer = http.post(f"/subjects/bench-{turn}-{at}/versions", json={"schema": text})
                times.append((time.perf_counter() - begun) * 1e3)
                ids.append(answer.raise_for_status().json()["id"])
            writes.samples["hansa"].append(statistics.median(times))
            load = generator.Load("/schemas/ids/{}", min(ids), max(ids))
            reads.samples["hansa"].append(generator.wrk(url, load, 64, world.size.read_seconds)["rate"])
    return [reads, writes]


def document(world, cells, options):
    return {
        **run.circumstances("gateway", world, options, PACKAGES),
        "cells": {name: {**vars(cell), "ratios": {side: cell.ratios("hansa", side) for side in cell.samples if side != "hansa"}}
                  for name, cell in cells.items()},
        "aims": figures.judge(cells, AIMS),
    }


def beside_kafka():
    """Begins anew under script/with-kafka, once for each broker."""
    for _, variable, settings in BROKERS:
        if variable not in os.environ:
            wrapper = str(run.ROOT / "script/with-kafka")
            os.execv(wrapper, [wrapper, *settings, "bash", "-c", f'export {variable}=$HANSA_TEST_KAFKA; exec "$@"', "-",
                               sys.executable, "-B", *sys.argv])


def main():
    options = run.arguments("gateway", __doc__, PARTS, "few records, one round")
    beside_kafka()
    if "HANSA_TEST_POSTGRES" not in os.environ:
        run.again_with_postgres()
    with tempfile.TemporaryDirectory(prefix="hansa-bench.") as folder, contextlib.ExitStack() as running:
        say("applying the mesh")
        world = World(QUICK if options.quick else Size(), folder, options.hansa)
        running.enter_context(world.server())
        found = []
        if {"produce", "fetch"} & set(options.only):
            found += measure_records(world, options.only)
        if "latency" in options.only:
            found += measure_latency(world)
        if "registry" in options.only:
            found += measure_registry(world)
        cells = {cell.name: cell for cell in found}
        result = document(world, cells, options)
    run.tell(result, cells, options)


if __name__ == "__main__":
    main()
