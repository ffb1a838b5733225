"""script/bench --render FILE: docs/benchmarks.md from what `script/bench rest --json FILE` wrote."""
import json
import pathlib
import sys

TITLE = """# Benchmarks

Made by `script/bench rest --json FILE` and `script/bench --render FILE`; nothing here is written by hand. One machine runs
everything: PostgreSQL, the servers and the load. Sides take turns within each round and ratios are formed round by round;
a figure is the median, in brackets the lowest and the highest round.
"""


def number(value):
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def figure(of):
    if of["min"] == of["max"]:
        return number(of["median"])
    return f"{number(of['median'])} ({number(of['min'])} – {number(of['max'])})"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def render(report):
    machine = report["machine"]
    out = [TITLE]
    if report["quick"]:
        out.append("**A quick run to try the harness: its figures mean nothing.**\n")
    out.append(f"{machine['date']}, commit {machine['commit']}, {machine['hansa']}; {machine['cores']} cores of "
               f"{machine['cpu']}, {machine['memory']}, Linux {machine['kernel']}, {machine['postgres']}. "
               f"{report['keys']:,} rows, {report['rounds']} rounds of {report['seconds']} s.\n")
    out.append("## Aims\n")
    out.append(table(["what", "measured", "aim", "met"], [
        [goal["what"], figure({**goal, "median": goal["value"]}), f"{goal['how']} {goal['goal']}",
         "yes" if goal["met"] else "**no**"] for goal in report["goals"]]))
    out.append("## Requests per second\n")
    out.append(table(["what", "Hansa", "FastAPI", "pgbench -M prepared", "Hansa : FastAPI", "Hansa : pgbench"], [
        [name, figure(sides["Hansa"]), figure(sides["FastAPI"]),
         figure(sides["pgbench"]) if "pgbench" in sides else "",
         figure(report["ratios"][name]["of FastAPI"]),
         figure(report["ratios"][name]["of pgbench"]) if "of pgbench" in report["ratios"][name] else ""]
        for name, sides in report["rates"].items()]))
    out.append("## Latency, ms\n")
    out.append(table(["what", "Hansa p50", "Hansa p99", "FastAPI p50", "FastAPI p99"], [
        [name, *(figure(sides[side][part]) for side in ("Hansa", "FastAPI") for part in ("p50_ms", "p99_ms"))]
        for name, sides in report["latency"].items()]))
    out.append("## The rest\n")
    rows = [[f"resident memory, {name}, MB", figure(value)] for name, value in report["memory"].items()]
    rows += [["first answer after start, ms", figure(report["start"]["Hansa"])]]
    rows += [[name if "," in name and "p99" not in name else f"key look-ups at a steady pace: {name}", figure(value)]
             for name, value in report["slow"].items()]
    rows += [[f"loading {report['load']['rows']:,} rows: {name}", figure(value)]
             for name, value in report["load"].items() if name != "rows"]
    out.append(table(["what", "measured"], rows))
    return "\n".join(out)


if __name__ == "__main__":
    source = pathlib.Path(sys.argv[1])
    target = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else pathlib.Path(__file__).parent.parent / "docs/benchmarks.md"
    target.write_text(render(json.loads(source.read_text())))
    print(f"wrote {target}")
