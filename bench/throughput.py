"""Requests a second: one row by key at 1, 16 and 64 connections, pages of 20 and 100 rows at 16."""
import figures
import generator


def row_load(side, rows):
    return generator.Load(side.row_path, 1, rows)


def page_load(side, size, rows):
    """A page after any key: every side continues by key, which costs PostgreSQL the same wherever the page is."""
    return generator.Load(side.page_path.format(size=size), 0, rows - size)


def measure(world):
    """Side after side within a cell, cell after cell within a round, so that every minute's noise meets all."""
    cells = [figures.Cell(f"row_{n}", f"One row by key, {connections(n)}", "requests/s", {}, {}) for n in (1, 16, 64)]
    cells += [figures.Cell(f"page_{n}", f"A page of {n} rows, 16 connections", "requests/s", {}, {}) for n in (20, 100)]
    for side in world.sides:      # caches, pools and prepared statements fill before anything counts
        for load, _ in (row(side, world, 64), page(side, world, 20), page(side, world, 100)):
            generator.wrk(side.server.url, load, 64, world.size.warm_seconds)
    for turn in range(world.size.rounds):
        world.note_round("throughput", turn)
        for cell in cells:
            kind, size = cell.name.split("_")
            for side in world.sides:
                load, at_once = row(side, world, int(size)) if kind == "row" else page(side, world, int(size))
                found = generator.wrk(side.server.url, load, at_once, world.size.seconds, seed=turn + 1)
                keep(cell, side.name, found)
            keep(cell, "pgbench", postgres_alone(world, kind, int(size), turn + 1))
    return cells


def postgres_alone(world, kind, size, seed):
    """What PostgreSQL and its own generator reach with the same rows, of which no server can have more."""
    at_once, numbers = (size, {}) if kind == "row" else (16, {"size": size})
    return generator.pgbench(world.conninfo, generator.HERE / f"{kind}.pgbench", at_once, world.size.seconds,
                             {"rows": world.size.rows, **numbers}, seed)


def connections(count):
    return f"{count} connection{'' if count == 1 else 's'}"


def row(side, world, at_once):
    return row_load(side, world.size.rows), at_once


def page(side, world, size):
    return page_load(side, size, world.size.rows), 16


def keep(cell, side, found):
    cell.samples.setdefault(side, []).append(found["rate"])
    if "p99_ms" in found:
        cell.tails_ms.setdefault(side, []).append(found["p99_ms"])
