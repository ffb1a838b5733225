"""What one run of the bench works in: a folder, a database, the sides that are compared, and how long to ask them."""
import dataclasses
import os
import pathlib
import re
import subprocess
import sys

import machine
import mesh_folder
import process
import rows

HERE = pathlib.Path(__file__).parent


@dataclasses.dataclass(frozen=True)
class Size:
    rows: int = 200_000
    load_rows: int = 1_000_000
    rounds: int = 5
    seconds: int = 4
    warm_seconds: int = 2
    checked_rows: int = 2000


QUICK = Size(rows=20_000, load_rows=20_000, rounds=2, seconds=1, warm_seconds=1, checked_rows=200)


class Side:
    """A service that is compared: how to start it and where its rows and pages are."""

    def __init__(self, name, row_path, page_path, make_server):
        self.name, self.row_path, self.page_path = name, row_path, page_path
        self.make_server = make_server
        self.server = None


class World:
    all_path = "/products/v1/product"

    def __init__(self, size, folder, hansa):
        self.size, self.folder, self.hansa = size, pathlib.Path(folder), hansa
        self.conninfo = os.environ["HANSA_TEST_POSTGRES"]
        self.mesh = self.folder / "mesh"
        self.environment = {**os.environ, "HANSA_BENCH_POSTGRES": self.conninfo}
        self.sides = [
            Side("hansa", "/products/v1/product/{}", "/products/v1/product?limit={size}&id=gt.{{}}", self.hansa_server),
            Side("fastapi", "/products/{}", "/products?limit={size}&after={{}}", lambda: self.fastapi_server("tutorial")),
            Side("tuned", "/products/{}", "/products?limit={size}&after={{}}", lambda: self.fastapi_server("tuned")),
        ]
        self.calm = []

    def prepare(self):
        """The mesh, its tables, and the rows, loaded as a user would load them."""
        mesh_folder.write(self.mesh)
        self.run_hansa("apply", str(self.mesh), "-e", "bench", "--yes")
        file = self.folder / "products.csv"
        rows.write_csv(file, self.size.rows)
        self.hansa_load(file)
        self.sql("VACUUM ANALYZE products.product")

    def run_hansa(self, *arguments):
        done = subprocess.run([self.hansa, *arguments], env=self.environment, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"bench: hansa {' '.join(arguments)} ended with {done.returncode}:\n"
                             f"{done.stdout}{done.stderr}")

    def hansa_load(self, file):
        self.run_hansa("load", "products/v1/product", str(file), "-m", str(self.mesh), "-e", "bench", "--restart",
                       "--json")

    def sql(self, statement):
        done = subprocess.run(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-c", statement, self.conninfo],
                              check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def hansa_server(self):
        port = process.free_port()
        command = [self.hansa, "serve", str(self.mesh), "-e", "bench", "--port", str(port)]
        return process.Server("hansa", command, port, "/products/v1/product/1", self.folder / "hansa.log",
                              self.environment)

    def fastapi_server(self, variant):
        port = process.free_port()
        socket_folder = re.search(r"host=(\S+)", self.conninfo)[1]
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1",
                       "BENCH_FASTAPI_POSTGRES": f"postgresql+psycopg2://hansa@/postgres?host={socket_folder}"}
        command = [sys.executable, "-m", "uvicorn", f"fastapi_{variant}:app", "--workers", "2", "--loop", "uvloop",
                   "--http", "httptools", "--no-access-log", "--log-level", "warning", "--port", str(port)]
        return process.Server(f"fastapi {variant}", command, port, "/products/1", self.folder / f"{variant}.log",
                              environment, HERE)

    def note_round(self, part, turn):
        """How much the machine did for others, before each round."""
        strangers = machine.strangers()
        self.calm.append({"part": part, "load_average": machine.load_average(), "strangers": strangers})
        say(f"{part}, round {turn + 1}; load average {machine.load_average()}, "
            f"other programs take {strangers:.0%} of the cores")


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)
