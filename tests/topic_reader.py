"""Topics as their segments hold them, read by no code of Hansa's: Kafka's record batch v2, Confluent's framing, Avro.

Every claim of a segment is checked on the way: its checksum, its offsets, its place behind the one before it.
"""
import dataclasses
import json
import struct

HEAD = struct.Struct(">qiibIhiqqqhii")
UNTIL_CRC_ENDS = 21  # what the checksum covers begins here


def crc32c_table():
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        yield byte


TABLE = tuple(crc32c_table())


def crc32c(octets):
    crc = 0xFFFFFFFF
    for octet in octets:
        crc = TABLE[(crc ^ octet) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


class Octets:
    """Reads forwards through bytes."""

    def __init__(self, octets):
        self.octets, self.at = octets, 0

    def take(self, count):
        assert 0 <= count <= len(self.octets) - self.at, "ends too early"
        self.at += count
        return self.octets[self.at - count:self.at]

    def varint(self):
        value = shift = 0
        while True:
            octet = self.take(1)[0]
            value |= (octet & 0x7F) << shift
            shift += 7
            if octet < 0x80:
                return value >> 1 ^ -(value & 1)

    def sized(self):
        """Bytes behind their length; -1 is none at all."""
        length = self.varint()
        return None if length < 0 else self.take(length)

    def ended(self):
        return self.at == len(self.octets)


@dataclasses.dataclass(frozen=True)
class Record:
    partition: int
    offset: int
    key: str
    value: object  # as JSON would have it; None: a tombstone
    headers: dict

    @property
    def op(self):
        return self.headers.get("hansa_op")


def records_of(partition, base, following, batch, decode, compacted):
    (first, length, _, magic, crc, attributes, last, _, _, _, _, _, count) = HEAD.unpack_from(batch)
    assert first == base and length == len(batch) - 12 and magic == 2, "the head of a batch is wrong"
    assert crc == crc32c(batch[UNTIL_CRC_ENDS:]), f"the checksum of the batch at {base} is wrong"
    assert attributes & 0x7 == 0, "compressed: this reader does not know how"
    assert last == following - base - 1 and (compacted or last == count - 1), f"offsets of the batch at {base} are not dense"
    rest = Octets(batch[HEAD.size:])
    before = -1
    for _ in range(count):
        record = Octets(rest.sized())
        record.take(1)
        record.varint()
        number = record.varint()
        assert before < number <= last and (compacted or number == before + 1), "offsets within a batch are not dense"
        before = number
        key, value = record.sized(), record.sized()
        headers = {}
        for _ in range(record.varint()):
            name = record.sized().decode()
            headers[name] = (record.sized() or b"").decode()
        assert record.ended()
        yield Record(partition, base + number, key.decode(), None if value is None else decode(value), headers)
    assert rest.ended()


def avro_value(schema, octets):
    kind = schema["type"] if isinstance(schema, dict) else schema
    if isinstance(schema, list):
        return avro_value(schema[octets.varint()], octets)
    if kind == "record":
        return {field["name"]: avro_value(field["type"], octets) for field in schema["fields"]}
    if kind in ("int", "long"):
        return octets.varint()
    if kind == "string":
        return octets.sized().decode()
    assert kind == "null", f"this reader does not know {kind}"
    return None


class TopicReader:
    """`query` runs SQL with parameters and returns rows; the topic's database is its."""

    def __init__(self, query):
        self.query = query
        self.schemas = {}

    def decode(self, value):
        if value[0] != 0:
            return json.loads(value)
        number = int.from_bytes(value[1:5], "big")
        if number not in self.schemas:
            self.schemas[number] = json.loads(self.query("select schema from hansa.event_schema where id = %s", number)[0][0])
        octets = Octets(value[5:])
        out = avro_value(self.schemas[number], octets)
        assert octets.ended()
        return out

    def read(self, topic, compacted=False):
        """All records, partition by partition. Only a topic that is `compacted` may have holes."""
        partitions = self.query("select partition from hansa.topic_partition p join hansa.topic t on t.id = p.topic "
                                "where t.name = %s order by 1", topic)
        assert partitions, f"there is no topic {topic}"
        out = []
        for (partition,) in partitions:
            # One statement: the log goes on between two, and the end would not fit the segments.
            rows = self.query(
                "select p.start_offset, p.next_offset, s.base_offset, s.next_offset, s.records, s.batch "
                "from hansa.topic t join hansa.topic_partition p on p.topic = t.id "
                "left join hansa.segment s on s.topic = t.id and s.partition = p.partition "
                "where t.name = %s and p.partition = %s order by s.base_offset", topic, partition)
            place, end = rows[0][:2]
            for _, _, base, following, count, batch in rows:
                if base is None:
                    continue  # the row of a partition without segments
                assert base == place or (compacted and base > place), (
                    f"{topic}/{partition}: a segment begins at {base}, the one before ends at {place}")
                records = list(records_of(partition, base, following, bytes(batch), self.decode, compacted))
                assert count == len(records)
                out += records
                place = following
            assert place == end, f"{topic}/{partition}: ends at {place}, should end at {end}"
        ids = [record.headers["ce_id"] for record in out]
        assert len(set(ids)) == len(ids), f"{topic}: an event's id stands there twice"
        return out
