"""Real Kafka clients against a running mesh, each behind the same few words: what a test says once, all of them do.

`send(topic, records)` returns the records' (partition, offset); `read(topic, count)` all records of a topic in the order of
each partition. A record is (key, value, headers), of bytes or None.
"""
import json
import shutil
import subprocess

import confluent_kafka
import kafka

WITHIN = 30.0       # seconds: no answer takes as long


class KafkaPython:
    name = "kafka-python"
    codecs = ("gzip", "snappy", "lz4", "zstd")

    def __init__(self, address, **settings):
        self.address, self.settings = address, settings

    def send(self, topic, records, codec=None, partition=None, **settings):
        producer = kafka.KafkaProducer(bootstrap_servers=[self.address], compression_type=codec, **settings)
        try:
            sent = [producer.send(topic, key=key, value=value, headers=headers, partition=partition)
                    for key, value, headers in records]
            producer.flush(WITHIN)
            return [(one.get(WITHIN).partition, one.get(WITHIN).offset) for one in sent]
        finally:
            producer.close(WITHIN)

    def read(self, topic, count, group=None):
        consumer = kafka.KafkaConsumer(topic, bootstrap_servers=[self.address], group_id=group, auto_offset_reset="earliest",
                                       consumer_timeout_ms=int(WITHIN * 1000))
        try:
            found = []
            for record in consumer:
                found.append((record.partition, record.offset, record.key, record.value, list(record.headers)))
                if len(found) == count:
                    break
            if group:
                consumer.commit()
            return found
        finally:
            consumer.close()


class Confluent:
    name = "librdkafka"
    codecs = ("gzip", "snappy", "lz4", "zstd")

    def __init__(self, address, **settings):
        self.settings = {"bootstrap.servers": address, **settings}

    def send(self, topic, records, codec=None, partition=-1, **settings):
        settings = {name.replace("_", "."): value for name, value in settings.items()}
        producer = confluent_kafka.Producer({**self.settings, "compression.type": codec or "none", "linger.ms": 5, **settings})
        places, errors = {}, []

        def told(place):
            def note(error, message):
                if error:
                    errors.append(error)
                else:
                    places[place] = (message.partition(), message.offset())
            return note

        for place, (key, value, headers) in enumerate(records):
            producer.produce(topic, key=key, value=value, headers=headers, partition=-1 if partition is None else partition,
                             on_delivery=told(place))
        assert producer.flush(WITHIN) == 0
        if errors:
            raise confluent_kafka.KafkaException(errors[0])
        return [places[place] for place in range(len(records))]

    def read(self, topic, count, group=None):
        consumer = confluent_kafka.Consumer({**self.settings, "group.id": group or f"reader-{topic}",
                                             "auto.offset.reset": "earliest", "enable.auto.commit": False})
        consumer.subscribe([topic])
        try:
            found = []
            while len(found) < count:
                batch = consumer.consume(count - len(found), WITHIN)
                assert batch, f"{len(found)} of {count} records of {topic} came"
                for record in batch:
                    assert record.error() is None, record.error()
                    found.append((record.partition(), record.offset(), record.key(), record.value(), record.headers() or []))
            if group:
                consumer.commit(asynchronous=False)
            return found
        finally:
            consumer.close()


class Kcat:
    name = "kcat"
    codecs = ("gzip", "snappy", "lz4", "zstd")

    def __init__(self, address, **settings):
        self.program, self.address = shutil.which("kcat"), address
        self.settings = [word for name, value in settings.items() for word in ("-X", f"{name}={value}")]

    def run(self, *args, input=None):
        done = subprocess.run([self.program, "-b", self.address, *self.settings, *args], input=input, capture_output=True,
                              timeout=60)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def send(self, topic, records, codec=None, partition=None):
        """One call a record where they have headers; returns nothing: kcat does not tell."""
        place = [] if partition is None else ["-p", str(partition)]
        for key, value, headers in records:
            words = [word for name, content in headers for word in ("-H", f"{name}={content.decode()}")]
            self.run("-P", "-t", topic, "-z", codec or "none", "-K", "\t", "-Z", *place, *words,
                     input=(key or b"") + b"\t" + (value or b""))

    def read(self, topic, count, group=None):
        lines = self.run("-C", "-t", topic, "-o", "beginning", "-e", "-J").splitlines()
        found = [json.loads(line) for line in lines]
        assert len(found) >= count
        return [(one["partition"], one["offset"], bytes_of(one["key"]), bytes_of(one["payload"]), pairs(one.get("headers", [])))
                for one in found]


def bytes_of(text):
    return None if text is None else text.encode()


def pairs(flat):
    return [(name, bytes_of(value)) for name, value in zip(flat[::2], flat[1::2])]


ALL = (KafkaPython, Confluent, Kcat)
