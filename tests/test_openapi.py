"""The OpenAPI documents: valid, complete, and true (Schemathesis tries to prove otherwise)."""
import json
import os
import pathlib
import subprocess
import sys

import pytest
from openapi_spec_validator import validate

HERE = pathlib.Path(__file__).resolve().parent
DOMAINS = {"products": "product", "orders": "order", "users": "user",
           "analytics": "sales_by_product_and_day"}
EXAMPLES = os.environ.get("HANSA_FUZZ_EXAMPLES", "25")


@pytest.mark.parametrize("domain, table", DOMAINS.items())
def test_documents_are_valid_and_complete(http, domain, table):
    answer = http.get(f"/{domain}/v1/openapi.json")
    document = answer.json()
    validate(document)
    assert document["openapi"].startswith("3.1")
    collection, row = f"/{domain}/v1/{table}", next(p for p in document["paths"] if p.startswith(f"/{domain}/v1/{table}/"))
    assert {"get", "post"} <= set(document["paths"][collection])
    assert {"get", "patch", "delete"} <= set(document["paths"][row])
    text = json.dumps(document)
    for word in ("Idempotency-Key", "If-Match", "If-None-Match", "cursor", "application/problem+json",
                 "application/x-ndjson", "merge-patch+json"):
        assert word in text, word
    for path in document["paths"].values():
        for method, operation in path.items():
            if method in ("get", "post", "patch", "delete"):
                assert operation["operationId"] and operation["summary"]
                assert any(status.startswith("4") for status in operation["responses"])


def test_schemas_tell_create_from_read_and_patch(http):
    document = http.get("/products/v1/openapi.json").json()

    def schema(node):
        while "$ref" in node:
            found = document
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part.replace("~1", "/").replace("~0", "~")]
            node = found
        return node

    post = document["paths"]["/products/v1/product"]["post"]
    body = schema(post["requestBody"]["content"]["application/json"]["schema"])
    create = schema(next((option for option in body.get("oneOf", body.get("anyOf", [body]))
                          if schema(option).get("type") == "object"), body))
    assert set(create["required"]) == {"name", "price"}
    assert "created_at" in create["properties"]
    read = schema(post["responses"]["201"]["content"]["application/json"]["schema"])
    read = schema(next((option for option in read.get("oneOf", read.get("anyOf", [read]))
                        if schema(option).get("type") == "object"), read))
    assert {"id", "name", "price", "created_at"} <= set(read["required"])


@pytest.mark.parametrize("domain", DOMAINS)
def test_schemathesis_finds_nothing(shop, domain, tmp_path):
    """Its own phases: examples, coverage of every constraint, random requests, and sequences of requests."""
    done = subprocess.run(
        [os.path.join(os.path.dirname(sys.executable), "schemathesis"), "--config-file", HERE / "schemathesis.toml", "run", f"{shop.url}/{domain}/v1/openapi.json",
         "--url", shop.url, "--checks", "all", "--max-examples", EXAMPLES, "--seed", "1", "--no-color",
         "--request-timeout", "10", "--suppress-health-check", "all", "--generation-database", "none"],
        capture_output=True, text=True, timeout=220, cwd=tmp_path,
        env={**os.environ, "SCHEMATHESIS_HOOKS": "fuzz_hooks", "PYTHONPATH": str(HERE)})
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert "No issues found" in done.stdout or "passed" in done.stdout
    with shop.client() as http:
        assert http.get("/healthz").status_code == 200
