"""Kafka's protocol by hand: frames as they are, for what no client would send."""
import socket
import struct

import crc32c_of

PRODUCE, FETCH, LIST_OFFSETS, METADATA, API_VERSIONS = 0, 1, 2, 3, 18


def text(value):
    return struct.pack(">h", -1) if value is None else struct.pack(">h", len(value)) + value.encode()


def data(value):
    return struct.pack(">i", len(value)) + value


def varint(value):
    value = (value << 1) ^ (value >> 63)
    out = b""
    while True:
        byte, value = value & 0x7F, value >> 7
        if not value:
            return out + bytes([byte])
        out += bytes([byte | 0x80])


def record(offset, value, key=None, time=0):
    field = lambda content: varint(-1) if content is None else varint(len(content)) + content  # noqa: E731
    body = b"\0" + varint(time) + varint(offset) + field(key) + field(value) + varint(0)
    return varint(len(body)) + body


def batch(*values, magic=2, producer=-1, epoch=-1, sequence=-1, count=None, last=None, attributes=0, time=1_700_000_000_000,
          crc=None, keys=None, records=None):
    """A record batch; every field that could be wrong can be."""
    keys = keys or [None] * len(values)
    records = b"".join(record(i, value, key) for i, (value, key) in enumerate(zip(values, keys))) if records is None else records
    count = len(values) if count is None else count
    covered = struct.pack(">hiqqqhii", attributes, count - 1 if last is None else last, time, time, producer, epoch, sequence,
                          count) + records
    crc = crc32c_of.crc32c(covered) if crc is None else crc
    return struct.pack(">qiibI", 0, len(covered) + 9, -1, magic, crc) + covered


class Raw:
    """One connection. `ask` returns the body of the answer, or None where the other side hung up."""

    def __init__(self, address, timeout=10):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout)
        self.number = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, key, version, body, client="raw"):
        self.number += 1
        self.frame(struct.pack(">hhi", key, version, self.number) + text(client) + body)

    def frame(self, content):
        self.socket.sendall(struct.pack(">i", len(content)) + content)

    def take(self, count):
        found = b""
        while len(found) < count:
            try:
                part = self.socket.recv(count - len(found))
            except ConnectionResetError:
                return None
            if not part:
                return None
            found += part
        return found

    def answer(self):
        head = self.take(4)
        if head is None:
            return None
        return self.take(struct.unpack(">i", head)[0])[4:]

    def ask(self, key, version, body, client="raw"):
        self.send(key, version, body, client)
        return self.answer()

    def produce(self, topic, records, acks=-1, partition=0):
        """(error, base offset) of version 7; None where the other side hung up."""
        body = text(None) + struct.pack(">hii", acks, 10_000, 1) + text(topic) + struct.pack(">ii", 1, partition) + data(records)
        answer = self.ask(PRODUCE, 7, body)
        if answer is None:
            return None
        at = 4 + 2 + len(topic) + 4
        _, error, offset = struct.unpack_from(">ihq", answer, at)
        return [error, offset]

    def fetch(self, topic, offset, wait=0, least=0, most=1 << 20, partition_most=1 << 20, partition=0):
        """(error, high watermark, bytes) of version 4."""
        body = struct.pack(">iiiibi", -1, wait, least, most, 0, 1) + text(topic)
        body += struct.pack(">iiqi", 1, partition, offset, partition_most)
        answer = self.ask(FETCH, 4, body)
        if answer is None:
            return None
        at = 4 + 4 + 2 + len(topic) + 4
        _, error, high, _, aborted = struct.unpack_from(">ihqqi", answer, at)
        at += 26 + 16 * max(aborted, 0)
        size = struct.unpack_from(">i", answer, at)[0]
        return error, high, answer[at + 4:at + 4 + max(size, 0)]

    def offset(self, topic, time, partition=0, version=2):
        """(error, time, offset) of ListOffsets."""
        body = struct.pack(">ibi", -1, 0, 1) + text(topic) + struct.pack(">iiq", 1, partition, time)
        answer = self.ask(LIST_OFFSETS, version, body)
        at = 4 + 4 + 2 + len(topic) + 4
        return list(struct.unpack_from(">hqq", answer, at + 4))


def offsets_of(batches):
    """(base offset, records) of each batch."""
    found = []
    while len(batches) >= 61:
        base, length = struct.unpack_from(">qi", batches)
        if len(batches) < 12 + length:      # the beginning of one, which a client passes over
            break
        found.append([base, struct.unpack_from(">i", batches, 57)[0]])
        batches = batches[12 + length:]
    return found
