"""kill -9 of `hansa serve` and of PostgreSQL at random points while sixteen clients register the same and different schemas: an
acknowledged registration stays, a schema has one id for ever, and no id is used twice.

A few points by default; HANSA_CRASH_REGISTRY=60/40 makes more (hansa/PostgreSQL). When is killed is drawn from HANSA_CRASH_SEED.
"""
import contextlib
import json
import os
import random
import threading
import time

import httpx
import pytest

from event_world import Server
from running import applied_shop, eventually, free_port

POINTS = dict(zip(("hansa", "postgres"), map(int, os.environ.get("HANSA_CRASH_REGISTRY", "6/3").split("/")), strict=True))
SEED = int(os.environ.get("HANSA_CRASH_SEED", "20261124"))
CLIENTS, SUBJECTS = 16, 4
BACK_WITHIN = 40.0  # seconds until a schema is registered again


def schema(number):
    return json.dumps({"type": "record", "name": f"R{number}", "fields": [{"name": "a", "type": "int"}]})


class Client(threading.Thread):
    """Registers schemas by number, each until it is acknowledged; several clients go through the same numbers at once."""

    def __init__(self, name, url):
        super().__init__(daemon=True)
        self.subject, self.url, self.acknowledged, self.errors = f"s{name % SUBJECTS}-value", url, [], []
        self.ending, self.next = threading.Event(), 0

    def run(self):
        with httpx.Client(base_url=self.url, timeout=5) as http:
            while not self.ending.is_set() and not self.errors:
                with contextlib.suppress(httpx.TransportError):  # killed meanwhile: nothing is promised
                    self.register(http)
                    continue
                time.sleep(0.01)

    def register(self, http):
        answer = http.post(f"/subjects/{self.subject}/versions", json={"schema": schema(self.next)})
        if answer.status_code == 200:
            self.acknowledged.append((self.next, answer.json()["id"]))
            self.next += 1
        elif answer.status_code < 500:
            self.errors.append(f"{answer.status_code} {answer.text}")


def judge(url, clients):
    """How many schemas there are, after a look at every one that was acknowledged."""
    ids = {}
    for client in clients:
        for number, id in client.acknowledged:
            assert ids.setdefault(number, id) == id, f"schema {number} has ids {ids[number]} and {id}"
    assert len(set(ids.values())) == len(ids), "an id was given to two schemas"
    with httpx.Client(base_url=url, timeout=30) as http:
        for number, id in ids.items():
            assert json.loads(http.get(f"/schemas/ids/{id}").json()["schema"]) == json.loads(schema(number))
        for client in clients[:SUBJECTS]:
            wanted = {number for other in clients if other.subject == client.subject for number, _ in other.acknowledged}
            versions = http.get(f"/subjects/{client.subject}/versions").json()
            assert versions == list(range(1, len(versions) + 1)) and len(versions) >= len(wanted)
            numbers = [int(json.loads(http.get(f"/subjects/{client.subject}/versions/{version}/schema").text)["name"][1:])
                       for version in versions]
            assert len(set(numbers)) == len(numbers), "a schema has two versions"
            assert set(numbers) >= wanted, "an acknowledged registration is gone"
    return len(ids)


@contextlib.contextmanager
def registering():
    """(server, PostgreSQL, clients, the registry's address)"""
    with applied_shop() as (folder, mesh, postgres):
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        server = Server(mesh, folder / "log", "--registry-port", str(port))
        try:
            server.start()
            server.wait_until_listening()
            for subject in range(SUBJECTS):  # any schema may follow any other
                httpx.put(f"{url}/config/s{subject}-value", json={"compatibility": "NONE"}).raise_for_status()
            clients = [Client(i, url) for i in range(CLIENTS)]
            for client in clients:
                client.start()
            yield server, postgres, clients, url
        finally:
            server.stop()


def go_on(clients):
    before = [len(client.acknowledged) for client in clients]

    def more():
        assert not any(client.errors for client in clients), [client.errors for client in clients]
        return all(len(client.acknowledged) > was + 3 for client, was in zip(clients, before, strict=True))

    eventually(more, BACK_WITHIN, "schemas to be registered again")


def end(url, clients, points, killed, record_property):
    for client in clients:
        client.ending.set()
    for client in clients:
        client.join(30)
        assert not client.is_alive() and not client.errors, client.errors
    schemas = judge(url, clients)
    record_property("said", f"{points} points ({killed} killed, seed {SEED}); {sum(len(one.acknowledged) for one in clients)} "
                    f"registrations of {schemas} schemas acknowledged, each schema with one id")


@pytest.mark.timeout(180 + 15 * POINTS["hansa"])
def test_killed_hansa_while_registering(record_property):
    dice = random.Random(f"{SEED}/registry/hansa")
    with registering() as (server, _, clients, url):
        for _ in range(POINTS["hansa"]):
            go_on(clients)
            time.sleep(dice.uniform(0, 0.2))
            server.kill()
            server.start()
        go_on(clients)
        end(url, clients, POINTS["hansa"], "hansa", record_property)


@pytest.mark.timeout(180 + 15 * POINTS["postgres"])
def test_killed_postgres_while_registering(record_property):
    dice = random.Random(f"{SEED}/registry/postgres")
    with registering() as (_, postgres, clients, url):
        for _ in range(POINTS["postgres"]):
            go_on(clients)
            time.sleep(dice.uniform(0, 0.2))
            postgres.kill()
            postgres.start()
        go_on(clients)
        end(url, clients, POINTS["postgres"], "PostgreSQL", record_property)
