"""A running mesh takes over what `apply` changed, without an answer lost on the way."""
import os
import signal
import threading
import time

from running import Session, alive, edit, eventually

PRODUCTS = "/products/v1/product"
STOCK = "      - name: stock\n"


def contract(shop):
    return shop.folder / "domains/products/catalog/product.v1.odcs.yaml"


def with_colour(shop):
    edit(contract(shop), STOCK, "      - {name: colour, logicalType: string, customProperties: "
                                "[{property: hansa.default, value: grey}]}\n" + STOCK)


def first_row(shop):
    """Over a connection of its own: one that is kept may be closed at any take-over, as HTTP allows."""
    with shop.client() as http:
        answer = http.get(f"{PRODUCTS}?limit=1")
    assert answer.status_code in (200, 503), answer.text      # 503 while the database is ahead of the contracts
    return answer.json()[0] if answer.status_code == 200 else {}


def page(shop, path):
    with shop.client() as http:
        return http.get(path).text


def log(shop):
    return (shop.folder / ".hansa/hansa.log").read_text()


def test_an_added_column_is_served_without_a_lost_answer(fresh_shop):
    stop, bad, served = threading.Event(), [], []

    def read(keep_alive):
        while not stop.is_set():
            with fresh_shop.client() as http:
                for _ in range(50 if keep_alive else 1):
                    try:
                        answer = http.get(f"{PRODUCTS}?limit=1")
                    except Exception as error:
                        bad.append(repr(error))
                        continue
                    served.append(answer.status_code)
                    if answer.status_code != 200:
                        bad.append(answer.text)

    readers = [threading.Thread(target=read, args=(n % 2 == 0,)) for n in range(4)]
    for reader in readers:
        reader.start()
    try:
        with_colour(fresh_shop)
        fresh_shop.hansa("apply", fresh_shop.folder, "--yes", check=0)
        eventually(lambda: first_row(fresh_shop).get("colour") == "grey", what="the new column")
        assert '"colour"' in page(fresh_shop, "/products/v1/openapi.json")
        time.sleep(0.5)      # the generation before drains meanwhile
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    # An idle connection may be closed in the moment a request is on its way: HTTP's own race, which clients repeat.
    lost = [line for line in bad if "RemoteProtocolError" not in line and "ReadError" not in line]
    assert not lost and len(bad) <= 4, bad
    assert len(served) > 100


def test_a_dropped_column_is_gone_and_not_an_error(fresh_shop):
    with_colour(fresh_shop)
    fresh_shop.hansa("apply", fresh_shop.folder, "--yes", check=0)
    eventually(lambda: "colour" in first_row(fresh_shop), what="the new column")
    text = contract(fresh_shop).read_text()
    contract(fresh_shop).write_text("".join(line for line in text.splitlines(True) if "name: colour" not in line))
    fresh_shop.hansa("apply", fresh_shop.folder, "--yes", "--allow-destructive", check=0)
    eventually(lambda: "name" in first_row(fresh_shop) and "colour" not in first_row(fresh_shop),
               what="answers without the column")


def test_a_wrong_or_unapplied_folder_is_not_taken_over(fresh_shop):
    pid = fresh_shop.state()["pid"]
    before = contract(fresh_shop).read_text()
    contract(fresh_shop).write_text(before.replace("kind: DataContract", "kind: Nonsense"))
    os.kill(pid, signal.SIGHUP)
    eventually(lambda: "still serving the contracts before" in log(fresh_shop), what="the refusal in the log")
    assert first_row(fresh_shop)
    contract(fresh_shop).write_text(before)
    with_colour(fresh_shop)
    os.kill(pid, signal.SIGHUP)
    eventually(lambda: "not-applied" in log(fresh_shop), what="the second refusal")
    assert "colour" not in first_row(fresh_shop)
    assert all(line.startswith("{") for line in log(fresh_shop).splitlines()), "the log is JSON lines"


def test_words_are_taken_over_by_a_signal(fresh_shop):
    edit(fresh_shop.folder / "domains/products/domain.yaml", "description: ", "description: New words. ")
    os.kill(fresh_shop.state()["pid"], signal.SIGHUP)
    eventually(lambda: "New words." in page(fresh_shop, "/products") + page(fresh_shop, "/"), what="the new description")


def test_an_apply_without_steps_is_taken_over_too(fresh_shop):
    edit(fresh_shop.folder / "domains/products/domain.yaml", "description: ", "description: Other words. ")
    fresh_shop.hansa("apply", fresh_shop.folder, "--yes", check=0)
    eventually(lambda: "Other words." in page(fresh_shop, "/products") + page(fresh_shop, "/"),
               what="the new description")


def test_serving_an_unapplied_folder_is_refused(fresh_shop):
    with_colour(fresh_shop)
    done = fresh_shop.hansa("serve", fresh_shop.folder, "--environment", "development", "--port", "0", check=5)
    assert "H3013" in done.stderr and "hansa apply" in done.stderr
    fresh_shop.serve("development", "--domain", "orders")      # what is not applied is another domain's
    with fresh_shop.client() as http:
        assert http.get("/orders/v1/order?limit=1").status_code == 200


def test_it_ends_in_time_although_postgres_keeps_it_waiting(fresh_shop):
    pid = fresh_shop.state()["pid"]
    session = Session(fresh_shop.state()["conninfo"])
    try:
        session.say("begin")
        session.say("lock table hansa.applied, products.product in access exclusive mode")
        time.sleep(1.5)      # the watch asks every second, and waits now
        os.kill(pid, signal.SIGHUP)
        os.kill(pid, signal.SIGTERM)
        eventually(lambda: not alive(pid), within=15, what="the end")
    finally:
        session.close()


def test_many_changes_hold_few_connections(fresh_shop):
    def connections():
        return int(fresh_shop.psql("select count(*) from pg_stat_activity where application_name like 'hansa%'"))

    before = connections()
    for n in range(6):
        edit(fresh_shop.folder / "domains/products/domain.yaml", "description: ", f"description: Words {n}. ")
        os.kill(fresh_shop.state()["pid"], signal.SIGHUP)
        eventually(lambda: f"Words {n}." in page(fresh_shop, "/products") + page(fresh_shop, "/"))
    eventually(lambda: connections() <= before + 2, what="no more connections than before")
    with fresh_shop.client() as http:
        metrics = http.get("/metrics").text
    shown = sum(float(line.split()[-1]) for line in metrics.splitlines()
                if line.startswith("hansa_database_connections{"))
    assert shown <= before + 2, metrics
