"""Consumer groups, and clients besides librdkafka. See kafka_scenarios.py."""
import shutil
import struct
import subprocess
import time

import kafka
from confluent_kafka import TopicPartition

import kafka_clients
from kafka_raw import text
from kafka_side import HERE, WITHIN, named, scenario, texts


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
