r"""`hansa load` against psql's \copy: one file, one table, the same constraints, every row on disk at the end."""
import subprocess
import time

import figures
import rows

TABLE = "products.product"


def measure(world):
    count = world.size.load_rows
    file = world.folder / "load.csv"
    rows.write_csv(file, count)
    cell = figures.Cell("load", f"Loading {count:,} rows", "s", {})
    for turn in range(min(world.size.rounds, 3)):
        world.note_round("loading", turn)
        for side, load in (("hansa", lambda: world.hansa_load(file)), ("copy", lambda: copy(world, file))):
            # Both begin with an empty table and no dirty pages, or one would pay for the other's.
            world.sql(f"TRUNCATE {TABLE} RESTART IDENTITY")
            world.sql("CHECKPOINT")
            began = time.perf_counter()
            load()
            cell.samples.setdefault(side, []).append(time.perf_counter() - began)
            found = int(world.sql(f"SELECT count(*) FROM {TABLE}"))
            if found != count:
                raise SystemExit(f"bench: {side} loaded {found} of {count} rows")
    return [cell]


def copy(world, file):
    command = rf"\copy {TABLE} ({', '.join(rows.COLUMNS)}) FROM '{file}' WITH (FORMAT csv, HEADER true)"
    subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", "-c", command, world.conninfo], check=True)
