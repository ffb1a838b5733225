"""Kafka clients, as they are, against nothing but the program: produce, consume, groups, seek by time, administer.

Each test has topics of its own. What a Kafka broker does in detail, beside a real one, is test_kafka_compare.py.
"""
import itertools
import json
import os
import signal
import threading
import time
import uuid

import confluent_kafka
import pytest
from confluent_kafka.admin import AdminClient, ConfigResource, NewPartitions, NewTopic

import kafka_clients
from running import alive, eventually

WITHIN = 20
RECORDS = [(f"key-{i}".encode(), b"value-%d" % i, [("trace", b"%d" % i)]) for i in range(20)]


@pytest.fixture(scope="module")
def address(shop):
    return shop.kafka()


@pytest.fixture
def admin(address):
    return AdminClient({"bootstrap.servers": address})


@pytest.fixture
def topic():
    return f"t-{uuid.uuid4().hex[:8]}"


def make(admin, topic, partitions=1, **config):
    admin.create_topics([NewTopic(topic, partitions, 1, config=config)])[topic].result(WITHIN)


def refused(call):
    """The name of the error that a client got."""
    with pytest.raises(confluent_kafka.KafkaException) as error:
        call()
    return error.value.args[0].name()


def content(found):
    return sorted((key, value, [tuple(header) for header in headers]) for _, _, key, value, headers in found)


@pytest.mark.parametrize("writer,reader", list(itertools.product(kafka_clients.ALL, kafka_clients.ALL)),
                         ids=lambda client: client.name)
def test_what_one_client_writes_every_client_reads(address, admin, topic, writer, reader):
    make(admin, topic, 3)
    for codec in (None, *writer.codecs):
        writer(address).send(topic, RECORDS[:5], codec=codec)
    rounds = 1 + len(writer.codecs)
    found = reader(address).read(topic, 5 * rounds)
    assert content(found) == sorted(content([(0, 0, *record) for record in RECORDS[:5]]) * rounds)
    for partition in {record[0] for record in found}:
        offsets = [record[1] for record in found if record[0] == partition]
        assert offsets == list(range(len(offsets)))


@pytest.mark.parametrize("client", (kafka_clients.KafkaPython, kafka_clients.Confluent), ids=lambda client: client.name)
def test_a_group_goes_on_where_it_committed(address, admin, topic, client):
    make(admin, topic, 2)
    client(address).send(topic, RECORDS)
    first = client(address).read(topic, 12, group="readers-" + topic)
    rest = client(address).read(topic, 8, group="readers-" + topic)
    assert content(first + rest) == content([(0, 0, *record) for record in RECORDS])


def test_three_members_share_the_partitions_and_take_over(address, admin, topic):
    make(admin, topic, 6)
    members = [confluent_kafka.Consumer({"bootstrap.servers": address, "group.id": topic, "session.timeout.ms": 6000,
                                         "auto.offset.reset": "earliest", "client.id": f"m{i}"}) for i in range(3)]
    try:
        for member in members:
            member.subscribe([topic])

        def shares(of):
            for member in of:
                member.poll(0.05)
            return sorted(len(member.assignment()) for member in of)

        eventually(lambda: shares(members) == [2, 2, 2], what="two partitions for each")
        owned = [place.partition for member in members for place in member.assignment()]
        assert sorted(owned) == list(range(6))
        described = admin.describe_consumer_groups([topic])[topic].result(WITHIN)
        assert (described.state.name, len(described.members)) == ("STABLE", 3)
        assert refused(lambda: admin.delete_consumer_groups([topic])[topic].result(WITHIN)) == "NON_EMPTY_GROUP"
        members.pop().close()
        eventually(lambda: shares(members) == [3, 3], what="three partitions for each who stayed")
    finally:
        for member in members:
            member.close()
    eventually(lambda: admin.describe_consumer_groups([topic])[topic].result(WITHIN).state.name != "STABLE",
               what="an empty group")


def test_members_that_come_and_go_leave_every_record_with_one_owner(address, admin, topic):
    """Each record is handled once by whoever owns its partition, and committed with it: none is lost."""
    make(admin, topic, 4)
    handled, lock, ending = [], threading.Lock(), threading.Event()

    def consume(seconds):
        member = confluent_kafka.Consumer({"bootstrap.servers": address, "group.id": topic, "session.timeout.ms": 6000,
                                           "auto.offset.reset": "earliest", "enable.auto.commit": False})
        member.subscribe([topic])
        end = time.monotonic() + seconds
        while time.monotonic() < end and not ending.is_set():
            record = member.poll(0.1)
            if record and not record.error():
                with lock:
                    handled.append(record.value())
                try:
                    member.commit(record, asynchronous=False)
                except confluent_kafka.KafkaException:
                    pass        # a rebalance took the partition: whoever has it now handles the record again
        member.close()

    threads = [threading.Thread(target=consume, args=(1.5 + i,)) for i in range(4)] + [
        threading.Thread(target=consume, args=(60,))]
    for thread in threads:
        thread.start()
    sent = [b"%d" % i for i in range(200)]
    for part in range(0, 200, 20):
        kafka_clients.Confluent(address).send(topic, [(None, value, []) for value in sent[part:part + 20]])
    try:
        eventually(lambda: set(handled) == set(sent), 60, "every record")
    finally:
        ending.set()
        for thread in threads:
            thread.join(60)
    assert not any(thread.is_alive() for thread in threads)


def test_offsets_by_time(address, admin, topic):
    make(admin, topic)
    sender = confluent_kafka.Producer({"bootstrap.servers": address, "compression.type": "lz4"})
    times = [1_700_000_000_000 + i * 1000 for i in range(10)]
    for moment in times:
        sender.produce(topic, b"x", timestamp=moment)
    assert sender.flush(WITHIN) == 0
    reader = confluent_kafka.Consumer({"bootstrap.servers": address, "group.id": topic})
    place = lambda moment: reader.offsets_for_times([confluent_kafka.TopicPartition(topic, 0, moment)], WITHIN)[0].offset  # noqa: E731
    try:
        assert [place(moment) for moment in (times[0] - 1, times[0], times[3] - 1, times[9])] == [0, 0, 3, 9]
        assert place(times[9] + 1) == confluent_kafka.OFFSET_END
        assert reader.get_watermark_offsets(confluent_kafka.TopicPartition(topic, 0), WITHIN) == (0, 10)
    finally:
        reader.close()


def test_topics_are_made_changed_and_deleted(address, admin, topic):
    make(admin, topic, 2, **{"retention.ms": "3600000", "cleanup.policy": "compact"})
    assert len(admin.list_topics(topic, WITHIN).topics[topic].partitions) == 2
    assert refused(lambda: make(admin, topic)) == "TOPIC_ALREADY_EXISTS"
    assert refused(lambda: make(admin, "no space allowed")) == "TOPIC_EXCEPTION"
    assert refused(lambda: make(admin, topic + "-x", 1, **{"retention.mss": "1"})) == "INVALID_CONFIG"
    assert refused(lambda: make(admin, topic + "-x", 1, **{"retention.ms": "soon"})) == "INVALID_CONFIG"
    admin.create_partitions([NewPartitions(topic, 4)])[topic].result(WITHIN)
    assert len(admin.list_topics(topic, WITHIN).topics[topic].partitions) == 4
    assert refused(lambda: admin.create_partitions([NewPartitions(topic, 3)])[topic].result(WITHIN)) == "INVALID_PARTITIONS"
    resource = ConfigResource("topic", topic)
    configs = admin.describe_configs([resource])[resource].result(WITHIN)
    assert (configs["retention.ms"].value, configs["cleanup.policy"].value) == ("3600000", "compact")
    admin.delete_topics([topic])[topic].result(WITHIN)
    assert topic not in admin.list_topics(timeout=WITHIN).topics
    assert refused(lambda: admin.delete_topics([topic])[topic].result(WITHIN)) == "UNKNOWN_TOPIC_OR_PART"


def test_a_topic_of_a_domain_is_read_by_all_and_changed_by_its_contract_alone(shop, address, admin):
    name = "products-product-v1"
    found = kafka_clients.KafkaPython(address).read(name, 2)
    assert all(value[:1] == b"\0" for *_, value, _ in found)
    assert {name for *_, headers in found for name, _ in headers} >= {"ce_id", "ce_type", "ce_source"}
    with pytest.raises(confluent_kafka.KafkaException) as error:
        kafka_clients.Confluent(address).send(name, [(b"1", b"forged", [])])
    assert error.value.args[0].name() == "TOPIC_AUTHORIZATION_FAILED"
    assert refused(lambda: admin.delete_topics([name])[name].result(WITHIN)) == "POLICY_VIOLATION"
    assert refused(lambda: admin.create_partitions([NewPartitions(name, 7)])[name].result(WITHIN)) == "POLICY_VIOLATION"


def test_a_write_by_rest_reaches_a_waiting_consumer(shop, http, address, make_product):
    reader = confluent_kafka.Consumer({"bootstrap.servers": address, "group.id": uuid.uuid4().hex, "auto.offset.reset": "latest",
                                       "fetch.wait.max.ms": 10_000})
    reader.assign([confluent_kafka.TopicPartition("products-product-v1", 0, confluent_kafka.OFFSET_END)])
    try:
        assert reader.poll(1) is None
        product = make_product()
        record = eventually(lambda: reader.poll(0.2), 5, what="the event")
        assert record.key() == str(product).encode()
    finally:
        reader.close()


def test_records_a_topic_does_not_take(address, admin, topic):
    make(admin, topic, 1, **{"max.message.bytes": "2000"})
    client = kafka_clients.Confluent(address)
    with pytest.raises(confluent_kafka.KafkaException) as error:
        client.send(topic, [(None, b"x" * 5000, [])])
    assert error.value.args[0].name() == "MSG_SIZE_TOO_LARGE"
    make(admin, topic + "-compacted", 1, **{"cleanup.policy": "compact"})
    with pytest.raises(confluent_kafka.KafkaException) as error:
        client.send(topic + "-compacted", [(None, b"no key", [])])
    assert error.value.args[0].name() == "INVALID_RECORD"
    assert client.send(topic + "-compacted", [(b"k", None, [])]) == [(0, 0)]


def test_what_was_acknowledged_is_there_after_a_kill(fresh_shop, topic):
    address = fresh_shop.kafka()
    sent = kafka_clients.Confluent(address).send(topic, RECORDS, acks="all", enable_idempotence=True)
    server = fresh_shop.pid()
    os.kill(server, signal.SIGKILL)
    eventually(lambda: not alive(server), what="the end of the server")
    fresh_shop.up()
    found = kafka_clients.KafkaPython(fresh_shop.kafka()).read(topic, len(RECORDS))
    assert [(partition, offset) for partition, offset, *_ in found] == sorted(sent)


def test_metrics_tell_of_kafka_clients(shop, http, address, topic):
    kafka_clients.KafkaPython(address).send(topic, RECORDS)
    text = http.get("/metrics").text
    counted = {line.split(" ")[0]: float(line.split(" ")[1]) for line in text.splitlines() if line.startswith("hansa_kafka_")}
    assert counted["hansa_kafka_records_total"] >= len(RECORDS)
    assert counted['hansa_kafka_requests_total{api="Produce",error="0"}'] >= 1
    assert "hansa_gateway_lease 1" in text


def test_the_state_file_says_where_kafka_clients_go(shop):
    assert json.loads((shop.folder / ".hansa/state.json").read_text())["kafka"] == f"localhost:{shop.kafka().rsplit(':')[-1]}"
