"""Hostile and mistaken requests: each a clear answer with its code, nothing changed, bounded memory and time."""
import socket
import time
from urllib.parse import urlsplit

import pytest

from running import eventually, problem, resident_bytes

PRODUCTS = "/products/v1/product"
JSON = {"Content-Type": "application/json"}


@pytest.fixture(autouse=True)
def nothing_changes(shop):
    """Whatever a test here sends, the tables hold what they held."""
    count = "select (select count(*) from products.product), (select count(*) from orders.order)"
    before = shop.psql(count)
    yield
    assert shop.psql(count) == before
    with shop.client() as http:
        assert http.get(f"{PRODUCTS}/1").status_code == 200


@pytest.mark.parametrize("question, status, code", [
    ("colour=eq.red", 400, "unknown-parameter"),
    ("price=equals.3", 400, "invalid-parameter"),
    ("price=3", 400, "invalid-parameter"),
    ("price=gte.cheap", 400, "invalid-parameter"),
    ("id=eq.1;drop table products.product", 400, "invalid-parameter"),
    ("id=eq.99999999999999999999999", 400, "invalid-parameter"),
    ("created_at=gt.yesterday-ish", 400, "invalid-parameter"),
    ("select=id,secret", 400, "unknown-column"),
    ("select=id::text", 400, "invalid-parameter"),
    ("order=price.sideways", None, None),
    ("order=nothing", 400, "unknown-column"),
    ("order=name", 422, "order-not-indexed"),
    ("limit=0x10", 400, "invalid-parameter"),
    ("limit=-1", 400, "invalid-parameter"),
    ("limit=1001", 400, "invalid-parameter"),
    ("offset=999999999999", 400, "invalid-parameter"),
    ("cursor=AAAA", 400, "invalid-cursor"),
    ("cursor=", 400, "invalid-cursor"),
    ("limit=1&limit=2", 400, "invalid-parameter"),
    ("or=(id.eq.1", 400, "invalid-parameter"),
    ("or=(and(or(and(or(id.eq.1,id.eq.2),id.eq.3),id.eq.4),id.eq.5),id.eq.6)", 400, "too-complex"),
    ("&".join(f"id=neq.{i}" for i in range(21)), 400, "too-complex"),
    ("id=in.(" + ",".join(map(str, range(201))) + ")", 400, "too-complex"),
    ("name=eq.%FF%FE", 400, "invalid-parameter"),
    ("name=eq.a%00b", 400, "invalid-parameter"),
    ("name=eq.%zz", 400, "invalid-parameter"),
    ("name=match.(a%2B)%2Bb", 400, "invalid-parameter"),
])
def test_questions(http, question, status, code):
    started = time.monotonic()
    answer = http.get(f"{PRODUCTS}?{question}")
    problem(answer, status or answer.status_code, code)
    assert 400 <= answer.status_code < 500
    assert time.monotonic() - started < 5


def test_a_hint_names_what_was_meant(http):
    assert "price" in problem(http.get(f"{PRODUCTS}?prise=eq.1"), 400, "unknown-parameter")["hint"]
    assert "id" in problem(http.get(f"{PRODUCTS}?order=name"), 422, "order-not-indexed")["hint"]


def test_a_tampered_cursor_is_refused(http):
    http_url = http.get(f"{PRODUCTS}?limit=1").links["next"]["url"]
    head, cursor = http_url.split("cursor=")
    cursor, _, rest = cursor.partition("&")
    assert http.get(http_url).status_code == 200
    for at in range(0, len(cursor), 7):
        other = "A" if cursor[at] != "A" else "B"
        forged = cursor[:at] + other + cursor[at + 1:]
        problem(http.get(f"{head}cursor={forged}" + (f"&{rest}" if rest else "")), 400, "invalid-cursor")
    problem(http.get(http_url + "&order=id.desc"), 400, "invalid-cursor")
    problem(http.get(http_url.replace("products/v1/product", "users/v1/user")), 400, "invalid-cursor")


@pytest.mark.parametrize("body, status, code", [
    (b"", 400, "malformed-json"),
    (b"{", 400, "malformed-json"),
    (b"nonsense", 400, "malformed-json"),
    (b'{"name":"a","name":"b"}', 400, "malformed-json"),
    (b'{"name":"\xff"}', 400, "malformed-json"),
    (b'{"name":"\\ud800"}', 400, "malformed-json"),
    (b'{"sku":"n","name":"a\\u0000b","price":1}', 422, "invalid-body"),
    (b"[" * 5000 + b"]" * 5000, 400, "too-complex"),
    (b'{"a":' * 5000 + b"1" + b"}" * 5000, 400, "too-complex"),
    (b"5", 422, "invalid-body"),
    (b"null", 422, "invalid-body"),
    (b"[]", 422, "invalid-body"),
    (b'{"name":"no price"}', 422, "invalid-body"),
    (b'{"sku":"n","name":"a","price":1,"price; drop table product":1}', 422, "invalid-body"),
    (b"[" + b",".join([b'{"sku":"n","name":"a","price":1}'] * 1001) + b"]", None, None),
    (b'{"sku":"n","name":"' + b"x" * 300 + b'","price":1}', 422, "invalid-body"),
    (b'{"sku":"n","name":"a","price":1,"stock":9223372036854775808}', 422, "invalid-body"),
    (b'{"sku":"n","name":"a","price":1,"stock":1.5}', 422, "invalid-body"),
    (b'{"sku":"n","name":"a","price":NaN}', 400, "malformed-json"),
])
def test_bodies(http, body, status, code):
    answer = http.post(PRODUCTS, content=body, headers=JSON)
    problem(answer, status or answer.status_code, code)
    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize("method, path, headers, status, code", [
    ("GET", "/nothing/v1/product", {}, 404, "route-not-found"),
    ("GET", "/products/v9/product", {}, 404, "route-not-found"),
    ("GET", "/products/v1/../../etc/passwd", {}, 404, None),
    ("GET", "/products/v1/product/1/2", {}, 404, None),
    ("GET", "/products/v1/product/one", {}, 400, "invalid-parameter"),
    ("GET", "/products/v1/product/1%00", {}, 400, None),
    ("PUT", PRODUCTS + "/1", {}, 405, "method-not-allowed"),
    ("DELETE", PRODUCTS, {}, 405, "method-not-allowed"),
    ("BREW", PRODUCTS, {}, 405, None),
    ("POST", PRODUCTS, {"Content-Type": "text/plain"}, 415, "unsupported-media-type"),
    ("GET", PRODUCTS, {"Accept": "application/xml"}, 406, "not-acceptable"),
    ("POST", PRODUCTS, {"Content-Type": "application/json", "Idempotency-Key": "k" * 256}, 400, None),
])
def test_requests(http, method, path, headers, status, code):
    problem(http.request(method, path, headers=headers), status, code)


def talk(shop, data, timeout=15):
    """Sends raw bytes; returns all that comes back until the server closes."""
    at = urlsplit(shop.url)
    with socket.create_connection((at.hostname, at.port), timeout=timeout) as wire:
        try:
            wire.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass
        got = b""
        try:
            while piece := wire.recv(65536):
                got += piece
        except ConnectionResetError:
            pass
        return got


@pytest.mark.parametrize("data, status", [
    (b"nonsense\r\n\r\n", b"400"),
    (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n", b"400"),
    (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"400"),
    (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", b"414"),
    (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 40000 + b"\r\n\r\n", b"431"),
    (b"POST /products/v1/product HTTP/1.1\r\nHost: a\r\nContent-Length: 1073741824\r\n\r\n{", b"413"),
])
def test_raw_bytes(shop, data, status):
    assert talk(shop, data).startswith(b"HTTP/1.1 " + status)


def test_a_body_without_end_is_cut_early(shop):
    """A gigabyte offered in chunks: refused long before, and memory stays where it was."""
    at, before, sent = urlsplit(shop.url), resident_bytes(shop.pid()), 0
    piece = b"100000\r\n" + b"a" * 0x100000 + b"\r\n"
    with socket.create_connection((at.hostname, at.port), timeout=15) as wire:
        wire.sendall(b"POST /products/v1/product HTTP/1.1\r\nHost: localhost\r\n"
                     b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            for sent in range(1, 1025):
                wire.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass
    assert sent < 100
    assert resident_bytes(shop.pid()) - before < 200e6  # the sanitizers hold on to freed memory


def test_slow_senders_do_not_stop_others(shop):
    at = urlsplit(shop.url)
    wires = [socket.create_connection((at.hostname, at.port), timeout=30) for _ in range(200)]
    for wire in wires:
        wire.sendall(b"GET /products/v1/product/1 HTT")
    with shop.client() as http:
        for _ in range(20):
            started = time.monotonic()
            assert http.get(f"{PRODUCTS}/1").status_code == 200
            assert time.monotonic() - started < 5
    for wire in wires:
        said = wire.recv(100)  # within the socket's timeout, or this raises
        assert said == b"" or said.startswith(b"HTTP/1.1 408")
        wire.close()


def test_half_open_connections_are_let_go(shop):
    at = urlsplit(shop.url)
    for _ in range(300):
        with socket.create_connection((at.hostname, at.port)) as wire:
            wire.sendall(b"GET /products/v1/product HTTP/1.1\r\nHost: a\r\n\r\n")
    with shop.client() as http:
        eventually(lambda: any(line.startswith("hansa_http_connections ") and float(line.split()[1]) < 20
                               for line in http.get("/metrics").text.splitlines()),
                   what="the end of 300 abandoned connections")
