"""The section of the page of figures that tells what `bench rest` measured."""
import figures
import paper

HEAD = """\
From `{command}`. Hansa's REST port, the tutorial's FastAPI service and pgbench read the same table of {rows:,} products, {rounds}
rounds of {seconds} s each. Before anything was timed, {checked} answers of each service were compared with PostgreSQL, value by
value.
"""
VERSIONS = ("PostgreSQL", "wrk", "Python", "fastapi", "uvicorn", "uvloop", "httptools", "sqlalchemy", "psycopg2-binary")

SIDES = """\
- *Hansa*: `hansa serve`, release build, its defaults.
- *FastAPI, as taught*: a SQLAlchemy session a request by dependency, rows as dicts; uvicorn with two workers, uvloop and
  httptools, no access log, a pool no request waits for. The aims are set against this one.
- *FastAPI, tuned*: the same routes without dependency and transaction, answers typed so that pydantic writes them.
- *pgbench*: the same columns of the same rows, `-M prepared`, two threads, unix socket; no HTTP, no JSON.
"""

LIMITS = """\
- The rivals are what the tutorial teaches and PostgreSQL's own generator. A service in Go or Rust with a good driver is
  far nearer to Hansa than FastAPI is; none was measured here.
- wrk takes a good part of the two cores when the server is fast, and little when it is slow: rates of Hansa would be
  higher with the generator elsewhere, and the ratios too.
- Pages begin after a random key on every side (`id=gt.N`); with `offset` PostgreSQL would do more, under any server.
- Resident memory counts pages that processes share once for each process, which is hard on two Python workers.
"""


def compared(cells, names):
    """Cells of the same sides as one table: figures, then Hansa's ratio to each other side."""
    sides = list(dict.fromkeys(side for name in names for side in cells[name]["samples"]))
    others = [side for side in sides if side != "hansa"]
    head = ["", *(figures.NAMES[side] for side in sides), *(f"Hansa / {figures.NAMES[side]}" for side in others)]
    rows = []
    for name in names:
        cell = cells[name]
        rows.append([f"{cell['title']}, {cell['unit']}",
                     *(figures.spread(cell["samples"][side]) if side in cell["samples"] else "–" for side in sides),
                     *(figures.spread(cell["ratios"][side]) if side in cell["ratios"] else "–" for side in others)])
    return paper.table(head, rows)


def tails(cells, names):
    sides = list(dict.fromkeys(side for name in names for side in cells[name]["tails_ms"]))
    rows = [[cells[name]["title"], *(figures.spread(cells[name]["tails_ms"][side]) for side in sides)] for name in names]
    return paper.table(["99th percentile, ms", *(figures.NAMES[side] for side in sides)], rows)


def losses(result):
    """Every ratio by which somebody else was better, and every aim that was missed."""
    for cell in result["cells"].values():
        for side, ratios in cell["ratios"].items():
            if ratio := paper.worse(ratios, cell["unit"]):
                yield f"- {cell['title']}: {figures.number(ratio)} of {figures.NAMES[side]}."
    yield from paper.missed(result)


def slow_query(cells):
    cell, share, duration = (cells[name]["samples"] for name in ("slow_query", "slow_share", "slow_duration"))
    yield from paper.table(["64 pausing connections", "p99 of the others, ms", "slow in a thousand", "one slow query, ms"], [
        [title, figures.spread(cell[name]), *(figures.spread(more[name]) if name in more else "–"
                                              for more in (share, duration))]
        for name, title in (("without", "no slow query"), ("with", "a slow query through Hansa"),
                            ("beside", "the same SQL straight to PostgreSQL"))])


def section(result):
    cells, size = result["cells"], result["size"]
    checked = result["checked"] or {"rows": 0, "pages": 0}
    yield from ["## REST", ""]
    yield HEAD.format(command=result["command"].strip(), checked=f"{checked['rows'] + checked['pages']:,}", **size)
    if result["quick"]:
        yield "**A quick run: a test of the bench, not a measurement.**\n"
    yield from ["### Who is compared", "", SIDES]
    parts = (
        ("Requests a second", ("row_1", "row_16", "row_64", "row_1000", "page_20", "page_100"), (compared, tails)),
        ("Memory and start", ("memory_idle", "memory_busy", "first_answer"), (compared,)),
        ("Loading", ("load",), (compared,)),
    )
    for title, names, makers in parts:
        present = [name for name in names if name in cells]
        if present:
            yield from [f"### {title}", ""]
            for maker in makers:
                yield from [*maker(cells, present), ""]
    if "slow_query" in cells:
        yield from ["### One slow query in a thousand", "", *slow_query(cells), ""]
    yield from ["### Aims of REST", "", *paper.aims(result), ""]
    yield from ["### What is lost, and what this does not show", "", *losses(result), LIMITS]
    yield from ["### Machine", "", *paper.machine(result, VERSIONS), ""]
