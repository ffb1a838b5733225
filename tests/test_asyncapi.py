"""The AsyncAPI documents and their pages: valid by AsyncAPI's own parser, at one with OpenAPI, and fit to be read."""
import decimal
import json
import shutil
import subprocess

import jsonschema
import psycopg2
import pytest

import browsing
import event_mesh
from running import ROOT, Mesh, eventually, short_folder
from topic_reader import TopicReader

DOMAINS = ["orders", "products", "users"]
NODE = ROOT / "tests/node"
WIDTHS = {"desktop": 1280, "phone": 390}


@pytest.fixture(scope="module")
def mesh():
    with short_folder() as parent:
        one = Mesh(event_mesh.write(parent / "shop"))
        try:
            one.up()
            yield one
        finally:
            one.end()


def exact(text):
    """JSON with numbers as they are written: 19.9 is a multiple of 0.01, but not as binary fractions."""
    return json.loads(text, parse_float=decimal.Decimal)


@pytest.fixture(scope="module")
def texts(mesh):
    with mesh.client() as http:
        answers = {domain: http.get(f"/{domain}/asyncapi.json") for domain in DOMAINS}
    assert all(answer.headers["content-type"] == "application/json" for answer in answers.values())
    return {domain: answer.text for domain, answer in answers.items()}


@pytest.fixture(scope="module")
def documents(texts):
    return {domain: exact(text) for domain, text in texts.items()}


def judged(folder, texts):
    """What AsyncAPI's parser and an Avro library say of each document."""
    if not shutil.which("node"):
        pytest.skip("node is not installed")
    if not (NODE / "node_modules/@asyncapi/parser").exists():
        pytest.skip("AsyncAPI's parser is not there: no npm registry was reached; run script/bootstrap --tests")
    files = {}
    for name, text in texts.items():
        files[name] = folder / f"{name}.json"
        files[name].write_text(text)
    done = subprocess.run(["node", NODE / "validate-asyncapi.mjs", *files.values()], capture_output=True, text=True,
                          timeout=120)
    assert done.returncode == 0, done.stderr
    verdicts = json.loads(done.stdout)
    return {name: verdicts[str(file)] for name, file in files.items()}


def test_asyncapis_own_parser_finds_no_fault(texts, tmp_path):
    verdicts = judged(tmp_path, texts)
    assert {name: verdict["faults"] for name, verdict in verdicts.items()} == {name: [] for name in DOMAINS}
    assert sorted(verdicts["orders"]["avro"]) == ["shop.orders.v1.Order", "shop.orders.v1.OrderPlaced",
                                                  "shop.products.v1.Product"]


def test_it_would_find_them(texts, tmp_path):
    text = texts["orders"]
    wrong = {
        "no action": text.replace('"action": "send"', '"action": "sent"', 1),
        "no such channel": text.replace('"$ref": "#/channels/orders-order_placed-v1"', '"$ref": "#/channels/none"', 1),
        "no partition": text.replace('"partitions": 3', '"partitions": 0', 1),
        "no Avro type": text.replace('"type": "int"', '"type": "integer"', 1),
    }
    for name, changed in wrong.items():
        assert changed != text, name
    verdicts = judged(tmp_path, wrong)
    assert [name for name, verdict in verdicts.items() if not verdict["faults"]] == []


def test_channels_are_topics(documents):
    orders = documents["orders"]
    placed = orders["channels"]["orders-order_placed-v1"]
    assert placed["address"] == "orders-order_placed-v1"
    assert placed["bindings"]["kafka"]["partitions"] == 3
    assert placed["bindings"]["kafka"]["topicConfiguration"] == {
        "cleanup.policy": ["delete"], "retention.ms": 30 * 86_400_000, "max.message.bytes": 1_048_576}
    assert placed["x-hansa"]["contractVersion"] == "1.4.0"
    assert [reader["domain"] for reader in placed["x-hansa"]["readBy"]] == ["products"]
    assert orders["channels"]["orders-order-v1"]["x-hansa"]["leftOut"] == ["customer"]
    assert orders["channels"]["orders-clicks"]["messages"]["event"]["contentType"] == "application/json"
    assert orders["operations"]["receive-main-product"]["channel"]["$ref"] == "#/channels/products-product-v1"
    assert orders["channels"]["orders-product_dead-v1"]["x-hansa"]["deadLettersOf"] == "product"
    assert "products-order_placed_dead-v1" not in documents["products"]["channels"], "the port halts"
    assert documents["users"]["channels"] == {} == documents["users"]["operations"]
    assert all("servers" not in document for document in documents.values())


def test_examples_fit_their_schemas(documents):
    for document in documents.values():
        for name, channel in document["channels"].items():
            schema = document["components"]["schemas"][name]
            for kind, message in channel["messages"].items():
                example = message["examples"][0]
                if kind == "event":
                    jsonschema.validate(example["payload"], schema)
                else:
                    assert example["payload"] is None
                if "headers" in message:
                    jsonschema.validate(example["headers"], message["headers"])
                    assert set(message["headers"]["required"]) <= set(example["headers"])


@pytest.mark.parametrize("domain, table, left_out", [("orders", "Order", {"customer"}), ("products", "Product", set())])
def test_rows_and_events_have_one_schema(mesh, documents, domain, table, left_out):
    """Names, types and nullability: in OpenAPI, in AsyncAPI's JSON Schema, in its Avro schema."""
    with mesh.client() as http:
        rows = exact(http.get(f"/{domain}/v1/openapi.json").text)["components"]["schemas"][table]["properties"]
    topic = f"{domain}-{table.lower()}-v1"
    values = documents[domain]["components"]["schemas"][topic]["properties"]
    assert values == {name: schema for name, schema in rows.items() if name not in left_out}
    avro = documents[domain]["channels"][topic]["messages"]["event"]["payload"]["schema"]["fields"]
    assert [field["name"] for field in avro] == list(values)
    words = {"int": "integer", "long": "integer", "string": "string", "boolean": "boolean", "decimal": "number",
             "timestamp-micros": "string"}
    for field in avro:
        schema, type_ = values[field["name"]], field["type"]
        nullable = isinstance(type_, list)
        if nullable:
            type_ = next(branch for branch in type_ if branch != "null")
        if isinstance(type_, dict) and "hansa.type" in type_:
            continue  # an object of JSON, which has no type of its own in Avro
        word = words[type_ if isinstance(type_, str) else type_["logicalType"]]
        assert schema["type"] == ([word, "null"] if nullable else word), field


def test_a_row_that_rest_answers_is_a_value_of_the_topic(mesh, documents):
    with mesh.client() as http:
        made = http.post("/orders/v1/order", json={"product_id": 1, "quantity": 2, "total": 39.8, "extra": {"a": [1]}})
        assert made.status_code == 201, made.text
        row = exact(made.text)
    assert row.pop("customer") is None
    schema = documents["orders"]["components"]["schemas"]["orders-order-v1"]
    jsonschema.validate(row, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**row, "quantity": None}, schema)


def records_of(mesh, topic):
    connection = psycopg2.connect(mesh.state()["conninfo"])
    connection.autocommit = True

    def query(sql, *parameters):
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall()

    try:
        return TopicReader(query).read(topic)
    finally:
        connection.close()


def check_record(document, topic, record):
    """A record as it stands in its topic against what the document says of it."""
    channel = document["channels"][topic]
    message = channel["messages"]["event"]
    jsonschema.validate(exact(json.dumps(record.value)), document["components"]["schemas"][topic])
    jsonschema.validate(record.headers, message["headers"])
    assert set(record.headers) <= set(message["headers"]["properties"])
    jsonschema.validate(record.key, message["bindings"]["kafka"]["key"])
    assert record.headers["ce_subject"] == record.key
    assert record.headers["ce_type"] == message["name"]
    assert record.headers["content-type"] == message["contentType"]
    assert record.partition < channel["bindings"]["kafka"]["partitions"]


def test_what_stands_in_topics_is_what_the_document_says(mesh, documents):
    with mesh.client() as http:
        made = http.post("/orders/v1/order", json={"product_id": 5, "quantity": 3})
        assert made.status_code == 201, made.text
        made = http.post("/products/v1/product", json={"name": "a name that Orders does not take"})
        assert made.status_code == 201, made.text
    topics = {"orders-order_placed-v1": "5", "orders-product_dead-v1": str(made.json()["id"])}
    for topic, key in topics.items():
        found = eventually(lambda: [each for each in records_of(mesh, topic) if each.key == key], what=f"an event in {topic}")
        check_record(documents["orders"], topic, found[0])
    dead = records_of(mesh, "orders-product_dead-v1")[0].value
    assert dead["sqlstate"] == "23514" and dead["topic"] == "products-product-v1" and dead["op"] == "create"
    assert dead["event"]["name"] == "a name that Orders does not take"


def open_page(browser, mesh, path, width=1280, scheme="light"):
    page, asked, said = browsing.open_page(browser, mesh, path, viewport={"width": width, "height": 900},
                                           color_scheme=scheme)
    assert said == []
    assert [url for url in asked if not url.startswith((mesh.url, "data:"))] == []
    return page


def test_the_page_shows_what_contracts_say_as_text(browser, mesh):
    page = open_page(browser, mesh, "/orders/events")
    assert page.title() == "orders events · shop"
    section = page.locator("section[id='orders-order_placed-v1']")
    assert event_mesh.HOSTILE in section.inner_text()
    for text in ("Order placed", "30 days", "product_id", "products/order_placed", "orders-order_placed-v1-value"):
        assert text in section.inner_text()
    assert page.locator("script").count() == 0
    assert "customer (personal)" in page.locator("section[id='orders-order-v1']").inner_text()
    section.locator("summary").click()
    assert section.get_by_text("ce_specversion").last.is_visible()


def test_pages_lead_to_each_other(browser, mesh):
    page = open_page(browser, mesh, "/")
    page.locator("a[href='/orders/events']").click()
    page.locator("section[id='orders-order_placed-v1']").get_by_role("link", name="products/order_placed").click()
    assert page.url == mesh.url + "/products/events#port:order_placed"
    page.get_by_role("link", name="orders-order_placed-v1", exact=True).last.click()
    assert page.url == mesh.url + "/orders/events#orders-order_placed-v1"
    page.get_by_role("link", name="asyncapi.json").click()
    assert page.url == mesh.url + "/orders/asyncapi.json"
    docs = open_page(browser, mesh, "/orders/v1/docs")
    docs.get_by_role("link", name="events", exact=True).click()
    assert docs.url == mesh.url + "/orders/events"
    assert page.goto(mesh.url + "/").status == 200
    assert page.locator("a[href='/users/events']").count() == 0


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_the_page_fits_its_reader(browser, mesh, width):
    page = open_page(browser, mesh, "/orders/events", width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_page_is_dark_where_its_reader_likes_that(browser, mesh):
    papers = []
    for scheme in ("light", "dark"):
        page = open_page(browser, mesh, "/orders/events", scheme=scheme)
        papers.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert papers[0] == "rgb(255, 255, 255)" != papers[1]
