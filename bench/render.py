"""render FILE.json OUT.md: the figures of one run as a page to read. It reads that file and nothing else."""
import json
import pathlib
import statistics
import sys

import figures

HEAD = """\
# Benchmarks

Made by `script/bench --render FILE` from what `{command}` measured; edit neither figures nor sentences here.

Hansa's REST port, the tutorial's FastAPI service and pgbench read the same table of {rows:,} products in one PostgreSQL
with durability on, and share the machine with it and with the load generator. Within a round they take turns, {rounds}
rounds of {seconds} s each; a figure is the median over rounds, with the least and the greatest in brackets; a ratio is
taken within a round. Before anything was timed, {checked} answers of each service were compared with PostgreSQL, value by
value. Rates are this machine's; ratios travel better.
"""

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


def table(head, rows):
    yield "| " + " | ".join(head) + " |"
    yield "|---" + "|---:" * (len(head) - 1) + "|"
    for row in rows:
        yield "| " + " | ".join(row) + " |"


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
    return table(head, rows)


def tails(cells, names):
    sides = list(dict.fromkeys(side for name in names for side in cells[name]["tails_ms"]))
    rows = [[cells[name]["title"], *(figures.spread(cells[name]["tails_ms"][side]) for side in sides)] for name in names]
    return table(["99th percentile, ms", *(figures.NAMES[side] for side in sides)], rows)


def aims(result):
    for verdict in result["aims"]:
        low, high = verdict["spread"]
        yield [verdict["aim"], f"{figures.number(verdict['value'])} ({figures.number(low)}–{figures.number(high)})",
               figures.verdict_text(verdict)]


def losses(result):
    """Every ratio by which somebody else was better, and every aim that was missed."""
    for cell in result["cells"].values():
        higher_is_better = cell["unit"] == "requests/s"
        for side, ratios in cell["ratios"].items():
            ratio = statistics.median(ratios)
            if (ratio < 1) == higher_is_better and ratio != 1:
                yield f"- {cell['title']}: {figures.number(ratio)} of {figures.NAMES[side]}."
    for verdict in result["aims"]:
        if not verdict["met"]:
            yield f"- Aim missed: {verdict['aim']}; measured {figures.number(verdict['value'])}."


def slow_query(cells):
    cell, share, duration = (cells[name]["samples"] for name in ("slow_query", "slow_share", "slow_duration"))
    yield from table(["64 pausing connections", "p99 of the others, ms", "slow in a thousand", "one slow query, ms"], [
        [title, figures.spread(cell[name]), *(figures.spread(more[name]) if name in more else "–"
                                              for more in (share, duration))]
        for name, title in (("without", "no slow query"), ("with", "a slow query through Hansa"),
                            ("beside", "the same SQL straight to PostgreSQL"))])


def machine(result):
    facts = result["machine"]
    yield (f"{facts['cores']} cores of {facts['processor']}, {facts['memory_gb']} GB, {facts['system']}, "
           f"Linux {facts['kernel']}. Hansa {facts['commit']}.")
    names = ("PostgreSQL", "wrk", "Python", "fastapi", "uvicorn", "uvloop", "httptools", "sqlalchemy", "psycopg2-binary")
    yield "; ".join(f"{name} {facts[name]}" for name in names) + "."
    if result["calm"]:
        loads = [note["load_average"] for note in result["calm"]]
        others = [note["strangers"] for note in result["calm"]]
        yield (f"Between rounds the load average was {min(loads)} to {max(loads)} and other programs took "
               f"{min(others):.0%} to {max(others):.0%} of the cores.")


def page(result):
    cells, size = result["cells"], result["size"]
    checked = result["checked"] or {"rows": 0, "pages": 0}
    yield HEAD.format(command=result["command"].strip(), checked=f"{checked['rows'] + checked['pages']:,}", **size)
    if result["quick"]:
        yield "**A quick run: a test of the bench, not a measurement.**\n"
    yield from ["## Who is compared", "", SIDES]
    parts = (
        ("Requests a second", ("row_1", "row_16", "row_64", "row_1000", "page_20", "page_100"), (compared, tails)),
        ("Memory and start", ("memory_idle", "memory_busy", "first_answer"), (compared,)),
        ("Loading", ("load",), (compared,)),
    )
    for title, names, makers in parts:
        present = [name for name in names if name in cells]
        if present:
            yield from [f"## {title}", ""]
            for maker in makers:
                yield from [*maker(cells, present), ""]
    if "slow_query" in cells:
        yield from ["## One slow query in a thousand", "", *slow_query(cells), ""]
    yield from ["## Aims", "", *table(["aim", "measured", "met"], aims(result)), ""]
    yield from ["## What is lost, and what this does not show", "", *losses(result), LIMITS]
    yield from ["## Machine", "", *machine(result)]


def main():
    source, target = sys.argv[1:]
    result = json.loads(pathlib.Path(source).read_text(encoding="utf-8"))
    pathlib.Path(target).write_text("\n".join(page(result)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
