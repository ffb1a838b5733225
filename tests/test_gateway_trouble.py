"""What the gateway has to stand: clients that are slow, half open, hostile or many, beside one that works; and several
processes, of which one serves."""
import contextlib
import gzip
import os
import random
import re
import socket
import struct
import threading
import time

import confluent_kafka
import httpx
import pytest
from confluent_kafka.admin import AdminClient, NewTopic

import kafka_clients
import kafka_raw
from event_world import Server
from running import applied_shop, eventually, free_port, resident_bytes

PRODUCE, METADATA = 0, 3


@pytest.fixture(scope="module")
def address(shop):
    return shop.kafka()


@pytest.fixture(scope="module")
def topic(address):
    admin = AdminClient({"bootstrap.servers": address})
    admin.create_topics([NewTopic("trouble", 1, 1)])["trouble"].result(30)
    return "trouble"


def connect(address):
    host, port = address.rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=20)


def is_closed(peer, within=20):
    peer.settimeout(within)
    try:
        return peer.recv(1) == b""
    except ConnectionResetError:
        return True


@contextlib.contextmanager
def closed_by_peer():
    """The other side may hang up within; it may not be silent."""
    try:
        yield
    except TimeoutError:
        raise
    except OSError:
        pass


def send_some(address, topic, count=20):
    """A client that works; how long it took for each record, one after the other, acknowledged."""
    producer, times = confluent_kafka.Producer({"bootstrap.servers": address, "acks": "all", "linger.ms": 0}), []
    for _ in range(count):
        began, errors = time.monotonic(), []
        producer.produce(topic, b"value", on_delivery=lambda error, _, errors=errors: errors.append(error))
        assert producer.flush(20) == 0 and errors == [None], errors
        times.append(time.monotonic() - began)
    return sorted(times)


@pytest.mark.parametrize("head", [struct.pack(">i", length) for length in (-1, 0, 3, 2**31 - 1, -2**31, 100 << 20)] +
                         [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 64], ids=str)
def test_what_is_no_frame_ends_the_connection(address, topic, head):
    with connect(address) as peer:
        peer.sendall(head + b"\0" * 64)
        assert is_closed(peer)
    send_some(address, topic, 1)


def test_rubbish_behind_a_right_head_changes_nothing(shop, address, topic):
    """Bodies of noise for every API and version: each is answered, or ends its own connection; none costs memory."""
    dice, before = random.Random(20261124), resident_bytes(shop.pid())
    for key in range(0, 70):
        for version in range(0, 6):
            noise = bytes(dice.getrandbits(8) for _ in range(dice.randint(0, 60)))
            if dice.random() < 0.5:  # lengths that promise much
                noise = dice.choice([b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff\x07", b"\x80" * 12]) + noise
            body = struct.pack(">hhih", key, version, 1, 1) + b"x" + noise
            with connect(address) as peer:
                peer.settimeout(20)
                with closed_by_peer():
                    peer.sendall(struct.pack(">i", len(body)) + body)
                    peer.shutdown(socket.SHUT_WR)
                    while peer.recv(1 << 16):
                        pass
    assert resident_bytes(shop.pid()) - before < 128 << 20
    send_some(address, topic, 1)


def test_a_bomb_is_refused_before_it_is_unpacked(shop, address, topic):
    bomb = gzip.compress(bytes(900 << 20), 9)
    assert len(bomb) < 1_000_000
    before = resident_bytes(shop.pid())
    with kafka_raw.Raw(address) as raw:
        packed = kafka_raw.batch(attributes=1, count=1, last=0, records=bomb)
        began = time.monotonic()
        assert raw.produce(topic, packed)[0] != 0
        assert time.monotonic() - began < 10
    assert resident_bytes(shop.pid()) - before < 256 << 20
    send_some(address, topic, 1)


def test_slow_and_half_open_clients_delay_nobody(shop, address, topic):
    quiet = send_some(address, topic, 50)
    before, peers = resident_bytes(shop.pid()), []
    try:
        for i in range(200):
            peer = connect(address)
            peers.append(peer)
            if i % 3 == 1:    # a frame that never ends
                peer.sendall(struct.pack(">i", 8 << 20) + struct.pack(">hhih", PRODUCE, 9, 1, -1))
            elif i % 3 == 2:  # asks, and does not read
                body = struct.pack(">hhihi", METADATA, 1, 1, -1, -1)
                with contextlib.suppress(BlockingIOError):
                    peer.setblocking(False)
                    for _ in range(2000):
                        peer.send(struct.pack(">i", len(body)) + body)
        beside = send_some(address, topic, 50)
        assert resident_bytes(shop.pid()) - before < 256 << 20
        assert beside[25] < max(20 * quiet[25], 0.5), (quiet[25], beside[25])
    finally:
        for peer in peers:
            peer.close()
    send_some(address, topic, 1)


def test_twenty_consumers_that_join_and_leave_delay_no_producer(address, topic):
    ending, seen = threading.Event(), set()

    def come_and_go(seed):
        dice = random.Random(seed)
        while not ending.is_set():
            consumer = confluent_kafka.Consumer({"bootstrap.servers": address, "group.id": "many", "auto.offset.reset": "earliest",
                                                 "session.timeout.ms": 6000})
            consumer.subscribe([topic])
            until = time.monotonic() + dice.uniform(0.2, 1.5)
            while time.monotonic() < until and not ending.is_set():
                for record in consumer.consume(100, 0.1):
                    if record.error() is None:
                        seen.add(record.offset())
            consumer.close()

    threads = [threading.Thread(target=come_and_go, args=[i]) for i in range(20)]
    for thread in threads:
        thread.start()
    try:
        times = send_some(address, topic, 50)
        time.sleep(5)
        times += send_some(address, topic, 50)
    finally:
        ending.set()
        for thread in threads:
            thread.join(60)
    assert sorted(times)[50] < 1, sorted(times)[50]
    found = kafka_clients.Confluent(address).read(topic, 100, group="many")  # who comes last gets all that is left
    assert seen or found


def lease(server):
    text = httpx.get(server.url + "/metrics", timeout=20).text
    found = re.search(r"^hansa_gateway_lease (\d)", text, re.M)
    return bool(found) and found[1] == "1"


def test_one_of_two_processes_serves_and_the_other_takes_over():
    with applied_shop() as (folder, mesh, _):
        ports = [free_port(), free_port()]
        servers = [Server(mesh, folder / f"log{port}", "--kafka-port", str(port)) for port in ports]
        try:
            for server in servers:
                server.start()
                server.wait_until_listening()
            eventually(lambda: sum(map(lease, servers)) == 1, what="one that serves")
            first = 0 if lease(servers[0]) else 1
            other = 1 - first
            through_the_other = f"127.0.0.1:{ports[other]}"
            admin = AdminClient({"bootstrap.servers": through_the_other})
            assert {broker.port for broker in admin.list_topics(timeout=20).brokers.values()} == {ports[first]}
            admin.create_topics([NewTopic("both", 1, 1)])["both"].result(30)
            places = []
            producer = confluent_kafka.Producer({
                "bootstrap.servers": ",".join(f"127.0.0.1:{port}" for port in ports), "enable.idempotence": True,
                "reconnect.backoff.max.ms": 200, "log_level": 0})

            def send(count):
                for _ in range(count):
                    producer.produce("both", b"v", on_delivery=lambda error, record: places.append(error or record.offset()))
                assert producer.flush(40) == 0

            send(10)
            os.kill(servers[first].process.pid, 9)
            servers[first].process.wait()
            send(10)
            assert places == list(range(20))
            assert lease(servers[other])
            brokers = AdminClient({"bootstrap.servers": through_the_other}).list_topics(timeout=20).brokers
            assert {broker.port for broker in brokers.values()} == {ports[other]}
            servers[first].start()
            servers[first].wait_until_listening()
            send(10)
            assert places == list(range(30)) and not lease(servers[first])
            assert len(kafka_clients.Confluent(f"127.0.0.1:{ports[first]}").read("both", 30)) == 30
        finally:
            for server in servers:
                server.stop()
