"""Up, down and what may happen between: signals, kills, ports, folders."""
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
from urllib.parse import urlsplit

import pytest

from running import HANSA, SHOP, Mesh, Session, alive, copy_shop, eventually, hansa, short_folder, start

PRODUCTS = "/products/v1/product"


def test_version_and_help_say_what_there_is():
    assert re.fullmatch(r"hansa \d+\.\d+\.\d+\n", hansa("--version", check=0).stdout)
    words = hansa("--help", check=0).stdout
    for command in ("init", "check", "plan", "apply", "up", "down", "serve", "load", "errors"):
        assert f"  {command} " in words
    assert hansa("upp").returncode == 64
    assert hansa("up", "--prot", "1").returncode == 64


def test_init_writes_the_example_anywhere():
    with short_folder() as parent:
        hansa("init", "--example", "shop", parent / "mine", check=0)
        for file in SHOP.rglob("*"):
            if file.is_file() and ".hansa" not in file.parts:
                assert (parent / "mine" / file.relative_to(SHOP)).read_bytes() == file.read_bytes(), file
        assert hansa("init", "--example", "shop", parent / "mine").returncode == 5
        hansa("check", parent / "mine", check=0)


def test_greeting_lines_can_be_pasted(fresh_shop):
    words = fresh_shop.up().stdout  # a second `up --detach` says again what the first said
    commands = re.findall(r"^ +(?:list|create|SQL) +(.*)$", words, re.M)
    assert len(commands) == 3, words
    for command in commands:
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=30)
        assert done.returncode == 0 and '"code":"H' not in done.stdout, f"{command}\n{done.stdout}{done.stderr}"
        assert '"id":' in done.stdout or "Laptop" in done.stdout, f"{command}\n{done.stdout}"
    with fresh_shop.client() as http:
        for url in re.findall(r"http://\S+/docs", words):
            assert http.get(urlsplit(url).path).status_code == 200


def test_everything_stays_in_its_folder(fresh_shop):
    assert (fresh_shop.folder / ".hansa/hansa.log").exists()
    for line in (fresh_shop.folder / ".hansa/hansa.log").read_text().splitlines():
        assert json.loads(line)["level"] in ("debug", "info", "warning", "error")
    pid = fresh_shop.pid()
    fresh_shop.down()
    assert not alive(pid)
    assert not (fresh_shop.folder / ".hansa/state.json").exists()
    assert subprocess.run(["pgrep", "-f", f"postgres.*{fresh_shop.folder}"]).returncode == 1
    fresh_shop.down()  # nothing to stop is no error


def test_rows_outlive_a_restart(fresh_shop):
    with fresh_shop.client() as http:
        row = http.post(PRODUCTS, json={"sku": "kept", "name": "kept", "price": 3}).json()
    fresh_shop.down()
    fresh_shop.up()
    with fresh_shop.client() as http:
        assert http.get(f"{PRODUCTS}/{row['id']}").json() == row
        assert len(http.get(f"{PRODUCTS}?name=eq.Laptop%20Pro").json()) == 1, "seeded twice"


def test_ctrl_c_stops_all_of_it():
    with short_folder() as parent:
        mesh = Mesh(copy_shop(parent / "shop"))
        process = start("up", mesh.folder, "--port", "0")
        try:
            eventually((mesh.folder / ".hansa/state.json").exists, 60)
            conninfo = mesh.state()["conninfo"]
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=40)
            assert process.returncode == 0
            assert subprocess.run(["psql", conninfo, "-c", "select 1"], capture_output=True).returncode == 2
        finally:
            if process.poll() is None:
                process.kill()
            mesh.end()


def test_after_kill_9_up_adopts(fresh_shop):
    before = fresh_shop.psql("select pg_postmaster_start_time()")
    os.kill(fresh_shop.pid(), signal.SIGKILL)
    done = fresh_shop.up()
    assert "adopted" in done.stdout + done.stderr
    assert fresh_shop.psql("select pg_postmaster_start_time()") == before
    with fresh_shop.client() as http:
        assert http.get(f"{PRODUCTS}/1").status_code == 200


def test_after_kill_9_of_everything_up_recovers(fresh_shop):
    with fresh_shop.client() as http:
        row = http.post(PRODUCTS, json={"sku": "acked", "name": "acked", "price": 3}).json()
    postmaster = int(fresh_shop.psql("select pg_read_file('postmaster.pid')").split()[0])
    os.kill(fresh_shop.pid(), signal.SIGKILL)
    os.kill(postmaster, signal.SIGKILL)
    eventually(lambda: not alive(postmaster), what="the end of the postmaster")
    fresh_shop.up()
    with fresh_shop.client() as http:
        assert http.get(f"{PRODUCTS}/{row['id']}").json() == row


def test_two_ups_of_one_folder(fresh_shop):
    done = hansa("up", fresh_shop.folder, "--port", "0")
    assert done.returncode == 5 and "H6005" in done.stderr
    assert str(fresh_shop.pid()) in done.stderr


def test_port_taken_says_who_and_what_to_do(fresh_shop):
    with short_folder() as parent:
        other = Mesh(copy_shop(parent / "shop"))
        try:
            done = other.hansa("up", other.folder, "--detach", "--port", urlsplit(fresh_shop.url).port)
            assert done.returncode == 6
            assert "H6002" in done.stderr and "--port" in done.stderr
        finally:
            other.end()


def test_without_postgres_up_says_what_to_install():
    with short_folder() as parent:
        shop = copy_shop(parent / "shop")
        # The program looks in /usr/lib/postgresql and in PATH; a mount of an empty folder hides the first.
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-c",
             f"mount -t tmpfs none /usr/lib/postgresql && PATH=/bin exec {HANSA} up {shop} --detach --port 0"],
            capture_output=True, text=True, timeout=60)
        if "unshare" in done.stderr or "mount:" in done.stderr:
            pytest.skip("hiding /usr/lib/postgresql needs the right to mount")
        assert done.returncode == 6, done.stderr
        assert "H6003" in done.stderr and "postgresql" in done.stderr


def test_full_disk_is_said():
    with short_folder() as parent:
        shop = parent / "shop"
        copy_shop(shop)
        (shop / ".hansa").mkdir()
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-c",
             f"mount -t tmpfs -o size=8m,mode=755 none {shop}/.hansa && exec {HANSA} up {shop} --detach --port 0"],
            capture_output=True, text=True, timeout=90)
        if "unshare" in done.stderr or "mount:" in done.stderr:
            pytest.skip("a small disk needs the right to mount")
        if done.returncode == 0:
            hansa("down", shop)
            pytest.skip("the cluster lies elsewhere than in .hansa here")
        assert re.search(r"H4006|[Nn]o space left|disk full", done.stderr), done.stderr


def test_sigterm_drops_no_request_in_flight(fresh_shop):
    """Fifty requests wait for a locked table; after SIGTERM each still gets its whole answer."""
    question = f"{PRODUCTS}?name=like.*ap*&limit=1"  # no index serves it: it may take its time
    at = urlsplit(fresh_shop.url)
    holder = Session(fresh_shop.state()["conninfo"])
    holder.say("begin")
    holder.say("lock table products.product in access exclusive mode")
    wires = []
    for _ in range(50):
        wire = socket.create_connection((at.hostname, at.port), timeout=30)
        wire.sendall(f"GET {question} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        wires.append(wire)
    eventually(lambda: fresh_shop.psql("select count(*) from pg_stat_activity where wait_event_type = 'Lock'") != "0")

    def connections():
        with fresh_shop.client() as http:
            return sum(float(line.split()[1]) for line in http.get("/metrics").text.splitlines()
                       if line.startswith("hansa_http_connections "))

    eventually(lambda: connections() >= 50, what="fifty connections")
    pid, conninfo = fresh_shop.pid(), fresh_shop.state()["conninfo"]
    os.kill(pid, signal.SIGTERM)

    def refused():
        try:
            socket.create_connection((at.hostname, at.port), timeout=1).close()
            return False
        except OSError:
            return True

    eventually(refused, what="the end of accepting")
    holder.say("commit")
    holder.close()
    answers = []
    for wire in wires:
        got = b""
        while piece := wire.recv(65536):
            got += piece
        answers.append(got)
        wire.close()
    assert sum(answer.startswith(b"HTTP/1.1 200") and b"Laptop" in answer for answer in answers) == 50
    eventually(lambda: not alive(pid), 40, "the end of the server")
    assert conninfo


def test_sigterm_under_load_answers_all_it_took(fresh_shop):
    """Clients that see a closed connection before any byte of an answer may retry; none may see half of one."""
    at, stop, torn, served = urlsplit(fresh_shop.url), threading.Event(), [], []

    def ask():
        while not stop.is_set():
            try:
                with socket.create_connection((at.hostname, at.port), timeout=10) as wire:
                    for _ in range(50):
                        wire.sendall(f"GET {PRODUCTS}/1 HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
                        got = wire.recv(65536)
                        if not got:
                            break
                        (served if got.endswith(b"}") else torn).append(got)
            except OSError:
                time.sleep(0.01)

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    eventually(lambda: len(served) > 300, 60)
    pid = fresh_shop.pid()
    started = time.monotonic()
    os.kill(pid, signal.SIGTERM)
    eventually(lambda: not alive(pid), 40, "the end of the server")
    assert time.monotonic() - started < 15
    stop.set()
    for thread in threads:
        thread.join()
    assert torn == []
