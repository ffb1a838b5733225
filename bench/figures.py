"""Figures of several sides over several rounds: medians, spread, ratios and whether a ratio meets its aim."""
import dataclasses
import statistics

import machine

NAMES = {
    "hansa": "Hansa", "fastapi": "FastAPI, as taught", "tuned": "FastAPI, tuned", "pgbench": "pgbench",
    "copy": r"psql \copy",
    "silent": "no events", "told": "change event", "told_and_emitted": "change event and emission",
    "p50": "median", "p99": "99th percentile",
    "hansa_each": "Hansa, each", "hansa_batch": "Hansa, batches of 500", "python_each": "Python, each",
    "hansa_told": "Hansa, each, of a published table",
    "python_batch": "Python, executemany of 500", "python_set": "Python, one statement of 500",
    "one_partition": "orders, 1 partition", "four_partitions": "orders, 4 partitions", "kibibyte": "texts of 1 KiB, 1 partition",
    "kafka": "Apache Kafka", "kafka_flushed": "Apache Kafka, flush.messages=1",
    "rest": "by REST", "sql": "by SQL", "quiet": "by SQL, quiet",
}


@dataclasses.dataclass
class Cell:
    """One question asked of several sides in turn: samples[side][round]."""
    name: str
    title: str
    unit: str
    samples: dict
    tails_ms: dict = dataclasses.field(default_factory=dict)     # samples of the 99th percentile, where there is one
    pairs: tuple = ()     # sides compared, (above, below); none: Hansa with each other side

    def median(self, side):
        return statistics.median(self.samples[side])

    def ratios(self, above, below):
        """By round: what was measured one after the other, so that a noisy minute touches both."""
        return [a / b for a, b in zip(self.samples[above], self.samples[below])]


@dataclasses.dataclass(frozen=True)
class Aim:
    """A bound on the median of a cell's side, or of its ratio to another side."""
    cell: str
    above: str
    below: str | None
    bound: float
    at_least: bool
    text: str

    def judge(self, cells):
        """None when the cell was not measured."""
        cell = cells.get(self.cell)
        if cell is None or self.above not in cell.samples or (self.below and self.below not in cell.samples):
            return None
        values = cell.ratios(self.above, self.below) if self.below else cell.samples[self.above]
        value = statistics.median(values)
        met = value >= self.bound if self.at_least else value <= self.bound
        agree = all((one >= self.bound if self.at_least else one <= self.bound) == met for one in values)
        return {"aim": self.text, "value": value, "spread": [min(values), max(values)], "met": met,
                "rounds_agree": agree}


def judge(cells, aims):
    return [verdict for aim in aims if (verdict := aim.judge(cells))]


def verdict_text(verdict):
    """The median decides; where single rounds say otherwise, the reader is told."""
    return ("met" if verdict["met"] else "MISSED") + ("" if verdict["rounds_agree"] else ", rounds disagree")


def number(value):
    """Three significant digits, thousands with commas."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def spread(values):
    return f"{number(statistics.median(values))} ({number(min(values))}–{number(max(values))})"


def compared(cell):
    return cell.pairs or [("hansa", side) for side in cell.samples if side != "hansa" and "hansa" in cell.samples]


def lines(cell):
    """A cell as text: each side with its spread, and the ratios of sides that are compared."""
    yield f"{cell.title} [{cell.unit}]"
    named = {side: NAMES.get(side, side) for side in cell.samples}
    paired = {f"{named[above]} / {named[below]}": cell.ratios(above, below) for above, below in compared(cell)}
    width = max(24, *map(len, named.values()), *map(len, paired))
    for side, values in cell.samples.items():
        tail = f"   p99 {spread(cell.tails_ms[side])} ms" if cell.tails_ms.get(side) else ""
        yield f"  {named[side]:<{width}} {spread(values)}{tail}"
    for title, ratios in paired.items():
        yield f"  {title:<{width}} {spread(ratios)}"


def show(result, cells):
    for cell in cells.values():
        print("\n".join(lines(cell)), end="\n\n")
    print("Aims")
    for verdict in result["aims"]:
        low, high = verdict["spread"]
        print(f"  {verdict_text(verdict)}: {verdict['aim']}: {number(verdict['value'])} ({number(low)}–{number(high)})")
    busiest = max(note["strangers"] for note in result["calm"])
    print(f"\nLoad average {machine.load_average()}; other programs took up to {busiest:.0%} of the cores between rounds."
          f"{' Not a calm machine: read ratios, not rates.' if busiest > 0.1 else ''}")
    if result["quick"]:
        print("--quick: a test of the bench, not a measurement.")
