"""Long reads: walks by cursor while others write, and streams of any length in bounded memory."""
import threading
import time

from running import eventually, resident_bytes

PRODUCTS = "/products/v1/product"
QUIETLY = "set hansa.no_events = on; "      # nothing is told of the rows: what is measured here is reading


def test_a_walk_sees_every_old_row_once_while_others_write(fresh_shop):
    fresh_shop.psql(QUIETLY + "insert into products.product (sku, name, price) "
                    "select 'old-' || i, 'old', 1 from generate_series(1, 3000) i")
    with fresh_shop.client() as http:
        old = {int(n) for n in fresh_shop.psql("select id from products.product").split()}
        stop, failed, written = threading.Event(), [], []

        def write():
            with fresh_shop.client() as mine:
                n = 0
                while not stop.is_set():
                    n += 1
                    answer = mine.post(PRODUCTS, json={"sku": f"new-{n}", "name": "new", "price": 2})
                    (written if answer.status_code == 201 else failed).append(answer.text)

        writer = threading.Thread(target=write)
        writer.start()
        try:
            seen, url = [], f"{PRODUCTS}?limit=50&order=id.desc"
            while url:
                answer = http.get(url)
                assert answer.status_code == 200
                seen += [row["id"] for row in answer.json()]
                url = answer.links.get("next", {}).get("url")
        finally:
            stop.set()
            writer.join()
        assert not failed and len(written) > 5
        assert len(seen) == len(set(seen)), "a row came twice"
        assert old <= set(seen), "a row was missed"
        assert seen == sorted(seen, reverse=True)


def test_streams_are_whole_and_bounded(fresh_shop):
    """A stream of 400,000 rows (about 50 MB) leaves the server's memory where it was, even with a slow reader."""
    fresh_shop.psql(QUIETLY + "insert into products.product (sku, name, price) select 'bulk-' || i, "
                    "repeat('n', 60), i / 100.0 from generate_series(1, 400000) i")
    with fresh_shop.client() as http:
        http.get(f"{PRODUCTS}?limit=1000")
        before, peak, lines, size = resident_bytes(fresh_shop.pid()), 0, 0, 0
        with http.stream("GET", f"{PRODUCTS}?sku=like.bulk-*", headers={"Accept": "application/x-ndjson"}) as answer:
            assert answer.status_code == 200
            for number, piece in enumerate(answer.iter_bytes()):
                lines += piece.count(b"\n")
                size += len(piece)
                if number < 20:
                    time.sleep(0.02)  # a reader that lags: the server must wait for it, not hoard
                if number % 50 == 0:
                    peak = max(peak, resident_bytes(fresh_shop.pid()))
        assert lines == 400_000 and size > 40e6
        assert peak - before < 64e6


def test_a_reader_who_leaves_frees_the_connection(fresh_shop):
    fresh_shop.psql(QUIETLY + "insert into products.product (sku, name, price) select 'bulk-' || i, "
                    "repeat('n', 200), 1 from generate_series(1, 100000) i")
    with fresh_shop.client() as http:
        for _ in range(40):
            with http.stream("GET", PRODUCTS, headers={"Accept": "application/x-ndjson"}) as answer:
                next(answer.iter_bytes())
        eventually(lambda: fresh_shop.psql("select count(*) from pg_stat_activity where state <> 'idle' "
                                           "and application_name like 'hansa%'") == "0",
                   what="the end of the queries of readers who left")
        assert http.get(f"{PRODUCTS}?limit=5", headers={"Prefer": "count=exact"}).status_code == 200
