"""`hansa events`: topics and ports are looked at, dead letters replayed and dropped, projections rebuilt."""
import json
import re
import select
import signal

import pytest

from running import eventually, hansa, place_order, start

PRODUCTS = "/products/v1/product"
CHANGES, PLACED = "products-product-v1", "orders-order_placed-v1"
SALES, STOCK = "analytics/order", "products/order_placed"


def events(shop, *args, check=0):
    return shop.hansa("events", *args, "--mesh", shop.folder, check=check)


def document(shop, *args, check=0):
    return json.loads(events(shop, *args, "--json", check=check).stdout)


def records(shop, *args):
    return [json.loads(line) for line in events(shop, "tail", *args, "--json").stdout.splitlines()]


def port(shop, address):
    (found,) = [each for each in document(shop, "lag")["ports"] if each["port"] == address]
    return found


def caught_up(shop):
    """Every port has applied all there is, and nothing waits in a log."""
    waits = any(log["events"] for log in document(shop, "list")["pending"])
    return not waits and all(each["lag"] == 0 for each in document(shop, "lag")["ports"])


def has_said(process):
    """Whether a line comes within a second."""
    return bool(select.select([process.stdout], [], [], 1)[0])


def test_every_topic_is_listed_with_what_it_holds(shop, make_product):
    make_product()
    eventually(lambda: caught_up(shop), what="quiet")
    topics = {topic["name"]: topic for topic in document(shop, "list")["topics"]}
    changes = topics[CHANGES]
    assert (changes["domain"], changes["made_by"], changes["of"]) == ("products", "changes", "product")
    assert changes["declared"] and changes["applied"] and changes["cleanup"] == "compact"
    assert changes["records"] > 0 and sum(each["next"] for each in changes["partitions"]) >= changes["records"]
    assert (topics[PLACED]["made_by"], topics[PLACED]["of"]) == ("emission", "order")
    dead = topics["products-order_placed_dead-v1"]
    assert (dead["made_by"], dead["of"], dead["format"]) == ("dead-letters", STOCK, "json")
    text = shop.hansa("events", "list", shop.folder, check=0).stdout
    assert re.search(rf"^{CHANGES} +products +changes of product +avro ", text, re.M), text


def test_tail_decodes_filters_and_begins_where_it_is_told(shop, http, make_product):
    number = make_product(name="tailed", stock=4)
    assert http.patch(f"{PRODUCTS}/{number}", json={"stock": 5}).status_code == 200
    assert http.delete(f"{PRODUCTS}/{number}").status_code == 204

    def mine(*args):
        return records(shop, CHANGES, "--key", number, *args)

    eventually(lambda: len(mine()) == 3, what="three events")
    first, second, gone = mine("--from", "earliest")
    assert [each["op"] for each in (first, second, gone)] == ["create", "update", "delete"]
    assert list(first) == ["topic", "partition", "offset", "time", "key", "op", "id", "source", "type", "trace", "actor",
                           "value"]
    assert first["key"] == str(number) and first["topic"] == CHANGES and first["actor"] == "rest"
    assert first["value"]["name"] == "tailed" and second["value"]["stock"] == 5 and gone["value"] is None
    assert first["type"] == "products.product.v1" and re.fullmatch(r"00-\w{32}-\w{16}-01", first["trace"])
    assert [each["offset"] for each in mine("--count", "2")] == [second["offset"], gone["offset"]]
    assert mine("--from", "earliest", "--count", "1") == [first]
    assert mine("--from", second["offset"], "--partition", second["partition"]) == [second, gone]
    assert mine("--from", gone["time"]) == [each for each in (first, second, gone) if each["time"] >= gone["time"]]
    assert len(mine("--from", "1h")) == 3 and mine("--from", "latest") == []
    line = events(shop, "tail", CHANGES, "--key", number, "--from", "earliest").stdout.splitlines()[0]
    assert line.startswith(f"{first['time']}  {first['partition']}@{first['offset']}  create") and '"tailed"' in line
    assert "\x1b" not in line


def test_tail_follows_until_it_is_interrupted(shop, make_product):
    process = start("events", "tail", CHANGES, "--from", "latest", "-f", "--json", "--mesh", shop.folder)
    try:
        seen = []
        # What is made before the tail began is not in it.
        while not seen:
            number = make_product()
            eventually(lambda: any(each["key"] == str(number) for each in records(shop, CHANGES)), what="the event")
            if has_said(process):
                seen.append(json.loads(process.stdout.readline()))
        assert seen[0]["op"] == "create"
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=10)
        assert process.returncode == 0 and "error" not in said
    finally:
        process.kill()
        process.wait()


def test_tail_ends_quietly_when_nobody_reads(shop, make_product):
    for _ in range(3):
        make_product()
    process = start("events", "tail", CHANGES, "--from", "earliest", "--follow", "--json", "--mesh", shop.folder)
    try:
        assert process.stdout.readline()
        process.stdout.close()
        eventually(lambda: (make_product(), process.poll() is not None)[1], what="the end of the tail")
        assert (process.returncode, process.stderr.read()) == (0, "")
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("args, status, code, said", [
    (["tail", "products-prodct-v1"], 64, "H7005", "did you mean products-product-v1?"),
    (["dlq", "list", "products/order_place"], 64, "H7006", "did you mean products/order_placed?"),
    (["rebuild", "nothing"], 64, "H7006", "a port is domain/port"),
    (["tail", CHANGES, "--from", "yesterday"], 64, "H6001", "says no place in a topic"),
    (["tail", CHANGES, "--from", "999999", "--partition", "0"], 1, "H7007", "has no offset 999999"),
    (["tail", CHANGES, "--partition", "500"], 1, "H7007", "has no partition 500"),
    (["tail", CHANGES, "--count", "0"], 64, "H6001", "count"),
    (["dlq", "replay", STOCK], 64, "H6001", "either offsets or --all"),
    (["dlq", "drop", STOCK, "1", "--all"], 64, "H6001", "either offsets or --all"),
    (["dlq", "drop", STOCK, "--all"], 5, "H3005", "--yes"),
    (["dlq", "show", STOCK, "99"], 1, "H7015", "has no dead letter 99"),
    (["rebuild", STOCK], 5, "H7014", "is an effect"),
])
def test_mistakes_are_told_with_what_to_do(shop, args, status, code, said):
    done = events(shop, *args, check=status)
    assert f"[{code} " in done.stderr and said in done.stderr and done.stdout == ""
    error = document(shop, *args, check=status)["error"]
    assert error["code"] == code


@pytest.mark.parametrize("args, said", [
    (["events", "lst"], "there is no command `events lst`; did you mean `events list`?"),
    (["events", "dlq", "repla"], "there is no command `events dlq repla`; did you mean `events dlq replay`?"),
    (["event"], "did you mean `events`?"),
])
def test_commands_that_are_not_there_have_neighbours(args, said):
    assert said in hansa(*args, check=64).stderr


@pytest.mark.parametrize("command", [[], ["list"], ["tail"], ["lag"], ["dlq"], ["dlq", "list"], ["dlq", "show"],
                                     ["dlq", "replay"], ["dlq", "drop"], ["rebuild"]])
def test_every_command_helps(command):
    help_text = hansa("events", *command, "--help", check=0).stdout
    assert "hansa events" in help_text or command == ["dlq"]


def test_lag_tells_how_far_ports_are_and_why_one_stands_still(shop, make_product):
    eventually(lambda: caught_up(shop), what="quiet")
    before = port(shop, "analytics/product")
    assert before["halted"] is None and before["at_work"] and before["kind"] == "projection"
    shop.psql("alter table analytics.product_label rename to mislaid")
    try:
        number = make_product(name="late")
        halted = eventually(lambda: port(shop, "analytics/product")["halted"], what="the halt")
        assert halted["sqlstate"] == "42P01" and "product_label" in halted["reason"]
        assert port(shop, "analytics/product")["lag"] >= 1
        text = shop.hansa("events", "lag", shop.folder, check=0).stdout
        assert re.search(r"^analytics/product +products-product-v1 .* HALTED$", text, re.M), text
        assert "analytics/product HALTED" in text and "SQLSTATE 42P01" in text
        assert port(shop, STOCK)["halted"] is None
    finally:
        shop.psql("alter table analytics.mislaid rename to product_label")
    eventually(lambda: port(shop, "analytics/product")["halted"] is None, 30, "the port going on")
    eventually(lambda: shop.psql(f"select name from analytics.product_label where id = {number}") == "late",
               what="its label")


def test_dead_letters_are_replayed_once_or_dropped(shop, http, make_product):
    product = make_product(stock=100)
    eventually(lambda: caught_up(shop), what="quiet")
    shop.psql("alter table analytics.counted_line add constraint few check (pieces < 7) not valid")
    try:
        lines = [place_order(http, {"product_id": product, "quantity": quantity}).json() for quantity in (7, 8, 1)]
        letters = eventually(lambda: len(found := document(shop, "dlq", "list", SALES)["dead_letters"]) == 2 and found,
                             what="two dead letters")
        assert [each["event"]["value"]["quantity"] for each in letters] == [7, 8]
        assert all(each["sqlstate"] == "23514" and "few" in each["reason"] and each["replayable"] for each in letters)
        text = events(shop, "dlq", "list").stdout
        assert f"{SALES}: 2 dead letters" in text and "2 x new row for relation" in text
        first, second = (each["offset"] for each in letters)
        shown = events(shop, "dlq", "show", SALES, first).stdout
        assert '"quantity": 7' in shown and "23514" in shown
        assert document(shop, "dlq", "show", SALES, first) == letters[0]
        # Nothing was mended: nothing changes.
        refused = document(shop, "dlq", "replay", SALES, first, check=1)
        assert refused["replayed"] == [] and refused["refused"][0]["offset"] == first
        assert "few" in events(shop, "dlq", "replay", SALES, first, check=1).stderr
        assert len(document(shop, "dlq", "list", SALES)["dead_letters"]) == 2
    finally:
        shop.psql("alter table analytics.counted_line drop constraint few")

    def counted():
        return shop.psql(f"select coalesce(sum(pieces), 0) from analytics.counted_line where product_id = {product}")

    assert counted() == "1"
    assert document(shop, "dlq", "replay", SALES, "--all") == {"port": SALES, "replayed": [first, second], "refused": []}
    assert counted() == "16"
    again = document(shop, "dlq", "replay", SALES, second, check=1)
    assert again["refused"][0]["error"]["code"] == "H7015" and counted() == "16"
    assert events(shop, "dlq", "list", SALES).stdout == "no dead letters\n"
    assert document(shop, "dlq", "show", SALES, first)["outcome"] == "replayed"
    assert events(shop, "dlq", "drop", SALES, first, check=1).stdout == ""
    assert len(lines) == 3


def test_dropped_letters_are_gone(shop, http, make_product):
    product = make_product(stock=100)
    eventually(lambda: caught_up(shop), what="quiet")
    shop.psql("alter table analytics.counted_line add constraint few check (pieces < 7) not valid")
    try:
        for quantity in (9, 10, 11):
            place_order(http, {"product_id": product, "quantity": quantity})
        letters = eventually(lambda: len(found := document(shop, "dlq", "list", SALES)["dead_letters"]) == 3 and found,
                             what="three dead letters")
    finally:
        shop.psql("alter table analytics.counted_line drop constraint few")
    first = letters[0]["offset"]
    assert events(shop, "dlq", "drop", SALES, first).stdout == f"dead letter {first} dropped\n"
    assert document(shop, "dlq", "list", SALES, "--limit", "1")["more"]
    assert len(document(shop, "dlq", "drop", SALES, "--all", "--yes")["dropped"]) == 2
    assert document(shop, "dlq", "list", SALES) == {"dead_letters": [], "more": False}


def test_a_projection_is_rebuilt_while_the_shop_is_open(shop, http, make_product):
    """Also a batch, whose tables are named with their schema."""
    product = make_product(stock=1000)
    for quantity in range(1, 6):
        place_order(http, {"product_id": product, "quantity": quantity, "total": quantity})
    eventually(lambda: caught_up(shop), what="quiet")
    tables = ("counted_line", "sales_by_product_and_day")
    events(shop, "rebuild", SALES)  # which takes what other tests dropped: nothing stands in its way now
    contents = "select md5(string_agg(t::text, ',' order by t::text)) from analytics.{} t"
    before = [shop.psql(contents.format(table)) for table in tables]
    shop.psql("update analytics.counted_line set pieces = 0; update analytics.sales_by_product_and_day set lines = 9; "
              f"insert into analytics.counted_line values (1000000, {product}, '2026-01-01', 1, 1)")
    report = document(shop, "rebuild", SALES)
    assert [shop.psql(contents.format(table)) for table in tables] == before
    changed = {table["table"]: table for table in report["tables"]}
    assert changed["counted_line"]["deleted"] == 1 and changed["counted_line"]["updated"] >= 5
    assert changed["sales_by_product_and_day"]["updated"] >= 1
    assert report["events"] >= 5 and report["missing"] == 0
    text = events(shop, "rebuild", SALES).stdout
    assert "counted_line: 0 inserted, 0 updated, 0 deleted" in text
    # The live port goes on from where it was.
    place_order(http, {"product_id": product, "quantity": 6, "total": 6})
    eventually(lambda: shop.psql("select sum(pieces) from analytics.sales_by_product_and_day "
                                 f"where product_id = {product}") == "21", what="the next sale")
    assert shop.psql("select count(*) from pg_namespace where nspname like 'hansa_rebuild%'") == "0"
    assert shop.plan().returncode == 0


def test_looking_needs_a_database_that_was_applied(shop):
    shop.down()
    try:
        assert "is not running" in events(shop, "list", check=4).stderr
    finally:
        shop.up()
