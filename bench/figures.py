"""Figures of several sides over several rounds: medians, spread, ratios and whether a ratio meets its aim."""
import dataclasses
import statistics

NAMES = {"hansa": "Hansa", "fastapi": "FastAPI, as taught", "tuned": "FastAPI, tuned", "pgbench": "pgbench", "copy": r"psql \copy"}


@dataclasses.dataclass
class Cell:
    """One question asked of several sides in turn: samples[side][round]."""
    name: str
    title: str
    unit: str
    samples: dict
    tails_ms: dict = dataclasses.field(default_factory=dict)     # samples of the 99th percentile, where there is one

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


AIMS = (
    Aim("row_64", "hansa", "fastapi", 50, True, "one row at 64 connections: at least 50 times FastAPI"),
    Aim("row_64", "hansa", "pgbench", 0.65, True, "one row at 64 connections: at least 0.65 of pgbench"),
    Aim("page_20", "hansa", "fastapi", 45, True, "pages of 20 rows: at least 45 times FastAPI"),
    Aim("page_100", "hansa", "fastapi", 45, True, "pages of 100 rows: at least 45 times FastAPI"),
    Aim("memory_idle", "hansa", None, 32, False, "resident when idle: under 32 MB"),
    Aim("memory_busy", "hansa", None, 96, False, "resident with 1,000 busy connections: under 96 MB"),
    Aim("first_answer", "hansa", None, 100, False, "first answer after start: within 100 ms"),
    Aim("load", "hansa", "copy", 1.5, False, r"loading a file: within 1.5 times psql \copy"),
    Aim("slow_query", "with", "without", 1.5, False,
        "p99 of others with one slow query in a thousand: within 1.5 times"),
)


def judge(cells):
    return [verdict for aim in AIMS if (verdict := aim.judge(cells))]


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


def lines(cell):
    """A cell as text: each side with its spread, and Hansa against each other side."""
    yield f"{cell.title} [{cell.unit}]"
    for side, values in cell.samples.items():
        tail = f"   p99 {spread(cell.tails_ms[side])} ms" if cell.tails_ms.get(side) else ""
        yield f"  {NAMES.get(side, side):<24} {spread(values)}{tail}"
    for side in cell.samples:
        if side != "hansa" and "hansa" in cell.samples:
            yield f"  {'Hansa / ' + NAMES.get(side, side):<24} {spread(cell.ratios('hansa', side))}"
