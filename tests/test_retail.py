"""Thirty thousand real order lines, through the front door: totals agree with the file, where they are loaded and where
events carry them."""
import collections
import csv
import json
import os
import pathlib
import subprocess
from decimal import Decimal

import pytest

from running import ROOT, Tail, eventually, place_order

DATA = pathlib.Path(os.environ.get("HANSA_RETAIL", ROOT.parent / "shared/data/online-retail.csv"))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """What the data set becomes, as (folder, totals)."""
    if not DATA.exists():
        pytest.skip(f"the Online Retail data set is not there ({DATA.name}; HANSA_RETAIL names it)")
    out = tmp_path_factory.mktemp("retail")
    done = subprocess.run([ROOT / "tools/retail", DATA, out, "--json"], capture_output=True, text=True, check=True)
    return out, json.loads(done.stdout)


def load(shop, files, product, file, *args):
    folder, totals = files
    report, _ = shop.load(product, folder / f"{file}.csv", *args, check=0)
    assert report["lines_rejected"] == 0
    assert report["rows_loaded"] == totals[file]


def load_products(shop, files):
    """Returns when Orders has heard of all of them, so that none of its lines is refused."""
    load(shop, files, "products/v1/product", "products")
    known = "select count(*) from orders.known_product where id > 1000"
    eventually(lambda: shop.psql(known) == str(files[1]["products"]), 120, "the products' arrival in Orders")


@pytest.fixture(scope="module")
def loaded(shop, files):
    load_products(shop, files)
    load(shop, files, "users/v1/user", "users")
    load(shop, files, "orders/v1/order", "orders")
    return files[1]


@pytest.fixture(scope="module")
def rows(files):
    with open(DATA, newline="") as lines:
        return list(csv.DictReader(lines))


def money(row):
    return int(row["Quantity"]) * Decimal(row["UnitPrice"])


def test_totals_in_sql_agree_with_the_file(shop, loaded, rows):
    assert len(rows) == loaded["orders"]
    assert str(sum(map(money, rows))) == loaded["total"]
    of = "from orders_v1.order where invoice is not null"
    assert shop.psql(f"select count(*), sum(quantity), sum(total), count(distinct invoice) {of}") == (
        f"{len(rows)}|{loaded['pieces']}|{loaded['total']}|{loaded['invoices']}")
    assert shop.psql(f"select count(*) {of} and user_id is null") == str(loaded["guests"])
    assert shop.psql(f"select count(*) {of} and invoice like 'C%'") == str(loaded["cancelled"])
    assert shop.psql("select count(*) from products_v1.product where id > 1000") == str(loaded["products"])
    assert shop.psql("select count(*) from users_v1.user where id > 1000") == str(loaded["users"])


def test_totals_over_rest_agree_with_the_file(shop, loaded):
    lines, pieces, total = 0, 0, Decimal(0)
    with shop.client() as http:
        with http.stream("GET", "/orders/v1/order?invoice=is.not_null&select=quantity,total",
                         headers={"Accept": "application/x-ndjson"}) as answer:
            for line in answer.iter_lines():
                row = json.loads(line, parse_float=Decimal)
                lines, pieces, total = lines + 1, pieces + row["quantity"], total + Decimal(row["total"])
        counted = http.get("/orders/v1/order?invoice=is.not_null&limit=1", headers={"Prefer": "count=exact"})
    assert (lines, pieces, str(total)) == (loaded["orders"], loaded["pieces"], loaded["total"])
    assert counted.headers["content-range"] == f"0-0/{lines}"


def test_analytics_agrees_with_the_file(shop, loaded, rows):
    of = "from analytics_v1.sales_by_product_and_day where product_id > 1000"
    eventually(lambda: shop.psql(f"select sum(lines) {of}") == str(len(rows)), 180, "every line in analytics")
    assert shop.psql(f"select sum(pieces), sum(revenue) {of}") == f"{loaded['pieces']}|{loaded['total']}"
    expected = collections.defaultdict(lambda: [0, 0, Decimal(0)])
    for row in rows:
        sold = expected[row["StockCode"], row["InvoiceDate"][:10]]
        sold[:] = sold[0] + 1, sold[1] + int(row["Quantity"]), sold[2] + money(row)
    counted = shop.psql("select l.sku, s.day, s.lines, s.pieces, s.revenue from analytics_v1.sales_by_product_and_day s "
                        "join analytics_v1.product_label l on l.id = s.product_id where s.product_id > 1000")
    found = {(sku, day): [int(lines), int(pieces), Decimal(revenue)]
             for sku, day, lines, pieces, revenue in (line.split("|") for line in counted.split("\n"))}
    assert found == dict(expected)


def test_analytics_answers_over_rest(shop, loaded, rows):
    of_day = [row for row in rows if row["InvoiceDate"].startswith("2011-11-17")]
    products = {row["StockCode"] for row in of_day}
    with shop.client() as http:
        def asked():
            answer = http.get("/analytics/v1/sales_by_product_and_day?day=eq.2011-11-17&limit=1000")
            return json.loads(answer.text, parse_float=Decimal)

        sales = eventually(lambda: (found := asked()) and sum(row["lines"] for row in found) == len(of_day) and found,
                           180, "the day's sales")
    assert len(sales) == len(products) > 1
    assert sum(row["revenue"] for row in sales) == sum(map(money, of_day))


def test_every_order_of_the_file_is_served_from_stock(shop, loaded):
    """A product opens with what is sold and 50 more, so it ends with 50 and what came back."""
    of = f"from products.product where id between 1001 and 1000 + {loaded['products']}"
    left = str(50 * loaded["products"] + loaded["returned"])
    eventually(lambda: shop.psql(f"select sum(stock) {of}") == left, 180, "every order's effect on the stock")
    assert shop.psql("select count(*) from products.stock_rejection") == "0"
    assert shop.psql("select count(*) from orders.order where status <> 'placed'") == "0"


def test_history_is_loaded_without_events(fresh_shop, files):
    """Only the order placed afterwards is told to anybody: it would come behind the history."""
    shop, (_, totals) = fresh_shop, files
    load_products(shop, files)
    opening = int(shop.psql("select sum(stock) from products.product"))
    load(shop, files, "orders/v1/order", "orders", "--no-events")
    assert shop.psql("select count(*), sum(total) from orders.order") == f"{totals['orders']}|{totals['total']}"
    with shop.client() as http:
        placed = place_order(http, {"product_id": 1001, "quantity": 2, "total": 1.7}).json()
        sold = eventually(lambda: http.get("/analytics/v1/sales_by_product_and_day").json(), what="the order in analytics")
    assert [(row["product_id"], row["lines"], row["pieces"]) for row in sold] == [(1001, 1, 2)]
    eventually(lambda: shop.psql("select sum(stock) from products.product") == str(opening - 2), what="its stock")
    for topic in ("orders-order_placed-v1", "orders-order-v1"):
        with Tail(shop, topic) as tail:
            tail.wait(lambda t: t.events(), "the order")
            assert [event["value"].get("order_id", event["value"].get("id")) for event in tail.events()] == [placed["id"]]


def test_one_customer_by_name(shop, loaded):
    with shop.client() as http:
        user = http.get("/users/v1/user?email=eq.customer-12347@retail.example").json()[0]
        assert user["country"] == "Iceland"
        assert http.get(f"/orders/v1/order?user_id=eq.{user['id']}").status_code == 200


def test_what_comes_next_takes_the_next_id(shop, loaded):
    with shop.client() as http:
        made = http.post("/products/v1/product", json={"sku": "NEXT", "name": "next", "price": 1}).json()
    assert made["id"] == 1000 + loaded["products"] + 1
