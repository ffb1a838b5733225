"""The schema registry by Confluent's REST API: with Confluent's own client and serializers, and by hand for every error."""
import concurrent.futures
import json
import uuid

import confluent_kafka
import httpx
import pytest
from confluent_kafka.schema_registry import Schema, SchemaReference, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.serialization import MessageField, SerializationContext

import kafka_clients

TYPE = "application/vnd.schemaregistry.v1+json"


def record(*fields, name="Thing", **more):
    return json.dumps({"type": "record", "name": name, "namespace": "test", "fields": list(fields), **more})


def field(name, type="int", **more):
    return {"name": name, "type": type, **more}


ONE, TWO = record(field("a")), record(field("a"), field("b", default=0))
BREAKING = record(field("a"), field("b"))


@pytest.fixture(scope="module")
def url(shop):
    return shop.state()["registry"].replace("localhost", "127.0.0.1")


@pytest.fixture
def api(url):
    with httpx.Client(base_url=url, timeout=30) as client:
        yield client


@pytest.fixture
def subject():
    return f"s-{uuid.uuid4().hex[:8]}-value"


def register(api, subject, schema, **more):
    return api.post(f"/subjects/{subject}/versions", json={"schema": schema, **more})


def said(answer, status, code):
    assert (answer.status_code, answer.json()["error_code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == TYPE
    assert answer.json()["message"]
    return answer.json()["message"]


def test_a_schema_has_one_id_whatever_its_white_space_and_order(api, subject):
    first = register(api, subject, ONE).json()["id"]
    spaced = '{ "name" : "Thing", "fields":[{"type":{"type":"int"},"name":"a"}],\n "namespace":"test","type":"record"}'
    assert register(api, subject, spaced).json()["id"] == first
    assert register(api, "other-" + subject, '{"type":"record","name":"test.Thing","fields":[{"name":"a","type":"int"}]}'
                    ).json()["id"] == first
    assert api.get(f"/subjects/{subject}/versions").json() == [1]
    assert register(api, subject, TWO).json()["id"] != first
    assert api.get(f"/subjects/{subject}/versions").json() == [1, 2]
    found = api.get(f"/subjects/{subject}/versions/latest").json()
    assert json.loads(found["schema"]) == json.loads(TWO) and found["version"] == 2 and found["subject"] == subject
    assert api.post(f"/subjects/{subject}", json={"schema": ONE}).json()["version"] == 1
    assert {"subject": subject, "version": 1} in api.get(f"/schemas/ids/{first}/versions").json()
    assert subject in api.get(f"/schemas/ids/{first}/subjects").json()
    assert json.loads(api.get(f"/schemas/ids/{first}/schema").text) == json.loads(ONE)


ERRORS = [
    ("GET", "/subjects/none/versions", None, 404, 40401),
    ("GET", "/subjects/none/versions/1", None, 404, 40401),
    ("POST", "/subjects/none", {"schema": ONE}, 404, 40401),
    ("GET", "/subjects/SUBJECT/versions/9", None, 404, 40402),
    ("GET", "/schemas/ids/99999999", None, 404, 40403),
    ("POST", "/subjects/SUBJECT", {"schema": '"string"'}, 404, 40403),
    ("DELETE", "/subjects/HIDDEN", None, 404, 40404),
    ("DELETE", "/subjects/SUBJECT?permanent=true", None, 404, 40405),
    ("DELETE", "/subjects/HALF/versions/1", None, 404, 40406),
    ("DELETE", "/subjects/SUBJECT/versions/1?permanent=true", None, 404, 40407),
    ("GET", "/config/SUBJECT", None, 404, 40408),
    ("DELETE", "/config/SUBJECT", None, 404, 40408),
    ("GET", "/mode/SUBJECT", None, 404, 40409),
    ("POST", "/subjects/SUBJECT/versions", {"schema": BREAKING}, 409, 409),
    ("POST", "/subjects/SUBJECT/versions", {"schema": "{}"}, 422, 42201),
    ("POST", "/subjects/SUBJECT/versions", {"schema": "no json"}, 422, 42201),
    ("POST", "/subjects/SUBJECT/versions", {"schema": record(field("a", "nothing"))}, 422, 42201),
    ("POST", "/subjects/SUBJECT/versions", {"schema": ONE, "schemaType": "PROTOBUF"}, 422, 422),
    ("POST", "/subjects/SUBJECT/versions", {"schema": 7}, 422, 422),
    ("POST", "/subjects/SUBJECT/versions", {}, 422, 422),
    ("POST", "/subjects/SUBJECT/versions", {"schema": ONE, "references": [{"name": "x", "subject": "none", "version": 1}]},
     422, 42201),
    ("GET", "/subjects/SUBJECT/versions/0", None, 422, 42202),
    ("GET", "/subjects/SUBJECT/versions/newest", None, 422, 42202),
    ("GET", "/subjects/SUBJECT/versions/99999999999", None, 422, 42202),
    ("PUT", "/config/SUBJECT", {"compatibility": "SIDEWAYS"}, 422, 42203),
    ("PUT", "/mode/SUBJECT", {"mode": "SOMETIMES"}, 422, 42204),
    ("POST", "/subjects/LOCKED/versions", {"schema": TWO}, 422, 42205),
    ("DELETE", "/subjects/USED/versions/1", None, 422, 42206),
    ("DELETE", "/subjects/USED", None, 422, 42206),
    ("GET", "/nothing/here", None, 404, 404),
    ("PUT", "/subjects", None, 405, 405),
]


@pytest.fixture(scope="module")
def subjects(url):
    """Subjects in every state the table of errors asks for."""
    with httpx.Client(base_url=url, timeout=30) as api:
        names = {word: f"{word.lower()}-{uuid.uuid4().hex[:6]}" for word in ("SUBJECT", "HIDDEN", "HALF", "LOCKED", "USED")}
        for name in names.values():
            assert register(api, name, ONE).status_code == 200
        api.delete(f"/subjects/{names['HIDDEN']}")
        register(api, names["HALF"], TWO)
        api.delete(f"/subjects/{names['HALF']}/versions/1")
        api.put(f"/mode/{names['LOCKED']}", json={"mode": "READONLY"})
        reference = {"name": "test.Thing", "subject": names["USED"], "version": 1}
        user = record(field("thing", "test.Thing"), name="User")
        assert register(api, names["USED"] + "-user", user, references=[reference]).status_code == 200
        return names


@pytest.mark.parametrize("method,path,body,status,code", ERRORS, ids=lambda value: str(value)[:60])
def test_errors(api, subjects, method, path, body, status, code):
    for word, name in subjects.items():
        path = path.replace(word, name)
    said(api.request(method, path, json=body), status, code)


def test_deleted_versions_are_hidden_until_they_are_asked_for_and_gone_when_that_is_final(api, subject):
    register(api, subject, ONE)
    register(api, subject, TWO)
    assert api.delete(f"/subjects/{subject}/versions/1").json() == 1
    assert api.get(f"/subjects/{subject}/versions").json() == [2]
    assert api.get(f"/subjects/{subject}/versions?deleted=true").json() == [1, 2]
    assert api.get(f"/subjects/{subject}/versions/1?deleted=true").json()["version"] == 1
    assert api.delete(f"/subjects/{subject}/versions/1?permanent=true").json() == 1
    assert api.get(f"/subjects/{subject}/versions?deleted=true").json() == [2]
    assert register(api, subject, record(field("a"), field("c", default=1), field("b", default=0))).status_code == 200
    assert api.get(f"/subjects/{subject}/versions").json() == [2, 3]
    assert api.delete(f"/subjects/{subject}").json() == [2, 3]
    assert subject not in api.get("/subjects").json()
    assert subject in api.get("/subjects?deleted=true").json()
    assert api.delete(f"/subjects/{subject}?permanent=true").json() == [2, 3]
    assert subject not in api.get("/subjects?deleted=true").json()


# (level, schemas in order, may the last follow)
STEPS = {"plain": ONE, "with default": TWO, "without default": BREAKING, "less": record(), "text": record(field("a", "string")),
         "long": record(field("a", "long")), "with text": record(field("a", "string", default=""))}
VERDICTS = [
    ("NONE", ["plain", "text"], True),
    ("BACKWARD", ["plain", "with default"], True), ("BACKWARD", ["plain", "without default"], False),
    ("BACKWARD", ["plain", "less"], True), ("BACKWARD", ["plain", "long"], True), ("BACKWARD", ["long", "plain"], False),
    ("FORWARD", ["plain", "without default"], True), ("FORWARD", ["plain", "less"], False),
    ("FORWARD", ["long", "plain"], True), ("FORWARD", ["plain", "long"], False),
    ("FULL", ["plain", "with default"], True), ("FULL", ["plain", "without default"], False), ("FULL", ["plain", "less"], False),
    ("BACKWARD", ["plain", "less", "with text"], True), ("BACKWARD_TRANSITIVE", ["plain", "less", "with text"], False),
    ("BACKWARD_TRANSITIVE", ["plain", "with default", "without default"], False),
    ("FORWARD_TRANSITIVE", ["long", "plain", "with default"], True),
    ("FULL_TRANSITIVE", ["plain", "with default", "plain"], True),
]


@pytest.mark.parametrize("level,steps,may", VERDICTS, ids=str)
def test_levels_of_compatibility(api, subject, level, steps, may):
    assert api.put(f"/config/{subject}", json={"compatibility": "NONE"}).status_code == 200
    for step in steps[:-1]:
        assert register(api, subject, STEPS[step]).status_code == 200
    assert api.put(f"/config/{subject}", json={"compatibility": level}).json() == {"compatibility": level}
    judged = api.post(f"/compatibility/subjects/{subject}/versions?verbose=true", json={"schema": STEPS[steps[-1]]}).json()
    assert judged["is_compatible"] == may, judged
    assert bool(judged["messages"]) == (not may)
    assert register(api, subject, STEPS[steps[-1]]).status_code == (200 if may else 409)


def test_an_incompatibility_says_where_and_why(api, subject):
    register(api, subject, ONE)
    message = said(register(api, subject, BREAKING), 409, 409)
    assert "READER_FIELD_MISSING_DEFAULT_VALUE" in message and "/fields/1" in message and "`b`" in message
    assert "oldSchemaVersion: 1" in message and "compatibility: 'BACKWARD'" in message


def test_the_same_schema_gets_the_same_id_from_64_at_once(url):
    name = uuid.uuid4().hex[:8]
    with concurrent.futures.ThreadPoolExecutor(64) as pool, httpx.Client(base_url=url, timeout=60) as api:
        for round in range(5):
            schema = record(field("a"), name=f"T{name}{round}")
            answers = list(pool.map(lambda i: register(api, f"{name}-{i % 16}-{round}", schema), range(64)))
            assert {answer.status_code for answer in answers} == {200}, answers[0].text
            assert len({answer.json()["id"] for answer in answers}) == 1
            assert api.get(f"/subjects/{name}-0-{round}/versions").json() == [1]


def test_different_schemas_at_once_get_dense_versions(url, subject):
    with concurrent.futures.ThreadPoolExecutor(16) as pool, httpx.Client(base_url=url, timeout=60) as api:
        api.put(f"/config/{subject}", json={"compatibility": "NONE"})
        answers = list(pool.map(lambda i: register(api, subject, record(field(f"f{i}"))), range(16)))
        assert {answer.status_code for answer in answers} == {200}, [answer.text for answer in answers]
        assert len({answer.json()["id"] for answer in answers}) == 16
        assert api.get(f"/subjects/{subject}/versions").json() == list(range(1, 17))


def test_json_schema_is_kept_and_read(api, subject):
    schema = '{"type": "object", "properties": {"a": {"type": "integer"}}}'
    number = register(api, subject, schema, schemaType="JSON").json()["id"]
    found = api.get(f"/schemas/ids/{number}").json()
    assert found["schemaType"] == "JSON" and json.loads(found["schema"]) == json.loads(schema)
    other = '{"type": "object"}'
    assert "not decided" in said(register(api, subject, other, schemaType="JSON"), 409, 409)
    api.put(f"/config/{subject}", json={"compatibility": "NONE"})
    assert register(api, subject, other, schemaType="JSON").status_code == 200
    assert set(api.get("/schemas/types").json()) == {"AVRO", "JSON"}


def test_ids_of_an_import_are_kept(api, subject):
    assert api.put(f"/mode/{subject}", json={"mode": "IMPORT"}).status_code == 200
    number = 50_000 + int(uuid.uuid4().hex[:4], 16)
    schema = record(field("a"), name="I" + uuid.uuid4().hex[:8])
    assert register(api, subject, schema, id=number, version=3).json()["id"] == number
    assert api.get(f"/subjects/{subject}/versions").json() == [3]
    api.delete(f"/mode/{subject}")
    assert register(api, "later-" + subject, record(field("z"), name="L" + uuid.uuid4().hex[:8])).json()["id"] > number


def test_the_contracts_schemas_are_in_it(api):
    names = {"products-product-v1-value", "orders-order-v1-value", "orders-order_placed-v1-value"}
    assert names <= set(api.get("/subjects").json())
    assert api.get("/config/products-product-v1-value").json() == {"compatibilityLevel": "FULL_TRANSITIVE"}


def test_it_is_also_below_the_main_port(shop, api):
    with shop.client() as http:
        assert http.get("/-/registry/subjects").json() == api.get("/subjects").json()
        said(http.get("/-/registry/subjects/none/versions"), 404, 40401)
        assert http.get("/-/registryx").status_code == 404


def test_a_page_of_another_site_cannot_write(api, subject):
    said(api.post(f"/subjects/{subject}/versions", json={"schema": ONE}, headers={"Origin": "https://evil.example"}), 403, 40301)
    said(api.post(f"/subjects/{subject}/versions", json={"schema": ONE}, headers={"Host": "evil.example"}), 403, 40301)
    assert api.get("/subjects", headers={"Origin": "https://evil.example"}).status_code == 200


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 5000, b'{"schema": "' + b"[" * 5000 + b'"}', b"\xff", b'{"schema": null}',
                                  json.dumps({"schema": record(field("a", "x" * 100_000))}).encode()], ids=lambda b: str(b[:12]))
def test_hostile_bodies_are_refused(api, subject, body):
    answer = api.post(f"/subjects/{subject}/versions", content=body, headers={"Content-Type": TYPE})
    assert answer.status_code == 422, answer.text
    assert subject not in api.get("/subjects?deleted=true").json()


def test_confluents_client_and_serializers(shop, url, subject):
    client = SchemaRegistryClient({"url": url})
    topic = subject.removesuffix("-value")
    user = json.dumps({"type": "record", "name": "User", "namespace": "test", "fields": [
        field("name", "string"), field("age", ["null", "int"], default=None)]})
    write, read = AvroSerializer(client, user), AvroDeserializer(client)
    context = SerializationContext(topic, MessageField.VALUE)
    people = [{"name": "Ada", "age": 36}, {"name": "Zoë", "age": None}]
    kafka_clients.Confluent(shop.kafka()).send(topic, [(None, write(person, context), []) for person in people])
    found = kafka_clients.Confluent(shop.kafka()).read(topic, 2)
    assert [read(value, context) for _, _, _, value, _ in found] == people
    assert client.get_subjects().count(subject) == 1
    assert client.get_latest_version(subject).version == 1
    assert client.test_compatibility(subject, Schema(user, "AVRO"))
    with pytest.raises(SchemaRegistryError) as error:
        client.register_schema(subject, Schema(user.replace('"string"', '"bytes"').replace('"User"', '"Other"'), "AVRO"))
    assert error.value.http_status_code == 409
    wrapped = json.dumps({"type": "record", "name": "Team", "fields": [field("lead", "test.User")]})
    number = client.register_schema(topic + "-team", Schema(wrapped, "AVRO", [SchemaReference("test.User", subject, 1)]))
    assert client.get_schema(number).references[0].subject == subject
    assert client.delete_subject(topic + "-team") == [1]


def test_events_of_a_contract_are_read_with_confluents_deserializer(shop, url, make_product):
    product = make_product(name="Framed", price=12.5)
    read = AvroDeserializer(SchemaRegistryClient({"url": url}))
    reader = confluent_kafka.Consumer({"bootstrap.servers": shop.kafka(), "group.id": uuid.uuid4().hex,
                                       "auto.offset.reset": "earliest"})
    reader.subscribe(["products-product-v1"])
    try:
        for _ in range(100):
            message = reader.poll(0.5)
            if message and message.key() == str(product).encode():
                value = read(message.value(), SerializationContext(message.topic(), MessageField.VALUE))
                assert value["name"] == "Framed" and str(value["price"]) == "12.50"
                return
        raise AssertionError("the event did not come")
    finally:
        reader.close()
