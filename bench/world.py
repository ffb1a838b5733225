"""What one run of `bench rest` works in: the table, the sides that are compared, and how long to ask them."""
import dataclasses
import os
import re
import sys

import mesh_folder
import process
import rows
from ground import HERE, Ground


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


class World(Ground):
    all_path = "/products/v1/product"

    def __init__(self, size, folder, hansa):
        super().__init__(size, folder, hansa)
        self.sides = [
            Side("hansa", "/products/v1/product/{}", "/products/v1/product?limit={size}&id=gt.{{}}",
                 lambda: self.hansa_server("/products/v1/product/1")),
            Side("fastapi", "/products/{}", "/products?limit={size}&after={{}}", lambda: self.fastapi_server("tutorial")),
            Side("tuned", "/products/{}", "/products?limit={size}&after={{}}", lambda: self.fastapi_server("tuned")),
        ]

    def prepare(self):
        """The mesh, its tables, and the rows, loaded as a user would load them."""
        mesh_folder.write(self.mesh)
        self.apply()
        file = self.folder / "products.csv"
        rows.write_csv(file, self.size.rows)
        self.hansa_load(file)
        self.sql("VACUUM ANALYZE products.product")

    def hansa_load(self, file):
        self.run_hansa("load", "products/v1/product", str(file), "-m", str(self.mesh), "-e", self.stage, "--restart",
                       "--json")

    def fastapi_server(self, variant):
        port = process.free_port()
        socket_folder = re.search(r"host=(\S+)", self.conninfo)[1]
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1",
                       "BENCH_FASTAPI_POSTGRES": f"postgresql+psycopg2://hansa@/postgres?host={socket_folder}"}
        command = [sys.executable, "-m", "uvicorn", f"fastapi_{variant}:app", "--workers", "2", "--loop", "uvloop",
                   "--http", "httptools", "--no-access-log", "--log-level", "warning", "--port", str(port)]
        return process.Server(f"fastapi {variant}", command, port, "/products/1", self.folder / f"{variant}.log",
                              environment, HERE)
