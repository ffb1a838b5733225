"""The section of the page of figures that tells what `bench events` measured."""
import statistics

import figures
import paper

HEAD = """\
From `{command}`. {rounds} rounds, a PostgreSQL of the run's own. Processor time is that of all processes of a side, from
/proc: it says what a rate costs on any machine, where rates say what was left of this one.
"""

VERSIONS = ("PostgreSQL", "wrk", "Python", "kafka-python", "fastavro", "sqlalchemy", "psycopg2-binary")

INSERTS = """\
Eight clients insert single rows for {insert_seconds} s into tables that have the same columns and no index but the key, the least an
insert can cost, so that what events add weighs most. With the sequencer running, what it and its sessions use up to the
last event is counted in.
"""

LATENCY = """\
From the commit of an order to the commit of the row that another domain's reaction (`-- each`) inserts for it, at about 1,000
orders a second, and at 20, for {latency_seconds} s. All are PostgreSQL's commit timestamps, each taken just before its flush.
"""

SEQUENCER = """\
{sequenced:,} events wait in the pending table, one transaction's time each, when a server starts; from the first commit of
segments to the last.
"""

REACTIONS = """\
{backlog:,} events wait in the log, about {products:,} products; each side applies them for at most {reaction_seconds} s, the place it is at in the
same transaction as the effect, and what it did is compared with its place. *Each* is one event after the other, in Hansa
many a transaction with a savepoint each, in Python a transaction each, as such consumers are written; *executemany* is
SQLAlchemy's; *one statement* is psycopg2's execute_values of events that Python added up by key.
"""

LIMITS = """\
- The consumer in Python is spared the broker: kafka-python's decoder and fastavro read the same record batches from memory, with
  no network, no group and no checksums. A whole kafka-python consumer is slower; this one is the fastest there could be.
- One partition, one port at a time, keys drawn evenly: a few keys that all want, and ports of one domain that take turns,
  were not measured.
- Commit timestamps are kept on every side, which costs a little that a PostgreSQL by default does not pay.
- pgbench and wrk share the cores with what they measure.
"""


def sides(cells, names, heads):
    """Cells of the same sides as one table: a row a side, a column a cell, called as `heads` say."""
    found = list(dict.fromkeys(side for name in names for side in cells[name]["samples"]))
    lines = [[figures.NAMES[side], *(figures.spread(cells[name]["samples"][side]) if side in cells[name]["samples"] else "–"
                                     for name in names)] for side in found]
    return paper.table(heads, lines)


def rows(cells, names, heads):
    """Cells of the same sides as one table: a row a cell, a column a side."""
    return paper.table(heads, [[cells[name]["title"], *map(figures.spread, cells[name]["samples"].values())]
                               for name in names])


def ratios(cells, names, heads):
    lines = [[f"{figures.NAMES[pair['above']]} / {figures.NAMES[pair['below']]}",
              *(figures.spread(one["ratios"]) for one in pairs)]
             for pair, pairs in ((pairs[0], pairs) for pairs in zip(*(cells[name]["pairs"] for name in names)))]
    return paper.table(heads, lines)


def losses(result):
    """Ratios by which no events, or Python, were better; and every aim that was missed."""
    for cell in result["cells"].values():
        for pair in cell["pairs"]:
            if ratio := paper.worse(pair["ratios"], cell["unit"]):
                yield (f"- {cell['title']}: {figures.NAMES[pair['above']]} is {figures.number(ratio)} of "
                       f"{figures.NAMES[pair['below']]}.")
    quiet = result["cells"].get("latency_quiet")
    if quiet:
        yield (f"- A writer that is not this process wakes nobody: at 20 orders a second by SQL a reaction comes "
               f"{figures.number(statistics.median(quiet['samples']['p50']))} ms after the commit at the median.")
    yield from paper.missed(result)


def with_costs(name, title):
    """A rate and what one event costs, a row a side; then the ratios of the sides that are compared."""
    names = (name, f"{name}_server", f"{name}_postgres")
    return ((sides, names, (title, "events/s", "consumer, µs an event", "PostgreSQL, µs an event")),
            (ratios, names, (f"{title}: ratios", "events/s", "consumer, µs", "PostgreSQL, µs")))


PARTS = (
    ("What writers pay", INSERTS, (
        (sides, ("insert_running", "insert_running_postgres", "insert_running_server", "insert_left"),
         ("sequencer running", "inserts/s", "PostgreSQL, µs an insert", "Hansa, µs an insert", "events left when the clients end")),
        (ratios, ("insert_running", "insert_running_postgres"), ("sequencer running: ratios", "inserts/s", "PostgreSQL, µs")),
        (sides, ("insert_stopped", "insert_stopped_postgres"), ("sequencer stopped", "inserts/s", "PostgreSQL, µs an insert")),
        (ratios, ("insert_stopped", "insert_stopped_postgres"), ("sequencer stopped: ratios", "inserts/s", "PostgreSQL, µs")))),
    ("From commit to reaction", LATENCY, (
        (rows, ("latency_rest", "latency_sql", "latency_quiet", "logged_rest", "logged_sql", "logged_quiet"),
         ("ms", "median", "99th percentile")),
        (rows, ("latency_rates",), ("", "by REST", "by SQL", "by SQL, quiet")))),
    ("The sequencer", SEQUENCER, ((sides, ("sequencer", "sequencer_server", "sequencer_postgres"),
                                   ("", "events/s", "Hansa, µs an event", "PostgreSQL, µs an event")),)),
    ("Reactions", REACTIONS, (*with_costs("react_stock", "stock taken by key"), *with_costs("react_insert", "a row inserted"))),
)


def section(result):
    cells, size = result["cells"], result["size"]
    yield from ["## Events", ""]
    yield HEAD.format(command=result["command"], **size)
    if result["quick"]:
        yield "**A quick run: a test of the bench, not a measurement.**\n"
    for title, text, tables in PARTS:
        if not all(name in cells for _, names, _ in tables for name in names):
            continue
        yield from [f"### {title}", "", text.format(**size)]
        for maker, names, heads in tables:
            yield from [*maker(cells, names, heads), ""]
    yield from ["### Aims of events", "", *paper.aims(result), ""]
    yield from ["### What events lose, and what this does not show", "", *losses(result), LIMITS]
    yield from ["### Machine of this run", "", *paper.machine(result, VERSIONS), ""]
