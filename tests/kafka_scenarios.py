"""What Kafka clients observe, as plain data: each scenario runs against a broker's address and says what it saw. Nothing in an
observation depends on chance, time or the machine, so two brokers can be compared as they are."""
import pathlib
import shutil
import struct
import subprocess
import time

import confluent_kafka
import kafka
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewPartitions, NewTopic, OffsetSpec

import kafka_clients
from kafka_raw import API_VERSIONS, FETCH, METADATA, Raw, batch, offsets_of, text

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


# ---- records

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


# ---- the protocol itself

@scenario
def an_unknown_version_of_api_versions(side):
    with side.raw() as raw:
        answer = raw.ask(API_VERSIONS, 99, b"\0\2a\2b\0")
        error, count = struct.unpack_from(">hi", answer)
        return [error, [list(struct.unpack_from(">h", answer, 6 + 6 * i)) for i in range(count)], len(answer) == 6 + 6 * count]


@scenario
def an_unknown_key_ends_the_connection(side):
    with side.raw() as raw:
        return raw.ask(999, 0, b"")


@scenario
def an_unknown_version_ends_the_connection(side):
    with side.raw() as raw:
        return raw.ask(METADATA, 99, b"")


@scenario
def a_negative_length_ends_the_connection(side):
    with side.raw() as raw:
        raw.socket.sendall(struct.pack(">i", -5) + b"xxxxxxxxxx")
        return raw.answer()


@scenario
def a_length_of_two_gibibytes_ends_the_connection(side):
    with side.raw() as raw:
        raw.socket.sendall(struct.pack(">i", 0x7FFFFFFF) + b"\0\0\0\3" * 4)
        return raw.answer()


@scenario
def a_truncated_request_ends_the_connection(side):
    with side.raw() as raw:
        return raw.ask(METADATA, 4, struct.pack(">i", 5))


@scenario
def an_array_longer_than_its_request_ends_the_connection(side):
    with side.raw() as raw:
        return raw.ask(METADATA, 4, struct.pack(">i", 0x7FFFFFF0))


def produced(side, *batches):
    side.make()
    found = []
    for each in batches:
        with side.raw() as raw:
            found.append(raw.produce(side.topic, each))
    return found


@scenario
def a_batch_with_a_wrong_checksum(side):
    return produced(side, batch(b"x", crc=1), batch(b"x"))


@scenario
def a_batch_of_a_wrong_format(side):
    return produced(side, batch(b"x", magic=1), batch(b"x", magic=9))


@scenario
def a_batch_that_counts_wrong(side):
    return produced(side, batch(b"x", b"y", count=3), batch(b"x", b"y", count=1), batch(b"x", b"y", last=5))


@scenario
def a_batch_whose_records_are_cut_off(side):
    whole = batch(b"x" * 100)
    return produced(side, whole[:-10], whole[:40], b"")


@scenario
def two_batches_at_once(side):
    return produced(side, batch(b"x") + batch(b"y"))


@scenario
def compressed_rubbish(side):
    return produced(side, *(batch(records=b"\1\2\3\4" * 20, count=1, attributes=codec) for codec in (1, 2, 3, 4)))


@scenario
def an_unknown_compression(side):
    return produced(side, batch(b"x", attributes=7))


@scenario
def sequences(side):
    """New, again, a gap, the next, from long ago, a newer epoch, an older one."""
    step = lambda sequence, epoch=0: batch(b"x", producer=4711, epoch=epoch, sequence=sequence)  # noqa: E731
    return produced(side, step(0), step(0), step(2), step(1), step(2), step(3), step(4), step(5), step(0), step(0, 1), step(6, 0))


@scenario
def acks_of_another_kind(side):
    side.make()
    with side.raw() as raw:
        return raw.produce(side.topic, batch(b"x"), acks=2)


@scenario
def a_partition_that_is_not_there(side):
    side.make()
    with side.raw() as raw:
        return [raw.produce(side.topic, batch(b"x"), partition=7), list(raw.fetch(side.topic, 0, partition=7)[:2])]


# ---- fetch

@scenario
def an_offset_inside_a_batch_gives_the_whole_batch(side):
    side.make()
    with side.raw() as raw:
        raw.produce(side.topic, batch(b"a", b"b", b"c"))
        raw.produce(side.topic, batch(b"d"))
        return [[error, high, offsets_of(found)] for error, high, found in (raw.fetch(side.topic, at) for at in (0, 1, 2, 3, 4))]


@scenario
def offsets_out_of_range(side):
    side.make()
    with side.raw() as raw:
        raw.produce(side.topic, batch(b"a"))
        return [raw.fetch(side.topic, at)[0] for at in (-1, 0, 1, 2, 1 << 40)]


@scenario
def the_first_batch_comes_whatever_the_limit(side):
    side.make()
    with side.raw() as raw:
        for value in (b"a" * 500, b"b" * 500):
            raw.produce(side.topic, batch(value))
        return [offsets_of(raw.fetch(side.topic, 0, most=most, partition_most=part)[2])
                for most, part in ((10, 10), (10, 10_000), (10_000, 10), (10_000, 700), (10_000, 10_000))]


@scenario
def a_fetch_waits_for_as_much_as_it_wants(side):
    side.make()
    with side.raw() as raw:
        seen = []
        for wait, least in ((0, 1), (300, 1), (300, 0)):
            begun = time.monotonic()
            raw.fetch(side.topic, 0, wait=wait, least=least)
            seen.append(0.25 < time.monotonic() - begun < 3)
        return seen


@scenario
def a_record_wakes_a_fetch_that_waits(side):
    side.make()
    with side.raw() as reader, side.raw() as writer:
        reader.send(FETCH, 4, struct.pack(">iiiibi", -1, 15_000, 1, 1 << 20, 0, 1) + text(side.topic) +
                    struct.pack(">iiqi", 1, 0, 0, 1 << 20))
        time.sleep(0.2)
        begun = time.monotonic()
        writer.produce(side.topic, batch(b"x"))
        return [len(reader.answer()) > 100, time.monotonic() - begun < 3]


@scenario
def offsets_by_time(side):
    side.make()
    with side.raw() as raw:
        seen = [raw.offset(side.topic, moment) for moment in (-1, -2, 1)]
        for second in range(4):
            raw.produce(side.topic, batch(b"x", time=1_700_000_000_000 + second * 1000))
        return seen + [raw.offset(side.topic, moment) for moment in (-1, -2, 0, 1_700_000_000_000, 1_700_000_001_500,
                                                                    1_700_000_003_000, 1_700_000_003_001)]


# ---- topics

@scenario
def a_topic_that_is_not_there(side):
    reader = side.consumer(allow_auto_create_topics=False)
    try:
        return named(lambda: reader.get_watermark_offsets(TopicPartition(side.topic, 0), WITHIN))
    finally:
        reader.close()


@scenario
def a_topic_is_made_by_its_first_record(side):
    kafka_clients.Confluent(side.address).send(side.topic, texts("x"))
    return len(side.admin.list_topics(side.topic, WITHIN).topics[side.topic].partitions)


@scenario
def topics_that_cannot_be_made(side):
    side.make()
    wanted = {"again": NewTopic(side.topic, 1, 1), "space": NewTopic("a b", 1, 1), "dot": NewTopic(".", 1, 1),
              "long": NewTopic("x" * 250, 1, 1), "none": NewTopic(side.topic + "-n", 0, 1),
              "replicas": NewTopic(side.topic + "-r", 1, 3),
              "unknown": NewTopic(side.topic + "-u", 1, 1, config={"colour": "red"}),
              "value": NewTopic(side.topic + "-v", 1, 1, config={"retention.ms": "soon"}),
              "policy": NewTopic(side.topic + "-p", 1, 1, config={"cleanup.policy": "burn"})}
    return {word: named(lambda: side.admin.create_topics([topic])[topic.topic].result(WITHIN)) for word, topic in wanted.items()}


@scenario
def a_topic_that_is_only_tried(side):
    side.admin.create_topics([NewTopic(side.topic, 3, 1)], validate_only=True)[side.topic].result(WITHIN)
    return side.topic in side.admin.list_topics(timeout=WITHIN).topics


@scenario
def partitions_become_more_and_never_fewer(side):
    side.make(2)
    grow = lambda count: named(lambda: side.admin.create_partitions([NewPartitions(side.topic, count)])[side.topic].result(WITHIN))  # noqa: E731
    seen = [grow(1), grow(2), grow(4)]
    time.sleep(0.5)
    return seen + [len(side.admin.list_topics(side.topic, WITHIN).topics[side.topic].partitions)]


@scenario
def a_deleted_topic_is_gone(side):
    side.make()
    seen = [named(lambda: side.admin.delete_topics([side.topic])[side.topic].result(WITHIN))]
    time.sleep(0.5)
    return seen + [side.topic in side.admin.list_topics(timeout=WITHIN).topics,
                   named(lambda: side.admin.delete_topics([side.topic])[side.topic].result(WITHIN))]


@scenario
def settings_of_a_topic(side):
    side.make(retention_ms="1000000", cleanup_policy="compact,delete")
    resource = ConfigResource("topic", side.topic)
    found = side.admin.describe_configs([resource])[resource].result(WITHIN)
    return {name: [entry.value, entry.is_default, entry.is_read_only] for name, entry in sorted(found.items())}


def altered(side, *entries):
    resource = ConfigResource("topic", side.topic, incremental_configs=list(entries))
    return named(lambda: side.admin.incremental_alter_configs([resource])[resource].result(WITHIN))


@scenario
def settings_are_changed_one_by_one(side):
    side.make(retention_ms="1000000")
    seen = [altered(side, ConfigEntry("max.message.bytes", "5000", incremental_operation=AlterConfigOpType.SET)),
            altered(side, ConfigEntry("cleanup.policy", "compact", incremental_operation=AlterConfigOpType.APPEND)),
            altered(side, ConfigEntry("retention.ms", None, incremental_operation=AlterConfigOpType.DELETE)),
            altered(side, ConfigEntry("retention.ms", "x", incremental_operation=AlterConfigOpType.SET)),
            altered(side, ConfigEntry("colour", "red", incremental_operation=AlterConfigOpType.SET))]
    time.sleep(0.5)
    resource = ConfigResource("topic", side.topic)
    found = side.admin.describe_configs([resource])[resource].result(WITHIN)
    return seen + [found[name].value for name in ("max.message.bytes", "cleanup.policy", "retention.ms")]


@scenario
def settings_of_a_topic_that_is_not_there(side):
    resource = ConfigResource("topic", side.topic)
    return named(lambda: side.admin.describe_configs([resource])[resource].result(WITHIN))


@scenario
def records_are_deleted(side):
    side.make()
    kafka_clients.Confluent(side.address).send(side.topic, texts("a", "b", "c", "d"))
    place = lambda offset: TopicPartition(side.topic, 0, offset)  # noqa: E731
    cut = lambda offset: named(lambda: side.admin.delete_records([place(offset)])[place(offset)].result(WITHIN).low_watermark)  # noqa: E731
    seen = [cut(2), cut(9), cut(confluent_kafka.OFFSET_END)]
    with side.raw() as raw:
        return seen + [raw.fetch(side.topic, 1)[0], raw.offset(side.topic, -2)[2], raw.offset(side.topic, -1)[2]]


@scenario
def the_cluster(side):
    found = side.admin.describe_cluster().result(WITHIN)
    return [len(found.nodes), found.controller.id, bool(found.cluster_id)]


@scenario
def offsets_by_the_admin_client(side):
    side.make()
    kafka_clients.Confluent(side.address).send(side.topic, texts("a", "b"))
    place = TopicPartition(side.topic, 0)
    return [side.admin.list_offsets({place: spec})[place].result(WITHIN).offset
            for spec in (OffsetSpec.earliest(), OffsetSpec.latest(), OffsetSpec.max_timestamp())]


# ---- groups

@scenario
def a_commit_and_its_metadata_come_back(side):
    side.make()
    kafka_clients.Confluent(side.address).send(side.topic, texts("a", "b"))
    reader = side.consumer()
    reader.assign([TopicPartition(side.topic, 0)])
    reader.commit(offsets=[TopicPartition(side.topic, 0, 2, metadata="so far")], asynchronous=False)
    found = reader.committed([TopicPartition(side.topic, 0)], WITHIN)[0]
    reader.close()
    return [found.offset, found.metadata]


@scenario
def nothing_committed(side):
    side.make()
    reader = side.consumer()
    found = reader.committed([TopicPartition(side.topic, 0)], WITHIN)[0]
    reader.close()
    return [found.offset, found.metadata]


def assigned(members, wanted):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for member in members:
            member.poll(0.05)
        if sorted(len(member.assignment()) for member in members) == wanted:
            return wanted
    return sorted(len(member.assignment()) for member in members)


@scenario
def members_share_and_take_over(side):
    side.make(6)
    members = [side.consumer(session_timeout_ms=6000) for _ in range(3)]
    seen = []
    for count in (1, 2, 3):
        members[count - 1].subscribe([side.topic])
        seen.append(assigned(members[:count], sorted([6 // count] * count)))
    described = side.admin.describe_consumer_groups([side.topic])[side.topic].result(WITHIN)
    seen.append([described.state.name, described.partition_assignor, len(described.members)])
    members.pop().close()
    seen.append(assigned(members, [3, 3]))
    for member in members:
        member.close()
    return seen


@scenario
def a_static_member_comes_back_to_what_it_had(side):
    side.make(4)
    one, two = (side.consumer(group_instance_id=name, session_timeout_ms=30_000) for name in ("one", "two"))
    for member in (one, two):
        member.subscribe([side.topic])
    seen = [assigned([one, two], [2, 2])]
    before = sorted(place.partition for place in two.assignment())
    two.close()
    again = side.consumer(group_instance_id="two", session_timeout_ms=30_000)
    again.subscribe([side.topic])
    seen.append(assigned([one, again], [2, 2]))
    seen.append(sorted(place.partition for place in again.assignment()) == before)
    one.close()
    again.close()
    return seen


@scenario
def groups_are_described_listed_and_deleted(side):
    side.make()
    reader = side.consumer()
    reader.subscribe([side.topic])
    assigned([reader], [1])
    reader.commit(offsets=[TopicPartition(side.topic, 0, 0)], asynchronous=False)
    state = lambda: side.admin.describe_consumer_groups([side.topic])[side.topic].result(WITHIN).state.name  # noqa: E731
    delete = lambda group: named(lambda: side.admin.delete_consumer_groups([group])[group].result(WITHIN))  # noqa: E731
    seen = [state(), delete(side.topic), side.topic in {one.group_id for one in side.admin.list_consumer_groups().result(WITHIN).valid}]
    reader.close()
    return seen + [state(), delete(side.topic), delete(side.topic + "-none"),
                   side.topic in {one.group_id for one in side.admin.list_consumer_groups().result(WITHIN).valid}]


@scenario
def a_commit_of_nobody_known(side):
    side.make()
    reader = side.consumer()        # a coordinator is there once it was asked for anything
    reader.assign([TopicPartition(side.topic, 0)])
    reader.commit(offsets=[TopicPartition(side.topic, 0, 0)], asynchronous=False)
    reader.close()
    body = text(side.topic) + struct.pack(">i", 5) + text("nobody") + struct.pack(">qi", -1, 1) + text(side.topic)
    body += struct.pack(">iiq", 1, 0, 0) + text("")
    with side.raw() as raw:
        answer = raw.ask(8, 2, body)
        return struct.unpack(">h", answer[-2:])[0]


# ---- other clients

@scenario
def kcat_writes_and_reads(side):
    side.make(2)
    client = kafka_clients.Kcat(side.address)
    client.send(side.topic, [(b"a", b"1", [("h", b"x")]), (b"b", b"2", [])])
    return sorted([partition, offset, key.decode(), value.decode(), len(headers)]
                  for partition, offset, key, value, headers in client.read(side.topic, 2))


@scenario
def kafka_python_seeks_by_time(side):
    side.make()
    producer = kafka.KafkaProducer(bootstrap_servers=[side.address])
    for second in range(5):
        producer.send(side.topic, b"%d" % second, timestamp_ms=1_700_000_000_000 + second * 1000)
    producer.close(WITHIN)
    reader = kafka.KafkaConsumer(bootstrap_servers=[side.address], consumer_timeout_ms=WITHIN * 1000)
    place = kafka.TopicPartition(side.topic, 0)
    reader.assign([place])
    found = reader.offsets_for_times({place: 1_700_000_002_500})[place]
    reader.seek(place, found.offset)
    value = next(reader).value.decode()
    reader.close()
    return [found.offset, found.timestamp, value]


@scenario
def kafkajs_produces_consumes_and_administers(side):
    node = shutil.which("node")
    done = subprocess.run([node, str(HERE / "node/kafkajs_scenario.mjs"), side.address, side.topic], capture_output=True, text=True,
                          timeout=90)
    return [done.returncode, done.stdout.splitlines(), done.stderr[-300:] if done.returncode else ""]


@scenario
def console_tools_make_and_describe_a_topic(side):
    status, _, _ = side.tool("TopicCommand", "--create", "--topic", side.topic, "--partitions", "2", "--config", "retention.ms=5000000")
    again, _, error = side.tool("TopicCommand", "--create", "--topic", side.topic)
    described, lines, _ = side.tool("TopicCommand", "--describe", "--topic", side.topic)
    return [status, again, "already exists" in error, described, len([line for line in lines if "Partition: " in line]),
            any("retention.ms=5000000" in line for line in lines)]


@scenario
def console_tools_write_and_read(side):
    side.make()
    written, _, _ = side.tool("ConsoleProducer", "--topic", side.topic, "--property", "parse.key=true", input="a\t1\nb\t2\n")
    read, lines, _ = side.tool("consumer.ConsoleConsumer", "--topic", side.topic, "--from-beginning", "--max-messages", "2",
                               "--timeout-ms", "20000", "--group", side.topic)
    return [written, read, sorted(lines)]


@scenario
def console_tools_tell_of_a_group(side):
    side.make()
    kafka_clients.Confluent(side.address).send(side.topic, texts("a", "b", "c"))
    reader = side.consumer()
    reader.assign([TopicPartition(side.topic, 0)])
    reader.commit(offsets=[TopicPartition(side.topic, 0, 1)], asynchronous=False)
    reader.close()
    status, lines, _ = side.tool("consumer.group.ConsumerGroupCommand", "--describe", "--group", side.topic)
    row = [line.split()[:6] for line in lines if line.startswith(side.topic)]
    moved, lines, _ = side.tool("consumer.group.ConsumerGroupCommand", "--reset-offsets", "--to-earliest", "--execute", "--topic",
                                side.topic, "--group", side.topic)
    to = [line.split()[-1] for line in lines if line.strip().startswith(side.topic)]
    return [status, row, moved, to]


@scenario
def console_tools_tell_offsets(side):
    side.make()
    kafka_clients.Confluent(side.address).send(side.topic, texts("a", "b"))
    return list(side.tool("GetOffsetShell", "--topic", side.topic)[:2])
