"""PostgreSQL fails under a running server: connections run out, it is killed, it comes back."""
import os
import signal
import threading
import time

import pytest

from running import Mesh, Session, copy_shop, eventually, own_postgres, problem, short_folder

PRODUCTS = "/products/v1/product"


@pytest.fixture(params=[{}])
def shop_on(request):
    """The shop, served from a PostgreSQL that the test may kill; development, so that it takes writes."""
    with own_postgres(**request.param) as postgres, short_folder() as parent:
        mesh = Mesh(copy_shop(parent / "shop"), env={"HANSA_POSTGRES": postgres.conninfo})
        file = mesh.folder / "mesh.yaml"
        text = file.read_text()
        at = text.index("  development:")
        end = text.index("\n", at)
        line = text[at:end]
        if "{" in line:
            inner = line.split("{")[1].split("}")[0].strip()
            text = text.replace(line, "  development: {postgres: '${HANSA_POSTGRES}'" +
                                (f", {inner}" if inner else "") + "}")
        else:
            text = text.replace(line, line + "\n    postgres: ${HANSA_POSTGRES}")
        file.write_text(text)
        mesh.hansa("apply", mesh.folder, "--environment", "development", "--yes", check=0)
        try:
            mesh.serve("development")
            yield mesh, postgres
        finally:
            mesh.stop_serving()


def test_killed_postgres_loses_nothing_acknowledged(shop_on):
    mesh, postgres = shop_on
    stop, acknowledged, refused, odd = threading.Event(), [], [], []

    def write(worker):
        with mesh.client() as http:
            n = 0
            while not stop.is_set():
                n += 1
                sku = f"w{worker}-{n}"
                try:
                    answer = http.post(PRODUCTS, json={"sku": sku, "name": "n", "price": 1})
                except Exception as error:  # the server itself must stay
                    odd.append(repr(error))
                    continue
                if answer.status_code == 201:
                    acknowledged.append(sku)
                elif answer.status_code in (500, 503, 504):
                    refused.append(answer.json()["code"])
                else:
                    odd.append(answer.text)

    threads = [threading.Thread(target=write, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(3):
            known = len(acknowledged)
            eventually(lambda: len(acknowledged) > known + 100, 60, "writes")
            postgres.kill()
            time.sleep(0.3)
            postgres.start()
            known, started = len(acknowledged), time.monotonic()
            eventually(lambda: len(acknowledged) > known + 20, 20, "writes after the restart")
            assert time.monotonic() - started < 10
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert odd == []
    assert refused, "a killed PostgreSQL was not noticed"
    stored = set(postgres.psql("select sku from products.product").split())
    assert set(acknowledged) <= stored


def test_absent_postgres_is_503_and_not_ready(shop_on):
    mesh, postgres = shop_on
    with mesh.client() as http:
        eventually(lambda: http.get("/readyz").status_code == 200, what="/readyz to say yes")
        postgres.kill()
        for _ in range(5):
            started = time.monotonic()
            answer = http.get(f"{PRODUCTS}/1")
            problem(answer, 503, "database-unreachable")
            assert int(answer.headers["retry-after"]) >= 1
            assert time.monotonic() - started < 5
        eventually(lambda: http.get("/readyz").status_code == 503, what="/readyz to say no")
        assert http.get("/healthz").status_code == 200
        assert http.get("/products/v1/openapi.json").status_code == 200
        postgres.start()
        eventually(lambda: http.get("/readyz").status_code == 200, what="/readyz to say yes")
        assert http.get(f"{PRODUCTS}?limit=1").status_code == 200


@pytest.mark.parametrize("shop_on", [{"max_connections": 24, "superuser_reserved_connections": 0}], indirect=True)
def test_exhausted_connections_are_503_and_never_a_hang(shop_on):
    mesh, postgres = shop_on
    with mesh.client() as http:
        assert http.get(f"{PRODUCTS}?limit=1").status_code == 200
        sessions = [Session(postgres.conninfo)]
        os.kill(mesh.server.pid, signal.SIGSTOP)  # or it takes back at once what is taken from it
        try:
            sessions[0].say("select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'hansa%'")
            for _ in range(60):
                session = Session(postgres.conninfo)
                try:
                    session.say("select 1")
                    sessions.append(session)
                except (AssertionError, BrokenPipeError):
                    break
            else:
                pytest.fail("PostgreSQL never ran out of connections")
            os.kill(mesh.server.pid, signal.SIGCONT)
            statuses = []
            for _ in range(10):
                started = time.monotonic()
                answer = http.get(f"{PRODUCTS}?limit=1", headers={"Prefer": "count=exact"})
                assert time.monotonic() - started < 10
                statuses.append(answer.status_code)
                if answer.status_code != 200:
                    problem(answer, 503)
                    assert answer.headers["retry-after"]
            assert 503 in statuses
        finally:
            os.kill(mesh.server.pid, signal.SIGCONT)
            for session in sessions:
                session.close()
        eventually(lambda: http.get(f"{PRODUCTS}?limit=1").status_code == 200, what="answers again")


def test_many_slow_requests_are_refused_not_queued_for_ever(shop_on):
    """A locked table: requests wait, time out or are refused, and key look-ups of other domains go on."""
    mesh, postgres = shop_on
    holder = Session(postgres.conninfo)
    holder.say("begin")
    holder.say("lock table products.product in access exclusive mode")
    statuses = []

    def ask():
        with mesh.client() as http:
            statuses.append(http.get(f"{PRODUCTS}?limit=1", headers={"Prefer": "count=exact"}, timeout=60).status_code)

    threads = [threading.Thread(target=ask) for _ in range(100)]
    for thread in threads:
        thread.start()
    with mesh.client() as http:
        for _ in range(10):
            started = time.monotonic()
            assert http.get("/users/v1/user?limit=1").status_code == 200
            assert time.monotonic() - started < 3
    holder.say("commit")
    for thread in threads:
        thread.join(60)
    assert len(statuses) == 100
    assert set(statuses) <= {200, 503, 504}
    holder.close()

