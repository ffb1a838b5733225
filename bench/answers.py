"""Every side answers the same rows, value by value, as PostgreSQL holds them: checked once, before anything is timed."""
import datetime
import decimal
import http.client
import json
import random

import psycopg2

SELECT = "SELECT id, name, price::text, stock, created_at FROM products.product"


class Literal(str):
    """A JSON number as its digits stand."""


def check(world):
    """Ends the bench at the first difference; returns what was compared, and what was equal in value only."""
    keys = random.Random(7).sample(range(1, world.size.rows + 1), min(world.size.checked_rows, world.size.rows))
    pages = [(size, after) for size in (20, 100) for after in random.Random(8).sample(range(world.size.rows), 10)]
    with psycopg2.connect(world.conninfo) as database, database.cursor() as cursor:
        cursor.execute("SET timezone = 'UTC'")
        cursor.execute(f"{SELECT} WHERE id = ANY(%s)", (keys,))
        truth = {row[0]: row for row in cursor.fetchall()}
        page_truth = {}
        for size, after in pages:
            cursor.execute(f"{SELECT} WHERE id > %s ORDER BY id LIMIT %s", (after, size))
            page_truth[size, after] = cursor.fetchall()
    inexact = {}
    check_all_rows(world)
    for side in world.sides:
        connection = http.client.HTTPConnection("127.0.0.1", side.server.port, timeout=30)
        for key in keys:
            compare(side, [truth[key]], [fetch(side, connection, side.row_path.format(key))], inexact)
        for size, after in pages:
            found = fetch(side, connection, side.page_path.format(size=size).format(after))
            compare(side, page_truth[size, after], found, inexact)
        connection.close()
    return {"rows": len(keys), "pages": len(pages), "prices_with_other_digits": inexact}


def check_all_rows(world):
    """Hansa alone, whose promise it is, answers every row of the table as it stands; a slow side would take minutes."""
    side = world.sides[0]
    connection = http.client.HTTPConnection("127.0.0.1", side.server.port, timeout=30)
    with psycopg2.connect(world.conninfo) as database, database.cursor() as cursor:
        cursor.execute("SET timezone = 'UTC'")
        for first in range(0, world.size.rows, 1000):
            cursor.execute(f"{SELECT} WHERE id > %s ORDER BY id LIMIT 1000", (first,))
            compare(side, cursor.fetchall(), fetch(side, connection, f"{world.all_path}?limit=1000&id=gt.{first}"), {})
    connection.close()


def fetch(side, connection, path):
    """Over one connection for all: a side that closes it after an answer would be measured without keep-alive."""
    connection.request("GET", path)
    socket_used = connection.sock
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise SystemExit(f"bench: {side.name} answers {answer.status} to {path}: {body[:500]}")
    if connection.sock is not socket_used or answer.will_close:
        raise SystemExit(f"bench: {side.name} does not keep the connection alive")
    return json.loads(body, parse_float=Literal)


def compare(side, expected, found, inexact):
    if len(expected) != len(found):
        raise SystemExit(f"bench: {side.name} answers {len(found)} rows, not {len(expected)}")
    for (key, name, price, stock, created), answer in zip(expected, found):
        same = (answer["id"] == key and answer["name"] == name and answer["stock"] == stock
                and decimal.Decimal(answer["price"]) == decimal.Decimal(price)
                and datetime.datetime.fromisoformat(answer["created_at"]) == created)
        if not same or len(answer) != 5:
            raise SystemExit(f"bench: {side.name} answers {answer} for {(key, name, price, stock, created)}")
        if str(answer["price"]) != price:
            inexact[side.name] = inexact.get(side.name, 0) + 1
            if side.name == "hansa":
                raise SystemExit(f"bench: {side.name} answers price {answer['price']} for {price}")
