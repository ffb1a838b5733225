"""Reading over REST: the grammar from one end to the other, through the built binary."""
import json
from decimal import Decimal

import pytest

from running import problem

PRODUCTS = "/products/v1/product"


@pytest.fixture(scope="module")
def shelf(shop):
    """Thirty products with known values: sku s-01..s-30, price 0.10 to 3.00, stock i % 5."""
    with shop.client() as http:
        rows = [{"sku": f"s-{i:02}", "name": f"Étagère {i}" if i % 2 else f"shelf {i}",
                 "price": f"{i // 10}.{i % 10}0", "stock": i % 5} for i in range(1, 31)]
        body = json.dumps(rows).replace('"price": "', '"price": ').replace('0", "stock"', '0, "stock"')
        answer = http.post(PRODUCTS, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 201, answer.text
        yield answer.json()


def skus(answer):
    assert answer.status_code == 200, answer.text
    return [row["sku"] for row in answer.json()]


def expected(*numbers):
    return [f"s-{n:02}" for n in numbers]


def test_every_domain_answers(http):
    for path in ("/products/v1/product", "/orders/v1/order", "/users/v1/user",
                 "/analytics/v1/sales_by_product_and_day", "/products/v1/stock_rejection"):
        answer = http.get(path)
        assert answer.status_code == 200
        assert isinstance(answer.json(), list)


def test_seed_rows_keep_accents_and_digits(http):
    answer = http.get(PRODUCTS, params={"name": "eq.Souris Ergonomique"})
    assert '"price":29.99' in answer.text
    laptop = http.get(PRODUCTS, params={"name": "eq.Laptop Pro"})
    assert '"price":1299.99' in laptop.text and laptop.json()[0]["stock"] == 50


@pytest.mark.parametrize("question, numbers", [
    ("price=eq.0.50", [5]),
    ("price=gte.2.95", [30]),
    ("price=gt.2.70&price=lte.2.90", [28, 29]),
    ("price=lt.0.30", [1, 2]),
    ("sku=in.(s-03,s-01)", [1, 3]),
    ("sku=in.(%22s-03%22)", [3]),
    ("sku=like.s-1*&stock=eq.0", [10, 15]),
    ("name=ilike.SHELF%20*&price=lte.0.40", [2, 4]),
    ("name=like.%C3%89tag*&price=lt.0.4", [1, 3]),
    ("sku=not.like.s-*&sku=like.s-*", []),
    ("stock=neq.0&stock=not.in.(1,2,3)&price=lt.1", [4, 9]),
    ("or=(sku.eq.s-01,and(stock.eq.4,price.gte.2.9))", [1, 29]),
    ("and=(stock.eq.4,or(price.lt.0.5,price.gt.2.8))", [4, 29]),
    ("not.or=(stock.gt.0,price.gt.1.1)", [5, 10]),
    ("created_at=is.null&sku=like.s-*", []),
    ("sku=isdistinct.s-01&price=eq.0.1", []),
    ("stock=is.not_null&price=eq.0.1", [1]),
])
def test_filters(http, shelf, question, numbers):
    assert skus(http.get(f"{PRODUCTS}?sku=like.s-*&order=id&{question}")) == expected(*numbers)


def test_select_gives_only_what_was_asked_in_that_order(http, shelf):
    answer = http.get(f"{PRODUCTS}?select=name,sku&sku=eq.s-01")
    assert answer.text == '[{"name":"Étagère 1","sku":"s-01"}]'


def test_order_by_key_both_ways(http, shelf):
    up = http.get(f"{PRODUCTS}?sku=like.s-*&order=id.asc&limit=3")
    down = http.get(f"{PRODUCTS}?sku=like.s-*&order=id.desc&limit=3")
    assert skus(up) == expected(1, 2, 3)
    assert skus(down) == expected(30, 29, 28)


def test_limit_and_offset(http, shelf):
    assert skus(http.get(f"{PRODUCTS}?sku=like.s-*&order=id&limit=4&offset=10")) == expected(11, 12, 13, 14)
    assert skus(http.get(f"{PRODUCTS}?sku=like.s-*&order=id&offset=100")) == []


@pytest.mark.parametrize("order", ["id", "id.desc", "sku", "sku.desc"])
def test_cursors_walk_every_row_once(http, shelf, order):
    seen, url = [], f"{PRODUCTS}?sku=like.s-*&order={order}&limit=7"
    for _ in range(10):
        answer = http.get(url)
        seen += skus(answer)
        if "next" not in answer.links:
            break
        url = answer.links["next"]["url"]
    assert seen == (expected(*range(30, 0, -1)) if order.endswith("desc") else expected(*range(1, 31)))


@pytest.mark.parametrize("count", ["exact", "planned", "estimated"])
def test_counts(http, shelf, count):
    answer = http.get(f"{PRODUCTS}?sku=like.s-*&limit=5", headers={"Prefer": f"count={count}"})
    assert answer.headers["preference-applied"] == f"count={count}"
    shown, total = answer.headers["content-range"].split("/")
    assert shown == "0-4"
    assert total == "30" if count == "exact" else int(total) >= 0


def test_no_count_unless_asked(http, shelf):
    assert http.get(f"{PRODUCTS}?limit=5").headers["content-range"].endswith("/*")


def test_one_row_by_key(http, shelf):
    row = shelf[0]
    answer = http.get(f"{PRODUCTS}/{row['id']}")
    assert answer.json() == row
    assert answer.headers["content-type"].startswith("application/json")
    problem(http.get(f"{PRODUCTS}/999999999"), 404, "row-not-found")


def test_etags_save_the_body(http, shelf):
    path = f"{PRODUCTS}/{shelf[0]['id']}"
    tag = http.get(path).headers["etag"]
    again = http.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert http.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    page = http.get(f"{PRODUCTS}?sku=like.s-*")
    assert http.get(f"{PRODUCTS}?sku=like.s-*", headers={"If-None-Match": page.headers["etag"]}).status_code == 304


def test_head_is_get_without_body(http, shelf):
    path = f"{PRODUCTS}/{shelf[0]['id']}"
    full, head = http.get(path), http.head(path)
    assert head.content == b"" and head.status_code == 200
    for name in ("content-length", "content-type", "etag"):
        assert head.headers[name] == full.headers[name]
    page = http.head(f"{PRODUCTS}?sku=like.s-*")
    assert page.status_code == 200 and page.content == b""


def test_options_and_cors(http):
    answer = http.options(PRODUCTS)
    assert answer.status_code == 204
    assert {"GET", "HEAD", "POST", "OPTIONS"} == set(answer.headers["allow"].replace(" ", "").split(","))
    asked = http.options(PRODUCTS, headers={"Origin": "https://elsewhere.example",
                                            "Access-Control-Request-Method": "GET"})
    assert asked.headers["access-control-allow-origin"] == "*"
    assert "POST" not in asked.headers["access-control-allow-methods"]
    read = http.get(f"{PRODUCTS}?limit=1", headers={"Origin": "https://elsewhere.example"})
    assert read.headers["access-control-allow-origin"] == "*"
    assert "Link" in read.headers["access-control-expose-headers"]


def test_ndjson_streams_the_same_rows(http, shelf):
    answer = http.get(f"{PRODUCTS}?sku=like.s-*&order=id", headers={"Accept": "application/x-ndjson"})
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert [json.loads(line) for line in answer.text.splitlines()] == shelf


def test_values_are_exact(http, shelf, shop):
    shop.psql("insert into products.product (sku, name, price) values ('x-1', 'exact', 99999999.99)")
    answer = http.get(f"{PRODUCTS}?sku=eq.x-1")
    assert '"price":99999999.99' in answer.text
    assert json.loads(answer.text, parse_float=Decimal)[0]["price"] == Decimal("99999999.99")
    stamp = answer.json()[0]["created_at"]
    assert stamp.endswith(("Z", "+00:00")) and stamp[10] == "T"
    shop.psql("update products.product set created_at = '2026-01-02 03:04:05.678901+02' where sku = 'x-1'")
    assert http.get(f"{PRODUCTS}?sku=eq.x-1").json()[0]["created_at"].startswith("2026-01-02T01:04:05.678901")


def test_every_answer_says_how_long_it_took(http):
    answer = http.get(f"{PRODUCTS}?limit=1")
    assert "db;dur=" in answer.headers["server-timing"]
    assert answer.headers["traceparent"]


def test_given_trace_is_kept(http):
    trace = "0af7651916cd43dd8448eb211c80319c"
    answer = http.get(f"{PRODUCTS}?limit=1", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
    assert trace in answer.headers["traceparent"]


def test_keep_alive_and_pipelining(shop):
    import socket
    from urllib.parse import urlsplit
    at = urlsplit(shop.url)
    request = f"GET {PRODUCTS}/1 HTTP/1.1\r\nHost: {at.hostname}\r\n\r\n".encode()
    last = request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    with socket.create_connection((at.hostname, at.port), timeout=10) as wire:
        wire.sendall(request * 5 + last)
        got = b""
        while piece := wire.recv(65536):
            got += piece
    assert got.count(b"HTTP/1.1 200") == 6
