"""What operators look at: health, readiness, metrics, logs."""
import json
import re

from running import eventually

PRODUCTS = "/products/v1/product"


def metric(http, name, **labels):
    """The sum of a metric's samples that carry these labels."""
    total, found = 0.0, False
    for line in http.get("/metrics").text.splitlines():
        match = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line)
        if not match or match[1] != name:
            continue
        have = dict(re.findall(r'(\w+)="([^"]*)"', match[2] or ""))
        if all(have.get(key) == value for key, value in labels.items()):
            total, found = total + float(match[3]), True
    return total if found else None


def test_health_and_readiness(http):
    assert http.get("/healthz").status_code == 200
    eventually(lambda: http.get("/readyz").status_code == 200, what="connections to all databases")
    assert http.get("/readyz").json()["domains"]["products"] == "connected"


def test_requests_are_counted_by_domain_product_version_and_route(http):
    labels = {"domain": "products", "product": "catalog", "object": "product", "version": "1.0.0", "status": "200"}
    before = metric(http, "hansa_http_requests_total", **labels) or 0
    for _ in range(7):
        http.get(f"{PRODUCTS}?limit=2")
    eventually(lambda: (metric(http, "hansa_http_requests_total", **labels) or 0) >= before + 7)
    missing = metric(http, "hansa_http_requests_total", domain="products", status="404") or 0
    http.get(f"{PRODUCTS}/999999999")
    eventually(lambda: metric(http, "hansa_http_requests_total", domain="products", status="404") == missing + 1)
    assert metric(http, "hansa_http_rows_total", domain="products") >= 14
    assert metric(http, "hansa_http_request_seconds_count", domain="products") >= 7
    assert metric(http, "hansa_http_connections") >= 1
    assert metric(http, "hansa_database_connections") >= 1
    assert metric(http, "process_resident_memory_bytes") > 1e6


def test_labels_are_bounded(http):
    """A client that asks for a thousand paths does not make a thousand time series."""
    def series():
        return sum(line.startswith("hansa_http") for line in http.get("/metrics").text.splitlines())

    before = series()
    for i in range(300):
        http.get(f"/nothing/{i}")
        http.get(f"{PRODUCTS}/{i}")
        http.get(f"{PRODUCTS}?price=gt.{i}")
    assert series() < before + 60


def test_sql_users_count_too(shop, http):
    shop.psql("select count(*) from products_v1.product; select pg_stat_force_next_flush()")
    eventually(lambda: (metric(http, "hansa_schema_scans", domain="products") or 0) > 0, 40,
               "statistics of PostgreSQL")


def test_failures_are_logged_as_json(shop, http):
    shop.psql("alter table products.product rename to hidden")
    try:
        trace = "1af7651916cd43dd8448eb211c80319c"
        answer = http.get(f"{PRODUCTS}/1", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
        failed = answer.status_code
    finally:
        shop.psql("alter table products.hidden rename to product")
    lines = [json.loads(line) for line in (shop.folder / ".hansa/hansa.log").read_text().splitlines()]
    assert all({"time", "level", "message"} <= set(line) for line in lines)
    if failed >= 500:
        assert any(line.get("trace_id") == trace for line in lines)


def test_secrets_and_rows_stay_out_of_answers(http):
    answer = http.post("/users/v1/user", json={"email": "same@shop.example", "name": "first", "country": "France"})
    assert answer.status_code == 201
    again = http.post("/users/v1/user", json={"email": "same@shop.example", "name": "second", "country": "France"})
    assert again.status_code == 409 and "same@shop.example" not in again.text
