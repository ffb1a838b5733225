"""The shop by events: an order moves the stock of Products, is rejected where there is none, and is counted in analytics.

Each test makes products of its own, so none cares for what the others ordered.
"""
import concurrent.futures
import json
import subprocess
import uuid
from decimal import Decimal

from running import Tail, eventually, place_order, problem

PRODUCTS, ORDERS = "/products/v1/product", "/orders/v1/order"
REJECTIONS = "/products/v1/stock_rejection"
SALES, LABELS = "/analytics/v1/sales_by_product_and_day", "/analytics/v1/product_label"
PROMISED = 1.0      # seconds from an order to the stock


def stock(http, product):
    return http.get(f"{PRODUCTS}/{product}").json()["stock"]


def order(http, product, *quantities, **fields):
    """Orders one line a quantity, in one request; returns the lines."""
    lines = [{"product_id": product, "quantity": quantity, "total": 2.5, **fields} for quantity in quantities]
    return place_order(http, lines).json()


def statuses(http, product):
    return {row["id"]: row["status"] for row in http.get(f"{ORDERS}?product_id=eq.{product}").json()}


def rejections(http, product):
    return {row["order_id"]: row["reason"] for row in http.get(f"{REJECTIONS}?product_id=eq.{product}").json()}


def sales(http, product):
    """(lines, pieces, revenue) of each day."""
    answer = http.get(f"{SALES}?product_id=eq.{product}")
    rows = json.loads(answer.text, parse_float=Decimal)
    return {row["day"]: (row["lines"], row["pieces"], row["revenue"]) for row in rows}


def is_served(http, product, left):
    """Whether every order of the product had its effect, wherever events still may be."""
    placed = [line for line in http.get(f"{ORDERS}?product_id=eq.{product}&limit=1000").json()
              if line["status"] == "placed"]
    counted = sum(pieces for _, pieces, _ in sales(http, product).values())
    return stock(http, product) == left(sum(line["quantity"] for line in placed)) and \
        counted == sum(line["quantity"] for line in placed)


def test_an_order_moves_the_stock_within_a_second(http, make_product):
    product = make_product(stock=50)
    order(http, product, 2)
    eventually(lambda: stock(http, product) == 48, PROMISED, "a stock of 48")


def test_two_orders_of_one_product_in_one_request_both_count(http, make_product):
    product = make_product(stock=50)
    lines = order(http, product, 2, 3)
    eventually(lambda: stock(http, product) == 45, PROMISED, "a stock of 45")
    eventually(lambda: [row[:2] for row in sales(http, product).values()] == [(2, 5)], what="both in analytics")
    assert stock(http, product) == 45
    assert statuses(http, product) == {line["id"]: "placed" for line in lines}
    assert rejections(http, product) == {}


def test_the_seeded_product_can_be_ordered(http):
    before = stock(http, 1)
    order(http, 1, 1)
    eventually(lambda: stock(http, 1) == before - 1, PROMISED, "the stock of the seed")


def test_what_stock_does_not_cover_is_rejected_and_takes_nothing(shop, http, make_product):
    product = make_product(stock=3)
    with Tail(shop, "orders-order_placed-v1") as placed:
        first, second = (line["id"] for line in order(http, product, 2, 2, ordered_at="2026-03-01T12:00:00Z"))
        eventually(lambda: sorted(statuses(http, product).values()) == ["placed", "rejected"], what="a rejected order")
        refused = rejections(http, product)
        assert len(refused) == 1 and set(refused.values()) == {"out of stock"}
        assert [status for line, status in statuses(http, product).items() if line in refused] == ["rejected"]
        assert set(refused) < {first, second}
        assert stock(http, product) == 1
        (last,) = order(http, product, 1, ordered_at="2026-03-01T13:00:00Z")
        eventually(lambda: stock(http, product) == 0, what="the last piece")
        assert statuses(http, product)[last["id"]] == "placed"
        (none,) = order(http, product, 1, ordered_at="2026-03-01T14:00:00Z")
        eventually(lambda: statuses(http, product)[none["id"]] == "rejected", what="the second rejection")
        assert stock(http, product) == 0
        eventually(lambda: sales(http, product) == {"2026-03-01": (2, 3, Decimal("5.00"))}, what="sales of two lines")
        # Marking an order as rejected is no second order, and the last one comes behind whatever there was.
        placed.wait(lambda t: any(event["value"]["order_id"] == none["id"] for event in t.of(product)), "the last order")
        assert sorted(event["value"]["order_id"] for event in placed.of(product)) == \
            sorted([first, second, last["id"], none["id"]])


def test_many_at_once_never_sell_what_is_not_there(shop, http, make_product):
    product = make_product(stock=20)
    order(http, product, 1)

    def buy(quantity):
        with shop.client() as mine:
            order(mine, product, quantity)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(buy, [1, 2, 3] * 13))
    # Holds only when every event was taken: as long as one waits, its order is placed and its pieces are there.
    eventually(lambda: is_served(http, product, lambda sold: 20 - sold), 30, "every order taken or rejected")
    assert 0 <= stock(http, product) < 3
    refused = {line for line, status in statuses(http, product).items() if status == "rejected"}
    assert refused and set(rejections(http, product)) == refused


def test_what_comes_back_is_stock_again(http, make_product):
    product = make_product(stock=5)
    order(http, product, 4, ordered_at="2026-03-02T12:00:00Z")
    order(http, product, -3, ordered_at="2026-03-03T12:00:00Z", total=-7.5)
    eventually(lambda: stock(http, product) == 4, what="the pieces that came back")
    expected = {"2026-03-02": (1, 4, Decimal("2.50")), "2026-03-03": (1, -3, Decimal("-7.50"))}
    eventually(lambda: sales(http, product) == expected, what="a day of returns")


def test_services_never_run_out(http, make_product):
    product = make_product(stock=None)
    order(http, product, 1_000_000)
    eventually(lambda: [row[:2] for row in sales(http, product).values()] == [(1, 1_000_000)], what="the sale")
    assert (stock(http, product), rejections(http, product)) == (None, {})


def test_a_product_that_orders_has_not_heard_of_is_409_until_it_has(http, make_product):
    number = 800_001
    body, key = {"product_id": number, "quantity": 1}, {"Idempotency-Key": uuid.uuid4().hex}
    (known,) = order(http, make_product(stock=1), 1)
    for request in (lambda: http.post(ORDERS, json=body, headers=key),
                    lambda: http.post(ORDERS, json=[{**body, "product_id": known["product_id"]}, body]),
                    lambda: http.patch(f"{ORDERS}/{known['id']}", json={"product_id": number})):
        answer = request()
        problem(answer, 409, "not-arrived-yet")
        assert int(answer.headers["retry-after"]) >= 1
    assert len(statuses(http, known["product_id"])) == 1, "an array is made whole or not at all"
    make_product(id=number, stock=7)
    eventually(lambda: http.post(ORDERS, json=body, headers=key).status_code == 201, what="the product's arrival")
    assert http.post(ORDERS, json=body, headers=key).headers["idempotency-replayed"] == "true"
    eventually(lambda: stock(http, number) == 6, what="the stock of the new product")


def test_only_what_may_still_arrive_is_worth_another_try(http, make_product):
    (line,) = order(http, make_product(stock=1), 1)
    answer = http.post(ORDERS, json={**line, "quantity": 2})
    problem(answer, 409, "unique-violation")
    assert "retry-after" not in answer.headers


def test_a_deleted_product_stays_known_to_those_who_refer_to_it(shop, http, make_product):
    product = make_product(stock=5, name="soon gone")
    order(http, product, 1, ordered_at="2026-03-04T12:00:00Z")
    eventually(lambda: stock(http, product) == 4, what="the first order")
    assert http.delete(f"{PRODUCTS}/{product}").status_code == 204
    eventually(lambda: shop.psql(f"select withdrawn from orders.known_product where id = {product}") == "t",
               what="the withdrawal in Orders")
    (late,) = order(http, product, 1)
    eventually(lambda: statuses(http, product)[late["id"]] == "rejected", what="the rejection")
    assert rejections(http, product) == {late["id"]: "no such product"}
    eventually(lambda: http.get(f"{LABELS}/{product}").json()["withdrawn"], what="the withdrawal in analytics")
    assert http.get(f"{LABELS}/{product}").json()["name"] == "soon gone"
    assert sales(http, product) == {"2026-03-04": (1, 1, Decimal("2.50"))}
    again = make_product(id=product, stock=2, name="back again")
    order(http, again, 1)
    eventually(lambda: stock(http, again) == 1, what="an order of the product that is back")
    eventually(lambda: http.get(f"{LABELS}/{product}").json()["name"] == "back again", what="its new name")


def test_analytics_follows_every_change_of_an_order(http, make_product):
    product = make_product(stock=50, name="counted", sku=uuid.uuid4().hex[:12])
    # Half past eleven at night two hours west of Greenwich is the next day in UTC.
    (late,) = order(http, product, 2, ordered_at="2026-01-31T23:30:00-02:00", total=5.10)
    (early,) = order(http, product, 1, ordered_at="2026-02-01T00:00:00Z", total=0.20)
    eventually(lambda: sales(http, product) == {"2026-02-01": (2, 3, Decimal("5.30"))}, what="the sale")
    answer = http.get(f"{SALES}/{product},2026-02-01")
    assert '"revenue":5.30' in answer.text
    assert http.get(f"{LABELS}/{product}").json()["name"] == "counted"
    change = {"ordered_at": "2026-01-31T12:00:00Z", "total": 6}
    assert http.patch(f"{ORDERS}/{late['id']}", json=change).status_code == 200
    expected = {"2026-01-31": (1, 2, Decimal("6.00")), "2026-02-01": (1, 1, Decimal("0.20"))}
    eventually(lambda: sales(http, product) == expected, what="the corrected sale")
    assert http.delete(f"{ORDERS}/{late['id']}").status_code == 204
    assert http.patch(f"{ORDERS}/{early['id']}", json={"total": None}).status_code == 200
    eventually(lambda: sales(http, product) == {"2026-02-01": (1, 1, Decimal("0.00"))}, what="what is left")


def sql(shop, statement, rows=None):
    """Runs a statement in psql; COPY reads `rows`."""
    done = subprocess.run(["psql", shop.state()["conninfo"], "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", statement],
                          input=rows, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def told(events):
    """What events say, without what differs from row to row."""
    own = ("id", "sku", "created_at")
    return [(event["op"], event["value"] and {name: value for name, value in event["value"].items() if name not in own})
            for event in events]


def test_every_writer_makes_the_same_events(shop, http, make_product, tmp_path):
    skus = {writer: f"{writer}-{uuid.uuid4().hex[:8]}" for writer in ("rest", "psql", "copy", "load")}
    by_rest = make_product(sku=skus["rest"], name="Crème \"brûlée\"", price=0.1, stock=7)
    sql(shop, "insert into products.product (sku, name, price, stock) values "
              f"('{skus['psql']}', 'Crème \"brûlée\"', 0.1, 7)")
    sql(shop, "copy products.product (sku, name, price, stock) from stdin (format csv)",
        f'{skus["copy"]},"Crème ""brûlée""",0.1,7\n')
    tmp_path.chmod(0o755)
    file = tmp_path / "one.csv"
    file.write_text(f'sku,name,price,stock\n{skus["load"]},"Crème ""brûlée""",0.1,7\n')
    shop.load("products/v1/product", file, check=0)
    ids = {writer: sql(shop, f"select id from products.product where sku = '{sku}'") for writer, sku in skus.items()}
    assert ids["rest"] == str(by_rest)
    assert http.patch(f"{PRODUCTS}/{by_rest}", json={"price": 12345678.9, "stock": None}).status_code == 200
    assert http.delete(f"{PRODUCTS}/{by_rest}").status_code == 204
    sql(shop, f"update products.product set price = 12345678.9, stock = null where id = {ids['psql']}")
    sql(shop, f"delete from products.product where id = {ids['psql']}")
    with Tail(shop, "products-product-v1") as tail:
        tail.wait(lambda t: len(t.of(ids["psql"])) >= 3 and len(t.of(ids["rest"])) >= 3, "six events")
        assert told(tail.of(ids["rest"])) == told(tail.of(ids["psql"]))
        assert told(tail.of(ids["copy"])) == told(tail.of(ids["load"])) == told(tail.of(ids["rest"]))[:1]
        made, changed, gone = tail.of(ids["rest"])
        assert made["value"]["name"] == "Crème \"brûlée\"" and made["value"]["sku"] == skus["rest"]
        assert (str(made["value"]["price"]), str(changed["value"]["price"])) == ("0.10", "12345678.90")
        assert changed["value"]["stock"] is None and gone["value"] is None
        assert len({made["op"], changed["op"], gone["op"]}) == 3
        assert all(event["topic"] == "products-product-v1" and event["time"] for event in tail.events())
        offsets = [event["offset"] for event in tail.events() if event["partition"] == made["partition"]]
        assert offsets == sorted(set(offsets))


def test_orders_move_the_stock_whoever_writes_them(shop, http, make_product, tmp_path):
    product = make_product(stock=50)
    order(http, product, 1)
    sql(shop, f"insert into orders.order (product_id, quantity) values ({product}, 2)")
    sql(shop, "copy orders.order (product_id, quantity) from stdin (format csv)", f"{product},3\n{product},4\n")
    tmp_path.chmod(0o755)
    file = tmp_path / "orders.csv"
    file.write_text(f"product_id,quantity\n{product},5\n")
    shop.load("orders/v1/order", file, check=0)
    eventually(lambda: stock(http, product) == 35, what="a stock of 35")
    eventually(lambda: [row[:2] for row in sales(http, product).values()] == [(5, 15)], what="the sales")


def test_what_was_rolled_back_never_happened(shop, http, make_product):
    product = make_product(stock=50)
    order(http, product, 1)
    eventually(lambda: stock(http, product) == 49, what="the first order")
    sql(shop, f"begin; insert into orders.order (product_id, quantity) values ({product}, 7); rollback")
    sql(shop, f"begin; insert into orders.order (product_id, quantity) values ({product}, 2); savepoint s; "
              f"insert into orders.order (product_id, quantity) values ({product}, 9); rollback to s; commit")
    eventually(lambda: stock(http, product) == 47, what="the order that was committed")
    with Tail(shop, "orders-order_placed-v1") as placed:
        placed.wait(lambda t: len(t.of(product)) == 2, "two orders")
        (last,) = order(http, product, 1)      # what comes behind it shows that nothing came between
        placed.wait(lambda t: any(event["value"]["order_id"] == last["id"] for event in t.of(product)), "the last order")
        assert [event["value"]["quantity"] for event in placed.of(product)] == [1, 2, 1]
    eventually(lambda: stock(http, product) == 46, what="the last order")
