"""What the black-box tests stand on: the built binary, a mesh in a folder, a PostgreSQL of our own.

Nothing here knows how Hansa works inside: commands, files in DIR/.hansa, HTTP and psql are all it uses.
"""
import contextlib
import json
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from decimal import Decimal

import httpx

ROOT = pathlib.Path(__file__).resolve().parent.parent
# A sanitizer build keeps freed memory back; little of it, so that what tests measure is the program's.
os.environ["ASAN_OPTIONS"] = "quarantine_size_mb=4:" + os.environ.get("ASAN_OPTIONS", "")
HANSA = pathlib.Path(os.environ.get("HANSA", ROOT / "build/dev/src/app/hansa"))
SHOP = ROOT / "examples/ecommerce"


def hansa(*args, timeout=120, env=None, check=None, cwd=None, input=None):
    """Runs the program to its end. `check`: the exit status it must have."""
    done = subprocess.run([HANSA, *map(str, args)], capture_output=True, text=True, errors="replace", timeout=timeout,
                          env={**os.environ, **(env or {})}, cwd=cwd, input=input)
    if check is not None:
        assert done.returncode == check, f"hansa {args}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def start(*args, env=None, **how):
    """Starts the program and leaves it running."""
    how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **how}
    return subprocess.Popen([HANSA, *map(str, args)], text=True, env={**os.environ, **(env or {})}, **how)


def eventually(condition, within=20.0, what="the condition"):
    """Polls until `condition()` is true and returns its value."""
    end = time.monotonic() + within
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"{what} did not come within {within} s"
        time.sleep(0.02)


def copy_shop(folder):
    """A copy of the example that its private PostgreSQL may live in."""
    shutil.copytree(SHOP, folder, ignore=shutil.ignore_patterns(".hansa"))
    return pathlib.Path(folder)


def alive(pid):
    """Whether a process runs; one that ended and waits for its parent does not."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def edit(file, old, new):
    """Replaces `old`, which must stand there exactly once."""
    text = file.read_text()
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    file.write_text(text.replace(old, new))


def free_port():
    """For a program that has to keep its port when it is started again."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextlib.contextmanager
def short_folder():
    """A folder whose name is short enough for a unix socket, open to PostgreSQL's own user."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="hansa-t.", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Postgres:
    """A PostgreSQL that belongs to the test, which may kill it."""

    def __init__(self, folder, **settings):
        self.folder = pathlib.Path(folder)
        self.bin = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        self.settings = {"listen_addresses": "", "unix_socket_directories": folder, "max_connections": 100,
                         **settings}
        self.conninfo = f"host={folder} user=boss dbname=postgres"
        if os.getuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(folder, user.pw_uid, user.pw_gid)
        self.run("initdb", "-D", self.folder / "data", "-U", "boss", "-A", "trust", "-E", "UTF8",
                 "--locale=C.UTF-8")
        self.start()

    def run(self, program, *args):
        line = [self.bin / program, *map(str, args)]
        if os.getuid() == 0:
            line = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *line]
        subprocess.run(line, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/")

    def start(self):
        options = " ".join(f"-c {name}='{value}'" for name, value in self.settings.items())
        self.run("pg_ctl", "-D", self.folder / "data", "-w", "-l", self.folder / "log", "-o", options, "start")

    def pid(self):
        return int((self.folder / "data/postmaster.pid").read_text().split()[0])

    def kill(self):
        """kill -9 of the postmaster and of all its processes at once."""
        postmaster = self.pid()
        os.kill(postmaster, signal.SIGSTOP)  # or it forks others meanwhile
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(postmaster)], capture_output=True, text=True)
        pids = [postmaster, *map(int, children.stdout.split())]
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        # Gone for good, not only ended: a new postmaster takes a process that nobody waited for for a living one.
        eventually(lambda: not any(pathlib.Path(f"/proc/{pid}").exists() for pid in pids), what="the end of PostgreSQL")

    def stop(self):
        with contextlib.suppress(subprocess.CalledProcessError):
            self.run("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "-w", "stop")

    def psql(self, sql, user="boss", dbname="postgres"):
        return psql(f"host={self.folder} user={user} dbname={dbname}", sql)


def psql(conninfo, sql, check=True):
    done = subprocess.run(["psql", conninfo, "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql],
                          capture_output=True, text=True, timeout=60)
    if check:
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()
    return done


class Session:
    """A psql that stays open, to hold a transaction."""

    def __init__(self, conninfo):
        self.process = subprocess.Popen(["psql", conninfo, "-XAtq", "-v", "ON_ERROR_STOP=1"], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def say(self, sql):
        self.process.stdin.write(f"{sql};\n\\echo said\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line == "said\n":
                return "".join(lines).strip()
            lines.append(line)
        raise AssertionError("psql ended: " + "".join(lines))

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)


class Mesh:
    """A folder with a mesh, and what runs from it."""

    def __init__(self, folder, env=None):
        self.folder = pathlib.Path(folder)
        self.env = env or {}
        self.url = None
        self.server = None

    def hansa(self, command, *args, **how):
        return hansa(command, *args, env=self.env, **how)

    def up(self, *args, check=0):
        done = self.hansa("up", self.folder, "--detach", "--port", "0", *args, check=check)
        if check == 0:
            self.url = self.state()["url"].replace("localhost", "127.0.0.1")
        return done

    def down(self, check=0):
        return self.hansa("down", self.folder, check=check)

    def serve(self, environment, *args):
        """`hansa serve` in the background; returns when it listens."""
        self.log = self.folder.with_suffix(".log")  # a pipe nobody reads would stop the server when it is full
        with open(self.log, "a") as log:
            self.server = start("serve", self.folder, "--environment", environment, "--port", "0", *args, env=self.env,
                                stderr=log)
        line = self.server.stdout.readline()
        found = re.search(r"http://\S+:(\d+)", line)
        assert found, line + self.log.read_text()
        self.url = f"http://127.0.0.1:{found[1]}"

    def stop_serving(self):
        if self.server and self.server.poll() is None:
            self.server.terminate()
        if self.server:
            self.server.communicate(timeout=30)

    def state(self):
        return json.loads((self.folder / ".hansa/state.json").read_text())

    def pid(self):
        return int(self.state()["pid"])

    def kafka(self):
        """host:port of the gateway of a mesh that is up."""
        return self.state()["kafka"].replace("localhost", "127.0.0.1")

    def psql(self, sql):
        return psql(self.state()["conninfo"], sql)

    def client(self, **how):
        return httpx.Client(base_url=self.url, timeout=30, **how)

    def plan(self, *args, check=None):
        return self.hansa("plan", self.folder, *args, check=check)

    def load(self, product, file, *args, check=None):
        """`hansa load --json`; returns its report and exit status."""
        done = self.hansa("load", product, file, "--mesh", self.folder, "--json", *args, check=check)
        return (json.loads(done.stdout) if done.stdout.startswith("{") else {}), done

    def end(self):
        self.stop_serving()
        if (self.folder / ".hansa").exists():
            self.hansa("down", self.folder)


@contextlib.contextmanager
def running_shop(**changes):
    """A fresh shop that is up. `changes`: file (with __ for /) = function of its path."""
    with short_folder() as folder:
        mesh = Mesh(copy_shop(folder / "shop"))
        try:
            mesh.up()
            yield mesh
        finally:
            mesh.end()


@contextlib.contextmanager
def own_postgres(**settings):
    with short_folder() as folder:
        server = Postgres(folder, **settings)
        try:
            yield server
        finally:
            server.stop()


@contextlib.contextmanager
def applied_shop():
    """(folder, mesh, PostgreSQL): the shop, applied for development to a PostgreSQL that the test may kill; not served yet."""
    with own_postgres() as postgres, short_folder() as folder:
        mesh = Mesh(copy_shop(folder / "shop"), env={"HANSA_POSTGRES": postgres.conninfo})
        edit(mesh.folder / "mesh.yaml", "  development: {", "  development: {postgres: '${HANSA_POSTGRES}', ")
        mesh.hansa("apply", mesh.folder, "--environment", "development", "--yes", check=0)
        yield folder, mesh, postgres


def problem(answer, status, code=None):
    """Checks that an answer is a problem document of that status and returns it."""
    assert answer.status_code == status, f"{answer.status_code} {answer.text[:500]}"
    assert answer.headers["content-type"].split(";")[0] == "application/problem+json"
    document = answer.json()
    assert document["status"] == status
    assert re.fullmatch(r"H\d{4}", document["code"])
    assert document["type"].startswith("urn:hansa:error:")
    assert document["title"] and document["detail"]
    if code:
        assert document["type"].endswith(":" + code), document
    return document


def place_order(http, body):
    """Orders one line or an array of them. What is 409 because Orders has not heard of a product yet comes again."""
    def attempt():
        answer = http.post("/orders/v1/order", json=body)
        if answer.status_code == 409:
            problem(answer, 409, "not-arrived-yet")
            return None
        assert answer.status_code == 201, answer.text
        return answer

    return eventually(attempt, what="the product's arrival in Orders")


class Tail:
    """`hansa events tail` of one topic from its first event on, in the background; `with` ends it."""

    def __init__(self, mesh, topic):
        self.topic, self.seen, self.rest = topic, [], b""
        self.file = tempfile.NamedTemporaryFile()      # a pipe that nobody empties would stop the program
        self.errors = tempfile.TemporaryFile("w+")
        self.process = start("events", "tail", topic, "--json", "--from", "earliest", "--follow", "--mesh",
                             mesh.folder, env=mesh.env, stdout=self.file, stderr=self.errors)
        self.reader = open(self.file.name, "rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        for each in (self.reader, self.file, self.errors):
            each.close()

    def events(self):
        """All that came so far, as {topic, partition, offset, time, key, op, value}; numbers keep their digits."""
        *lines, self.rest = (self.rest + self.reader.read()).split(b"\n")
        self.seen += [json.loads(line, parse_float=Decimal) for line in lines if line]
        return self.seen

    def of(self, key):
        return [event for event in self.events() if event["key"] == str(key)]

    def wait(self, condition, what, within=20.0):
        def check():
            assert self.process.poll() is None, f"tail of {self.topic} ended: {self.said()}"
            return condition(self)

        return eventually(check, within, f"{what} in {self.topic}")

    def said(self):
        self.errors.seek(0)
        return self.errors.read() + pathlib.Path(self.file.name).read_text()[-2000:]


def resident_bytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmRSS")
