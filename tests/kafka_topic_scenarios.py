"""Topics and their settings, as clients administer them. See kafka_scenarios.py."""
import time

import confluent_kafka
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource, NewPartitions, NewTopic, OffsetSpec

import kafka_clients
from kafka_side import WITHIN, named, scenario, texts


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
