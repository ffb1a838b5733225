"""kill -9 of `hansa serve`, of PostgreSQL and of both at random points while Kafka clients produce and commit: no acknowledged
record is lost or moved, none of an idempotent producer is doubled or out of order, no committed offset goes back.

What was sent and acknowledged is remembered here, outside of what is killed. A few points of each by default; more, with a
release build:

    HANSA=$PWD/build/release/src/app/hansa HANSA_CRASH_GATEWAY=100/50/30 build/venv/bin/python -m pytest tests/crash_gateway.py

When is killed is drawn from HANSA_CRASH_SEED.
"""
import collections
import contextlib
import os
import random
import threading
import time

import confluent_kafka
import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from event_world import Server
from running import applied_shop, eventually, free_port

POINTS = dict(zip(("hansa", "postgres", "both"), map(int, os.environ.get("HANSA_CRASH_GATEWAY", "8/5/4").split("/")),
                  strict=True))
SEED = int(os.environ.get("HANSA_CRASH_SEED", "20261124"))
BACK_WITHIN = 40.0  # seconds until records are acknowledged again
TOPIC, PARTITIONS = "ledger", 3
PAUSES = {"retry.backoff.ms": 20, "reconnect.backoff.ms": 20, "reconnect.backoff.max.ms": 200,
          "socket.timeout.ms": 5000, "message.timeout.ms": 300_000, "log_level": 0}


class Writer(threading.Thread):
    """Sends numbered records as fast as they are taken, and remembers which were acknowledged, and where."""

    def __init__(self, name, address, **settings):
        super().__init__(daemon=True)
        self.name, self.acknowledged, self.errors, self.sent = name, {}, [], 0
        self.ending = threading.Event()
        self.producer = confluent_kafka.Producer(
            {"bootstrap.servers": address, "acks": "all", "linger.ms": 2, **PAUSES, **settings})

    def run(self):
        while not self.ending.is_set():
            number = self.sent
            try:
                self.producer.produce(TOPIC, key=self.name, value=f"{self.name}/{number}", partition=number % PARTITIONS,
                                      on_delivery=lambda error, record, number=number: self.told(number, error, record))
                self.sent += 1
            except BufferError:
                self.producer.poll(0.05)
            self.producer.poll(0)
            if self.sent % 20 == 0:
                time.sleep(0.005)  # not to fill the disk
        left = self.producer.flush(120)
        if left:
            self.errors.append(f"{left} records were never answered")

    def told(self, number, error, record):
        if error:
            self.errors.append(str(error))
        else:
            self.acknowledged[number] = record.partition(), record.offset()


class Reader(threading.Thread):
    """Reads in a group, commits each batch, and remembers which commits were acknowledged. Its places may not go back."""

    def __init__(self, address):
        super().__init__(daemon=True)
        self.ending, self.errors, self.commits = threading.Event(), [], 0
        self.committed = {}
        self.consumer = confluent_kafka.Consumer({
            "bootstrap.servers": address, "group.id": "readers", "enable.auto.commit": False, "auto.offset.reset": "earliest",
            "session.timeout.ms": 6000, "check.crcs": True,
            **{name: value for name, value in PAUSES.items() if name != "message.timeout.ms"}})

    def run(self):
        self.consumer.subscribe([TOPIC])
        while not self.ending.is_set():
            if not any(record.error() is None for record in self.consumer.consume(200, 0.2)):
                continue
            with contextlib.suppress(confluent_kafka.KafkaException):  # not acknowledged: nothing is promised
                for place in self.consumer.commit(asynchronous=False) or ():
                    if place.error is None and place.offset >= 0:
                        self.commits += 1
                        self.note(place)
        self.consumer.close()

    def note(self, place):
        self.committed[place.partition] = place.offset


class Scene:
    def __init__(self, kind, folder, mesh, postgres):
        self.kind, self.postgres, self.dice = kind, postgres, random.Random(f"{SEED}/{kind}")
        self.server = Server(mesh, folder / "log", "--kafka-port", str(free_port()))
        self.address = f"127.0.0.1:{self.server.arguments[-1]}"
        self.points, self.slowest = 0, 0.0

    def begin(self):
        self.server.start()
        self.server.wait_until_listening()
        admin = AdminClient({"bootstrap.servers": self.address})
        admin.create_topics([NewTopic(TOPIC, PARTITIONS, 1)])[TOPIC].result(30)
        self.idempotent = [Writer(f"i{i}", self.address, **{"enable.idempotence": True}) for i in range(2)]
        self.plain = [Writer("p0", self.address, **{"max.in.flight.requests.per.connection": 1})]
        self.reader = Reader(self.address)
        for thread in (*self.writers(), self.reader):
            thread.start()

    def writers(self):
        return [*self.idempotent, *self.plain]

    def count(self):
        return sum(len(writer.acknowledged) for writer in self.writers())

    def go_on(self):
        """Until records of every writer are acknowledged again."""
        begun, before = time.monotonic(), [len(writer.acknowledged) for writer in self.writers()]

        def more():
            assert not any(writer.errors for writer in self.writers()), [writer.errors[:3] for writer in self.writers()]
            return all(len(writer.acknowledged) > was + 20 for writer, was in zip(self.writers(), before, strict=True))

        eventually(more, BACK_WITHIN, "acknowledged records")
        self.slowest = max(self.slowest, time.monotonic() - begun)
        time.sleep(self.dice.uniform(0, 0.4))

    def end(self, record_property):
        before, begun = self.reader.commits, time.monotonic()
        eventually(lambda: self.reader.commits > before, BACK_WITHIN, "the group to commit again")
        group = time.monotonic() - begun
        for writer in self.writers():
            writer.ending.set()
        for writer in self.writers():
            writer.join(150)
            assert not writer.is_alive() and not writer.errors, writer.errors[:5]
            assert len(writer.acknowledged) == writer.sent
        commits = self.reader.commits
        self.reader.ending.set()
        self.reader.join(60)
        assert not self.reader.is_alive()
        twice = self.judge()
        record_property("said", f"{self.points} of {POINTS[self.kind]} points ({self.kind} killed, seed {SEED}), slowest to go on "
                        f"{self.slowest:.1f} s, the group {group:.1f} s; {self.count()} records acknowledged, none lost, {twice} of a "
                        f"producer without numbers stored twice; {commits} offsets committed in "
                        f"{len(self.reader.committed)} partitions")
        assert self.points == POINTS[self.kind]

    def judge(self):
        """Reads everything and compares; how many records of the plain producer are there twice."""
        found = self.read_all()
        content = {(partition, offset): value for partition, offset, value in found}
        assert len(content) == len(found)
        stored = collections.Counter(value for _, _, value in found)
        for writer in self.writers():
            for number, place in writer.acknowledged.items():
                assert content.get(place) == f"{writer.name}/{number}", f"{writer.name}/{number} is not at {place}"
        assert set(stored) == {f"{writer.name}/{number}" for writer in self.writers() for number in range(writer.sent)}
        doubled = [value for value, count in stored.items() if count > 1]
        assert not [value for value in doubled if value.startswith("i")], "records of an idempotent producer are doubled"
        for writer in self.idempotent:
            for wanted in range(PARTITIONS):
                numbers = [int(value.split("/")[1]) for partition, _, value in found
                           if partition == wanted and value.startswith(writer.name + "/")]
                assert numbers == sorted(numbers), f"records of {writer.name} are out of order"
        for place in self.committed():
            if place.partition in self.reader.committed:
                assert place.offset >= self.reader.committed[place.partition], (place, self.reader.committed)
        return len(doubled)

    def settings(self, group):
        return {"bootstrap.servers": self.address, "group.id": group, "enable.auto.commit": False, "check.crcs": True,
                "enable.partition.eof": True, "auto.offset.reset": "earliest"}

    def committed(self):
        consumer = confluent_kafka.Consumer(self.settings("readers"))
        try:
            return consumer.committed([confluent_kafka.TopicPartition(TOPIC, i) for i in range(PARTITIONS)], 30)
        finally:
            consumer.close()

    def read_all(self):
        consumer, found, ended = confluent_kafka.Consumer(self.settings("judge")), [], set()
        try:
            consumer.assign([confluent_kafka.TopicPartition(TOPIC, i, 0) for i in range(PARTITIONS)])
            until = time.monotonic() + 120
            while len(ended) < PARTITIONS:
                assert time.monotonic() < until, "the topic has no end"
                for record in consumer.consume(1000, 1):
                    if record.error() is None:
                        found.append((record.partition(), record.offset(), record.value().decode()))
                    elif record.error().code() == confluent_kafka.KafkaError._PARTITION_EOF:
                        ended.add(record.partition())
                    else:
                        raise AssertionError(record.error())
        finally:
            consumer.close()
        by_partition = collections.defaultdict(list)
        for partition, offset, _ in found:
            by_partition[partition].append(offset)
        assert all(offsets == list(range(len(offsets))) for offsets in by_partition.values()), "offsets are not dense"
        return found


@contextlib.contextmanager
def scene(kind):
    with applied_shop() as ground:
        of = Scene(kind, *ground)
        try:
            of.begin()
            yield of
        finally:
            of.server.stop()


def long_test(kind):
    return pytest.mark.timeout(300 + 15 * POINTS[kind])


@long_test("hansa")
def test_killed_hansa(record_property):
    with scene("hansa") as of:
        for _ in range(POINTS["hansa"]):
            of.go_on()
            of.server.kill()
            of.points += 1
            time.sleep(of.dice.uniform(0, 0.3))
            of.server.start()
            if of.dice.random() < 0.2:  # and while it starts
                time.sleep(of.dice.uniform(0, 0.5))
                of.server.kill()
                of.server.start()
        of.go_on()
        of.end(record_property)


@long_test("postgres")
def test_killed_postgres(record_property):
    """The server has to come back by itself."""
    with scene("postgres") as of:
        for _ in range(POINTS["postgres"]):
            of.go_on()
            if of.dice.random() < 0.3:  # only whom the gateway writes with; PostgreSQL then starts all of itself anew
                pids = of.postgres.psql("select pid from pg_stat_activity where application_name = 'hansa gateway'").split()
                os.kill(int(pids[0]), 9)
            else:
                of.postgres.kill()
                time.sleep(of.dice.uniform(0, 0.3))
                of.postgres.start()
            of.points += 1
            assert not of.server.ended(), "the server ended with PostgreSQL"
        of.go_on()
        of.end(record_property)


@long_test("both")
def test_killed_hansa_and_postgres(record_property):
    with scene("both") as of:
        for _ in range(POINTS["both"]):
            of.go_on()
            victims = [of.server.kill, of.postgres.kill]
            of.dice.shuffle(victims)
            victims[0]()
            time.sleep(of.dice.uniform(0, 0.05))
            victims[1]()
            of.points += 1
            of.postgres.start()
            of.server.start()
        of.go_on()
        of.end(record_property)
