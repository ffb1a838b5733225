"""Writing over REST: one row, many, changes, conditions, and requests that are sent twice."""
import concurrent.futures
import json
import uuid

import pytest

from running import place_order, problem

PRODUCTS = "/products/v1/product"
JSON = {"Content-Type": "application/json"}


def fresh(**fields):
    return {"sku": uuid.uuid4().hex[:12], "name": "new", "price": 1.5, **fields}


def test_create_answers_with_the_row_and_where_it_is(http):
    body = fresh(name="Clé à molette")
    answer = http.post(PRODUCTS, json=body)
    assert answer.status_code == 201
    row = answer.json()
    assert row["name"] == "Clé à molette" and row["stock"] == 0 and row["created_at"]
    assert answer.headers["location"].endswith(f"{PRODUCTS}/{row['id']}")
    again = http.get(answer.headers["location"])
    assert again.json() == row and again.headers["etag"] == answer.headers["etag"]


def test_minimal_answers_are_empty(http):
    answer = http.post(PRODUCTS, json=fresh(), headers={"Prefer": "return=minimal"})
    assert (answer.status_code, answer.content) == (201, b"")
    assert answer.headers["preference-applied"] == "return=minimal"


def test_an_array_is_made_whole_or_not_at_all(http):
    good = [fresh(), fresh(stock=7), fresh()]
    answer = http.post(PRODUCTS, json=good)
    assert answer.status_code == 201
    assert [row["sku"] for row in answer.json()] == [row["sku"] for row in good]
    assert [row["stock"] for row in answer.json()] == [0, 7, 0]
    twice = fresh()
    refused = http.post(PRODUCTS, json=[twice, fresh(), twice])
    problem(refused, 409, "unique-violation")
    assert http.get(f"{PRODUCTS}?sku=eq.{twice['sku']}").json() == []


@pytest.mark.parametrize("price, stored", [("0.1", "0.10"), ("12345678.9", "12345678.90"), ("1e2", "100.00"),
                                           ("99999999.99", "99999999.99"), ("0", "0.00")])
def test_decimals_keep_their_digits(http, price, stored):
    body = json.dumps(fresh()).replace('"price": 1.5', f'"price": {price}')
    answer = http.post(PRODUCTS, content=body, headers=JSON)
    assert answer.status_code == 201, answer.text
    assert f'"price":{stored}' in answer.text


@pytest.mark.parametrize("price", ["0.001", "1.999", "100000000", "1e400", "1e-3"])
def test_decimals_are_never_rounded(http, price):
    body = json.dumps(fresh()).replace('"price": 1.5', f'"price": {price}')
    document = problem(http.post(PRODUCTS, content=body, headers=JSON), 422, "invalid-body")
    assert document["errors"][0]["path"] == "/price"


def test_every_fault_of_a_body_in_one_answer(http):
    document = problem(http.post(PRODUCTS, json={"name": 5, "price": "x", "stock": -1, "nmae": "?"}), 422)
    paths = {error["path"] for error in document["errors"]}
    assert {"/name", "/price", "/stock", "/nmae"} <= paths


def test_patch_changes_only_what_it_names(http):
    row = http.post(PRODUCTS, json=fresh(stock=3)).json()
    answer = http.patch(f"{PRODUCTS}/{row['id']}", content='{"stock": 4}',
                        headers={"Content-Type": "application/merge-patch+json"})
    assert answer.status_code == 200, answer.text
    assert answer.json() == {**row, "stock": 4}
    problem(http.patch(f"{PRODUCTS}/{row['id']}", json={"name": None}), 422)
    assert http.get(f"{PRODUCTS}/{row['id']}").json()["name"] == row["name"]
    problem(http.patch(f"{PRODUCTS}/999999999", json={"stock": 1}), 404, "row-not-found")


def test_if_match_refuses_a_lost_update(http):
    made = http.post(PRODUCTS, json=fresh())
    path, tag = f"{PRODUCTS}/{made.json()['id']}", made.headers["etag"]
    first = http.patch(path, json={"stock": 1}, headers={"If-Match": tag})
    assert first.status_code == 200 and first.headers["etag"] != tag
    problem(http.patch(path, json={"stock": 2}, headers={"If-Match": tag}), 412, "precondition-failed")
    problem(http.delete(path, headers={"If-Match": tag}), 412, "precondition-failed")
    assert http.get(path).json()["stock"] == 1
    assert http.delete(path, headers={"If-Match": first.headers["etag"]}).status_code == 204


def test_delete_is_gone(http):
    row = http.post(PRODUCTS, json=fresh()).json()
    assert http.delete(f"{PRODUCTS}/{row['id']}").status_code == 204
    problem(http.get(f"{PRODUCTS}/{row['id']}"), 404, "row-not-found")
    problem(http.delete(f"{PRODUCTS}/{row['id']}"), 404, "row-not-found")


def test_same_idempotency_key_same_answer_one_row(http):
    body, key = fresh(), {"Idempotency-Key": uuid.uuid4().hex}
    first = http.post(PRODUCTS, json=body, headers=key)
    second = http.post(PRODUCTS, json=body, headers=key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content and first.headers["location"] == second.headers["location"]
    assert len(http.get(f"{PRODUCTS}?sku=eq.{body['sku']}").json()) == 1
    problem(http.post(PRODUCTS, json=fresh(), headers=key), 422, "idempotency-conflict")


def test_one_idempotency_key_at_the_same_time(shop):
    body, key = fresh(), {"Idempotency-Key": uuid.uuid4().hex}

    def post(_):
        with shop.client() as http:
            return http.post(PRODUCTS, json=body, headers=key)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(post, range(8)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert any(answer.status_code == 201 for answer in answers)
    with shop.client() as http:
        assert len(http.get(f"{PRODUCTS}?sku=eq.{body['sku']}").json()) == 1


def test_explicit_ids_advance_the_generator(http):
    answer = http.post(PRODUCTS, json=fresh(id=500_000))
    assert answer.json()["id"] == 500_000
    assert http.post(PRODUCTS, json=fresh()).json()["id"] == 500_001


def test_orders_may_name_people_of_another_domain(http):
    """Across domains a relationship is logical: nothing stops an order of a customer who is not there."""
    answer = place_order(http, {"product_id": 1, "user_id": 123456789, "quantity": 2, "total": 59.98})
    assert '"total":59.98' in answer.text
    problem(http.post("/orders/v1/order", json={"product_id": 1, "quantity": "two"}), 422)


def test_personal_data_has_its_rules(http):
    name = uuid.uuid4().hex
    user = {"email": f"{name}@shop.example", "name": "Zoë Müller", "country": "FR"}
    assert http.post("/users/v1/user", json=user).status_code == 201
    problem(http.post("/users/v1/user", json=user), 409, "unique-violation")
    problem(http.post("/users/v1/user", json={**user, "email": "nobody"}), 422)
    problem(http.post("/users/v1/user", json={**user, "email": f"a{name}@b.example", "country": "F"}), 422)


def test_writing_from_another_site_is_refused(http):
    problem(http.post(PRODUCTS, json=fresh(), headers={"Origin": "https://elsewhere.example"}), 403,
            "writes-not-allowed")
    problem(http.post(PRODUCTS, json=fresh(), headers={"Host": "rebound.example"}), 403, "writes-not-allowed")
    problem(http.post(PRODUCTS, json=fresh(), headers={"X-Forwarded-For": "10.0.0.1"}), 403)


def test_a_row_that_a_trigger_keeps_out_is_no_success(shop, http):
    shop.psql("create function public.keep_out() returns trigger language plpgsql as $$begin return null; end$$")
    shop.psql("create trigger keep_out before insert on products.product for each row execute function public.keep_out()")
    try:
        one = {"sku": "KEPT-OUT", "name": "n", "price": 1}
        for body, headers in ((one, {}), ([one, {**one, "sku": "KEPT-OUT-2"}], {}), (one, {"Idempotency-Key": "kept-out"})):
            answer = http.post("/products/v1/product", json=body, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (500, "H4002"), answer.text
    finally:
        shop.psql("drop trigger keep_out on products.product")
        shop.psql("drop function public.keep_out()")
    answer = http.post("/products/v1/product", json=one, headers={"Idempotency-Key": "kept-out"})
    assert answer.status_code == 201, answer.text
