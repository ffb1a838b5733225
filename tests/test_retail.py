"""Thirty thousand real order lines, through the front door: totals agree with the file."""
import csv
import json
import os
import pathlib
import subprocess
from decimal import Decimal

import pytest

from running import ROOT

DATA = pathlib.Path(os.environ.get("HANSA_RETAIL", ROOT.parent / "shared/data/online-retail.csv"))


@pytest.fixture(scope="module")
def loaded(shop, tmp_path_factory):
    if not DATA.exists():
        pytest.skip(f"the Online Retail data set is not there ({DATA.name}; HANSA_RETAIL names it)")
    out = tmp_path_factory.mktemp("retail")
    done = subprocess.run([ROOT / "tools/retail", DATA, out, "--json"], capture_output=True, text=True, check=True)
    for product, file in (("products/v1/product", "products"), ("users/v1/user", "users"), ("orders/v1/order", "orders")):
        report, _ = shop.load(product, out / f"{file}.csv", check=0)
        assert report["lines_rejected"] == 0
        assert report["rows_loaded"] == json.loads(done.stdout)[file]
    return json.loads(done.stdout)


def test_totals_in_sql_agree_with_the_file(shop, loaded):
    with open(DATA, newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == loaded["orders"]
    assert str(sum(int(r["Quantity"]) * Decimal(r["UnitPrice"]) for r in rows)) == loaded["total"]
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


def test_one_customer_by_name(shop, loaded):
    with shop.client() as http:
        user = http.get("/users/v1/user?email=eq.customer-12347@retail.example").json()[0]
        assert user["country"] == "Iceland"
        assert http.get(f"/orders/v1/order?user_id=eq.{user['id']}").status_code == 200


def test_what_comes_next_takes_the_next_id(shop, loaded):
    with shop.client() as http:
        made = http.post("/products/v1/product", json={"sku": "NEXT", "name": "next", "price": 1}).json()
    assert made["id"] == 1000 + loaded["products"] + 1
