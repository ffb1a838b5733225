"""render FILE.json ... OUT.md: the figures of runs as a page to read. It reads those files and nothing else."""
import json
import pathlib
import sys

import render_events
import render_gateway
import render_rest

HEAD = """\
# Benchmarks

Made by `script/bench --render FILE ...` from what `script/bench` wrote with `--json`; edit neither figures nor sentences here.

All sides share one machine with their PostgreSQL, which has durability on, and with whatever makes the load. Within a
round they take turns; a figure is the median over rounds, with the least and the greatest in brackets; a ratio is taken
within a round. Rates are this machine's; ratios travel better.
"""
BENCHES = {"rest": render_rest.section, "events": render_events.section, "gateway": render_gateway.section}


def page(results):
    """A section for each bench that was run, in the order of BENCHES."""
    yield HEAD
    by_bench = {result.get("bench", "rest"): result for result in results}
    for bench, section in BENCHES.items():
        if bench in by_bench:
            yield from section(by_bench[bench])


def main():
    *sources, target = sys.argv[1:]
    results = [json.loads(pathlib.Path(source).read_text(encoding="utf-8")) for source in sources]
    pathlib.Path(target).write_text("\n".join(page(results)).rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
