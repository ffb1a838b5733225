"""`hansa events produce`: lines become records by the door of Kafka clients; what a contract demands is said before anything
is sent."""
import json

import confluent_kafka
import httpx
import pytest
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

import kafka_clients
from running import Mesh, copy_shop, edit, eventually, short_folder
from test_tutorial_producer import CONTRACT, ORDER, declare

PARTNERS = CONTRACT.replace("order_message", "partner_order").replace("orders-topic", "partner-orders").replace(
    "{property: hansa.format, value: json}", "{property: hansa.partitions, value: 3}").replace(
    "name: order_id, logicalType: integer, required: true}",
    "name: order_id, logicalType: integer, required: true, primaryKey: true, primaryKeyPosition: 1}")


@pytest.fixture(scope="module")
def mesh():
    with short_folder() as parent:
        mesh = Mesh(copy_shop(parent / "shop"))
        declare(mesh.folder)
        sales = mesh.folder / "domains/orders/sales"
        (sales / "partner_order.v1.odcs.yaml").write_text(PARTNERS)
        with open(sales / "sales.odps.yaml", "a") as file:
            file.write("  - {name: partner_order, version: '1', type: kafka, contractId: orders-partner_order-v1}\n")
        try:
            mesh.up()
            yield mesh
        finally:
            mesh.end()


def produce(mesh, topic, *arguments, lines=None, check=0):
    done = mesh.hansa("events", "produce", topic, "--mesh", mesh.folder, "--json", *arguments,
                      input=None if lines is None else "".join(line + "\n" for line in lines), check=check)
    return [json.loads(line) for line in done.stdout.splitlines()] if check == 0 else documents(done.stdout)[-1]["error"]


def documents(text):
    """Of a stream of JSON: what jq would see."""
    found, at = [], 0
    while text[at:].strip():
        document, end = json.JSONDecoder().raw_decode(text[at:].lstrip())
        found.append(document)
        at += len(text[at:]) - len(text[at:].lstrip()) + end
    return found


def records(mesh, topic, count):
    return kafka_clients.Confluent(mesh.state()["kafka"].replace("localhost", "127.0.0.1")).read(topic, count)


def test_lines_are_records_of_a_topic_of_nobody(mesh, tmp_path):
    file = tmp_path / "lines"
    file.write_bytes(b"one\r\n\ntwo\nlast without an end")
    told = produce(mesh, "plain", file, "--create", "--header", "a=1", "--header", "b=", "--key", "k")
    assert [(each["offset"], each["line"]) for each in told] == [(0, 1), (1, 3), (2, 4)]
    assert [each[2:] for each in records(mesh, "plain", 3)] == [
        (b"k", value, [("a", b"1"), ("b", b"")]) for value in (b"one", b"two", b"last without an end")]
    produce(mesh, "plain", "--key", "k", "--tombstone")
    produce(mesh, "plain", "--value", "")
    assert [each[2:4] for each in records(mesh, "plain", 5)[3:]] == [(b"k", None), (None, b"")]


def test_orders_told_by_hand_move_the_stock(mesh):
    told = produce(mesh, "orders-topic", "-", "--key-of", "order_id", lines=[json.dumps(ORDER)])
    assert told == [{"topic": "orders-topic", "partition": 0, "offset": told[0]["offset"], "line": 1}]
    assert records(mesh, "orders-topic", told[0]["offset"] + 1)[-1][2:4] == (b"1", json.dumps(ORDER).encode())
    with httpx.Client(base_url=mesh.url) as http:
        eventually(lambda: http.get("/products/v1/product/1").json()["stock"] == 48, what="the order moved the stock")


def test_a_topic_in_avro_takes_json_and_keeps_what_every_deserializer_reads(mesh):
    orders = [{**ORDER, "order_id": number} for number in range(1, 21)]
    told = produce(mesh, "partner-orders", "-", lines=map(json.dumps, orders))
    assert sorted(each["line"] for each in told) == list(range(1, 21)) and len({each["partition"] for each in told}) == 3
    decode = AvroDeserializer(SchemaRegistryClient({"url": mesh.state()["registry"].replace("localhost", "127.0.0.1")}))
    found = {key: decode(value, SerializationContext("partner-orders", MessageField.VALUE))
             for _, _, key, value, _ in records(mesh, "partner-orders", 20)}
    assert {key: value["order_id"] for key, value in found.items()} == {str(n).encode(): n for n in range(1, 21)}
    assert {value["timestamp"].isoformat() for value in found.values()} == {"2026-01-01T10:00:00+00:00"}
    # As Java's producer places keys, and so kafka-python's.
    from kafka.partitioner.default import murmur2
    assert {each["partition"] for each in told if each["line"] == 7} == {(murmur2(b"7") & 0x7fffffff) % 3}


@pytest.mark.parametrize("topic", ["orders-topic", "partner-orders"])
@pytest.mark.parametrize("line,word", [("{", "JSON"), ("[]", "object"), ('{"order_id": 1}', "`event_type` is required"),
                                       (json.dumps({**ORDER, "quantity": "many"}), "`quantity`")])
def test_the_first_mistake_ends_it_and_is_told_with_its_line(mesh, topic, line, word):
    before = json.loads(mesh.hansa("events", "list", mesh.folder, "--json", check=0).stdout)
    error = produce(mesh, topic, "-", lines=[json.dumps(ORDER), line, json.dumps(ORDER)], check=3)
    assert error["code"] == "H7024" and error["detail"].startswith("line 2: ") and word in error["detail"]
    assert "1 records are in the topic" in error["hint"]
    after = json.loads(mesh.hansa("events", "list", mesh.folder, "--json", check=0).stdout)

    def held(listed):
        return next(each["records"] for each in listed["topics"] if each["name"] == topic)
    assert held(after) == held(before) + 1


@pytest.mark.parametrize("arguments,code,status", [
    (("ordrs-topic", "--value", "x"), "H7005", 64), (("products-product-v1", "--value", "{}"), "H7029", 1),
    (("orders-order_placed-v1", "--value", "{}"), "H7029", 1), (("plain", "/nowhere"), "H6", None),
    (("plain", "--value", "x", "--partition", "7"), "H7005", 64), (("plain", "--tombstone"), "H6001", 64),
    (("plain", "--value", "x", "--key", "a", "--key-of", "b"), "H6001", 64), (("plain", "--value", "x", "--header", "=1"), "H6001", 64),
    (("orders-topic", "--value", json.dumps(ORDER), "--key-of", "nothing"), "H7024", 3),
    (("plain", "--value", "x", "--broker", "127.0.0.1:1"), "H7028", 4)], ids=str)
def test_what_cannot_be_is_said(mesh, arguments, code, status):
    produce(mesh, "plain", "--value", "there", "--create")
    done = mesh.hansa("events", "produce", *arguments, "--mesh", mesh.folder, "--json")
    assert json.loads(done.stdout)["error"]["code"].startswith(code), done.stdout
    assert done.returncode == status if status else done.returncode != 0


def test_a_record_above_the_limit_is_refused_and_those_before_it_stay(mesh):
    error = produce(mesh, "plain", "-", "--create", lines=["small", "x" * 2_000_000], check=1)
    assert error["code"] == "H5028" and error["detail"].startswith("line 2: ")


def test_people_are_told_where_their_records_are(mesh):
    done = mesh.hansa("events", "produce", "told", "--value", "x", "--create", "--mesh", mesh.folder, check=0)
    assert done.stdout == "1 record is stored in told: 0@0\n"
    done = mesh.hansa("events", "produce", "told", "--mesh", mesh.folder, input="a\nb\n", check=0)
    assert done.stdout == "2 records are stored in told: 0@1..2\n"
    assert mesh.hansa("events", "produce", "told", "--mesh", mesh.folder, input="", check=0).stdout.startswith("nothing was given")


def test_many_lines_keep_their_order(mesh):
    lines = [f"{number}" for number in range(30_000)]
    assert len(produce(mesh, "many", "-", "--create", lines=lines)) == len(lines)
    assert [each[3].decode() for each in records(mesh, "many", len(lines))] == lines


def test_a_topic_that_clients_made_is_taken_over_by_a_contract(mesh):
    produce(mesh, "late-orders", "--value", json.dumps(ORDER), "--create")
    sales = mesh.folder / "domains/orders/sales"
    (sales / "late.v1.odcs.yaml").write_text(CONTRACT.replace("order_message", "late").replace("orders-topic", "late-orders"))
    edit(sales / "sales.odps.yaml", "  - {name: partner_order,",
         "  - {name: late, version: '1', type: kafka, contractId: orders-late-v1}\n  - {name: partner_order,")
    applied = mesh.hansa("apply", mesh.folder, "--yes", check=0)
    assert "take topic late-orders over from Kafka clients" in applied.stdout

    def judged():
        return mesh.hansa("events", "produce", "late-orders", "--value", "{}", "--mesh", mesh.folder, "--json").returncode == 3
    eventually(judged, what="the topic has a contract")
    address = mesh.state()["kafka"].replace("localhost", "127.0.0.1")

    def refused():
        # A new one each time: one that was refused as not allowed, in the moments before, stays so.
        confluent, fates = confluent_kafka.Producer({"bootstrap.servers": address}), []
        confluent.produce("late-orders", b"{}", on_delivery=lambda error, _: fates.append(error))
        confluent.flush(20)
        return fates[0] is not None and fates[0].name() == "INVALID_RECORD"
    eventually(refused, what="the gateway holds records against the contract")
    assert produce(mesh, "late-orders", "--value", json.dumps(ORDER))[0]["offset"] >= 1
