"""What scenarios stand on: one broker with the topics of one scenario, and the list of all scenarios."""
import pathlib
import subprocess
import time

import confluent_kafka
from confluent_kafka.admin import AdminClient, NewTopic

from kafka_raw import Raw

WITHIN = 20
HERE = pathlib.Path(__file__).resolve().parent
SCENARIOS = {}


def scenario(function):
    SCENARIOS[function.__name__] = function
    return function


class Side:
    """One broker, and the topics of one scenario."""

    def __init__(self, address, name, jars):
        self.address, self.topic, self.jars = address, "c-" + name.replace("_", "-"), jars
        self.admin = AdminClient({"bootstrap.servers": address})

    def make(self, partitions=1, topic=None, **config):
        topic = topic or self.topic
        config = {name.replace("_", "."): value for name, value in config.items()}
        self.admin.create_topics([NewTopic(topic, partitions, 1, config=config)])[topic].result(WITHIN)
        deadline = time.monotonic() + WITHIN
        while topic not in self.admin.list_topics(timeout=WITHIN).topics:
            assert time.monotonic() < deadline
        # Apache Kafka's broker learns that it leads a moment after the topic is there.
        latest = -1
        with self.raw() as raw:
            while any(raw.offset(topic, latest, partition)[0] != 0 for partition in range(partitions)):
                assert time.monotonic() < deadline
                time.sleep(0.02)
        return topic

    def raw(self):
        return Raw(self.address)

    def consumer(self, **settings):
        return confluent_kafka.Consumer({"bootstrap.servers": self.address, "group.id": self.topic, "auto.offset.reset": "earliest",
                                         "enable.auto.commit": False,
                                         **{name.replace("_", "."): value for name, value in settings.items()}})

    def tool(self, name, *args, input=None):
        """A console tool of Apache Kafka: its exit status and lines."""
        done = subprocess.run(["java", "-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", f"{self.jars}/*",
                               f"org.apache.kafka.tools.{name}", "--bootstrap-server", self.address, *args],
                              input=input, capture_output=True, text=True, timeout=90)
        return done.returncode, done.stdout.splitlines(), done.stderr


def named(call):
    """What a call gave, or the name of the client's error."""
    try:
        return call()
    except confluent_kafka.KafkaException as error:
        return error.args[0].name()


def texts(*values):
    return [(None, value.encode(), []) for value in values]
