"""The protocol by hand: what no client would send, and what a fetch gives. See kafka_scenarios.py."""
import struct
import time

from kafka_raw import API_VERSIONS, FETCH, METADATA, batch, offsets_of, text
from kafka_side import scenario


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
