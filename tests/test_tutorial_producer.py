"""The producer of the tutorial whose wiring Hansa replaces: kafka-python, JSON, topic orders-topic. With nothing declared the
topic is one of nobody's; declared as a topic that clients write, its orders move the stock."""
import json
import uuid

import confluent_kafka
import kafka
import pytest

import kafka_clients
from running import Mesh, copy_shop, edit, eventually, short_folder

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: orders-order_message-v1
name: Order message
version: 1.0.0
status: active
description: {purpose: Orders that shops of partners send as messages}
schema:
  - name: order_message
    logicalType: object
    physicalType: topic
    physicalName: orders-topic
    description: A partner's customer ordered one product
    customProperties: [{property: hansa.format, value: json}]
    properties:
      - {name: event_type, logicalType: string, required: true}
      - {name: order_id, logicalType: integer, required: true}
      - {name: product_id, logicalType: integer, required: true}
      - {name: quantity, logicalType: integer, required: true}
      - {name: timestamp, logicalType: timestamp, logicalTypeOptions: {timezone: true}, required: true}
"""
REACTION = """\
-- each effect
update products.product p set stock = p.stock - e.quantity
  from events e where p.id = e.product_id and p.stock >= e.quantity
"""
ORDER = {"event_type": "OrderPlaced", "order_id": 1, "product_id": 1, "quantity": 2, "timestamp": "2026-01-01T10:00:00Z"}


def declare(folder):
    sales, catalog = folder / "domains/orders/sales", folder / "domains/products/catalog"
    (sales / "order_message.v1.odcs.yaml").write_text(CONTRACT)
    with open(sales / "sales.odps.yaml", "a") as file:
        file.write("  - {name: order_message, version: '1', type: kafka, contractId: orders-order_message-v1}\n")
    edit(catalog / "catalog.odps.yaml", "outputPorts:",
         "  - {name: order_message, version: '1', contractId: orders-order_message-v1}\noutputPorts:")
    (catalog / "on/order_message.sql").write_text(REACTION)


@pytest.fixture(scope="module")
def mesh():
    with short_folder() as parent:
        mesh = Mesh(copy_shop(parent / "shop"))
        declare(mesh.folder)
        try:
            mesh.up()
            yield mesh
        finally:
            mesh.end()


def send(address, value, topic="orders-topic"):
    producer = kafka.KafkaProducer(bootstrap_servers=[address], value_serializer=lambda v: json.dumps(v).encode("utf-8"))
    try:
        sent = producer.send(topic, value=value)
        producer.flush()
        return sent.get(20)
    finally:
        producer.close()


def stock(mesh):
    with mesh.client() as http:
        return http.get("/products/v1/product/1").json()["stock"]


def test_an_order_sent_as_the_tutorial_does_moves_the_stock(mesh):
    assert stock(mesh) == 50
    send(mesh.kafka(), ORDER)
    eventually(lambda: stock(mesh) == 48, what="stock 48")


@pytest.mark.parametrize("codec", ("gzip", "snappy", "lz4", "zstd"))
def test_compressed_orders_move_it_too(mesh, codec):
    before = stock(mesh)
    records = [(None, json.dumps({**ORDER, "order_id": i, "quantity": 1}).encode(), []) for i in range(3)]
    kafka_clients.Confluent(mesh.kafka()).send("orders-topic", records, codec=codec)
    eventually(lambda: stock(mesh) == before - 3, what="the stock of all three")


@pytest.mark.parametrize("value,place", [
    (b"not json", "no JSON"), (b"[1]", "no JSON object"), (b'{"order_id": 1}', "event_type"),
    (json.dumps({**ORDER, "quantity": "many"}).encode(), "quantity"), (None, "value"),
    (json.dumps({**ORDER, "timestamp": "yesterday"}).encode(), "timestamp")])
def test_what_the_contract_does_not_say_is_refused(mesh, value, place):
    before = stock(mesh)
    producer = confluent_kafka.Producer({"bootstrap.servers": mesh.kafka()})
    errors = []
    producer.produce("orders-topic", value, on_delivery=lambda error, _: errors.append(error))
    assert producer.flush(20) == 0
    assert errors[0].name() == "INVALID_RECORD"
    assert stock(mesh) == before


def test_a_good_record_beside_a_bad_one_is_refused_with_it(mesh):
    before = stock(mesh)
    producer = confluent_kafka.Producer({"bootstrap.servers": mesh.kafka(), "linger.ms": 200})
    errors = []
    for value in (json.dumps(ORDER), "{}"):
        producer.produce("orders-topic", value, on_delivery=lambda error, _: errors.append(error))
    assert producer.flush(20) == 0
    assert errors[0].name() == "INVALID_RECORD" and errors[1].name() == "INVALID_RECORD"
    assert stock(mesh) == before


def test_another_domain_may_not_write_it(mesh):
    def as_domain(name):
        return kafka_clients.Confluent(mesh.kafka(), **{"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN",
                                                        "sasl.username": name, "sasl.password": "any"})

    record = [(None, json.dumps({**ORDER, "quantity": 1}).encode(), [])]
    with pytest.raises(confluent_kafka.KafkaException) as error:
        as_domain("products").send("orders-topic", record)
    assert error.value.args[0].name() == "TOPIC_AUTHORIZATION_FAILED"
    before = stock(mesh)
    as_domain("orders").send("orders-topic", record)
    eventually(lambda: stock(mesh) == before - 1, what="the stock")


def test_without_a_declaration_the_topic_is_made_by_its_use(shop):
    topic = f"orders-topic-{uuid.uuid4().hex[:6]}"
    assert send(shop.kafka(), ORDER, topic).offset == 0
    assert kafka_clients.KafkaPython(shop.kafka()).read(topic, 1)[0][3] == json.dumps(ORDER).encode()
