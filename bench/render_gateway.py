"""The section of the page of figures that tells what `bench gateway` measured."""
import figures
import paper
import render_rest

HEAD = """\
From `{command}`. {rounds} rounds. One client and one partition, records of 1 KiB that do not compress, `acks=all`: {records:,} of librdkafka's by the Python
package confluent-kafka, {python_records:,} of kafka-python's. All three brokers run throughout; only one is asked at a time.
"""
VERSIONS = ("PostgreSQL", "wrk", "Python", "confluent-kafka", "kafka-python")
SIDES = """\
- *Hansa*: `hansa serve`, release build, its defaults. What is acknowledged was flushed to the disk by PostgreSQL.
- *Apache Kafka*: the broker of Apache Kafka 4.1 with its defaults and the heap of its own start script, under `script/with-kafka`. What is
  acknowledged is in the page cache of one machine.
- *Apache Kafka, flush.messages=1*: the same, flushing before it acknowledges (for all topics, `log.flush.interval.messages=1`): what Hansa promises.
"""
LIMITS = """\
- One broker each, no replicas: Kafka's way to durability is several machines, which is not measured here.
- The client's Python takes a good part of the two cores, of all sides alike; a client in C or Java would show greater
  differences.
- The registry is measured alone: Confluent's needs a Kafka and comes from no registry of packages that the build uses.
"""


def section(result):
    cells, size = result["cells"], result["size"]
    yield "## Kafka clients and the schema registry\n"
    yield HEAD.format(command=result["command"], **size)
    yield SIDES
    yield from paper.aims(result)
    beside = [name for name, cell in cells.items() if len(cell["samples"]) > 1]
    if beside:
        yield "\n### Beside Apache Kafka\n"
        yield from render_rest.compared(cells, beside)
    alone = [name for name in cells if name not in beside]
    if alone:
        yield "\n### The schema registry\n"
        yield from paper.table(["", "Hansa"], [[f"{cells[name]['title']}, {cells[name]['unit']}",
                                                figures.spread(cells[name]["samples"]["hansa"])] for name in alone])
    yield "\n### Where others are better, and aims that are missed\n"
    yield from render_rest.losses(result)
    yield "\n### What this does not show\n"
    yield LIMITS
    yield "### Machine\n"
    yield from paper.machine(result, VERSIONS)
    yield ""
