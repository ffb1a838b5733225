"""`hansa schemas`: the registry from the command line."""
import json

import httpx
import pytest

ONE = {"type": "record", "name": "Thing", "fields": [{"name": "a", "type": "int"}]}
TWO = {**ONE, "fields": [*ONE["fields"], {"name": "b", "type": "string", "default": ""}]}
BREAKING = {**ONE, "fields": [*ONE["fields"], {"name": "c", "type": "string"}]}


@pytest.fixture
def file(tmp_path):
    def write(schema):
        path = tmp_path / "schema.avsc"
        path.write_text(schema if isinstance(schema, str) else json.dumps(schema))
        return path
    return write


def ask(shop, command, *arguments, check=0, as_json=True):
    done = shop.hansa("schemas", command, *arguments, "--mesh", shop.folder, *(["--json"] if as_json else []), check=check)
    return json.loads(done.stdout) if as_json else done


def code_of(document):
    return document["error"]["code"]


def test_a_schema_is_registered_tried_and_shown(shop, file):
    made = ask(shop, "register", "told-value", file(ONE))
    assert ask(shop, "register", "told-value", file(ONE)) == made
    assert ask(shop, "check", "told-value", file(TWO)) == {"compatible": True, "messages": []}
    refused = ask(shop, "check", "told-value", file(BREAKING), check=1)
    assert refused["compatible"] is False and "READER_FIELD_MISSING_DEFAULT_VALUE" in "".join(refused["messages"])
    assert code_of(ask(shop, "register", "told-value", file(BREAKING), check=1)) == "H7021"
    second = ask(shop, "register", "told-value", file(TWO))
    assert second["id"] != made["id"]
    shown = ask(shop, "show", "told-value")
    assert (shown["version"], shown["id"], json.loads(shown["schema"])) == (2, second["id"], TWO)
    assert ask(shop, "show", "told-value", "--version", "1")["id"] == made["id"]
    with httpx.Client(base_url=shop.state()["registry"].replace("localhost", "127.0.0.1")) as http:
        assert http.get("/subjects/told-value/versions").json() == [1, 2]
    mine = [each for each in ask(shop, "list") if each["subject"] == "told-value"]
    assert [(each["version"], each["schemaType"]) for each in mine] == [(1, "AVRO"), (2, "AVRO")]


def test_people_are_told_in_words(shop, file):
    ask(shop, "register", "words-value", file(ONE))
    listed = ask(shop, "list", as_json=False).stdout
    assert "SUBJECT" in listed and "words-value" in listed and "products-product-v1-value" in listed
    assert '"name": "Thing"' in ask(shop, "show", "words-value", as_json=False).stdout
    assert "may follow" in ask(shop, "check", "words-value", file(TWO), as_json=False).stdout
    assert ask(shop, "check", "words-value", file(BREAKING), check=1, as_json=False).stdout.strip()


@pytest.mark.parametrize("arguments,code,status", [
    (("show", "nobody-value"), "H7020", 1), (("show", "products-product-v1-value", "--version", "99"), "H7020", 1),
    (("show", "products-product-v1-value", "--version", "first"), "H7020", 1)], ids=str)
def test_what_is_not_there_is_said(shop, arguments, code, status):
    assert code_of(ask(shop, *arguments, check=status)) == code


@pytest.mark.parametrize("content", ["", "not json", '{"type": "rubbish"}'])
def test_what_is_no_schema_is_said(shop, file, content):
    assert code_of(ask(shop, "register", "bad-value", file(content), check=3)) == "H7022"
    assert code_of(ask(shop, "check", "bad-value", "/nowhere/to/be.found", check=None)).startswith("H")
