"""Parts that every section of the page of figures has: tables, aims, what is lost, the machine."""
import statistics

import figures


def table(head, rows):
    yield "| " + " | ".join(head) + " |"
    yield "|---" + "|---:" * (len(head) - 1) + "|"
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def aims(result):
    rows = []
    for verdict in result["aims"]:
        low, high = verdict["spread"]
        rows.append([verdict["aim"], f"{figures.number(verdict['value'])} ({figures.number(low)}–{figures.number(high)})",
                     figures.verdict_text(verdict)])
    return table(["aim", "measured", "met"], rows)


def missed(result):
    for verdict in result["aims"]:
        if not verdict["met"]:
            yield f"- Aim missed: {verdict['aim']}; measured {figures.number(verdict['value'])}."


def worse(ratios, unit):
    """The median of ratios of ours to another's, if the other is better; None if not. More of a rate is better, less of all else."""
    ratio = statistics.median(ratios)
    return ratio if ratio != 1 and (ratio < 1) == unit.endswith("/s") else None


def machine(result, names):
    facts = result["machine"]
    yield (f"{facts['cores']} cores of {facts['processor']}, {facts['memory_gb']} GB, {facts['system']}, "
           f"Linux {facts['kernel']}. Hansa {facts['commit']}.")
    yield "; ".join(f"{name} {facts[name]}" for name in names) + "."
    if result["calm"]:
        loads = [note["load_average"] for note in result["calm"]]
        others = [note["strangers"] for note in result["calm"]]
        yield (f"Between rounds the load average was {min(loads)} to {max(loads)} and other programs took "
               f"{min(others):.0%} to {max(others):.0%} of the cores.")
        flushes = [note["flush_ms"] for note in result["calm"] if "flush_ms" in note]
        if flushes:
            yield f"A page written reached the disk in {min(flushes)} to {max(flushes)} ms, medians of 50 before each round."
