#!/usr/bin/env python3
"""kafka_compare.py REFERENCE OURS [SCENARIO...]: runs every scenario against two brokers and prints what they observe differently.

A difference that docs/kafka-differences.md explains is known; one it does not explain, or explains and that is not there any
more, is an error (exit 1). Nothing is smoothed over before it is compared.
"""
import json
import os
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
JARS = os.environ.get("HANSA_KAFKA_JARS", str(ROOT / "build/kafka"))


def known_differences():
    """Names of scenarios that stand as headings in the catalogue."""
    return set(re.findall(r"^### `(\w+)`", (ROOT / "docs/kafka-differences.md").read_text(), re.M))


def observe(name, address):
    """What a scenario saw; an exception is an observation too."""
    import kafka_scenarios
    try:
        seen = kafka_scenarios.SCENARIOS[name](kafka_scenarios.Side(address, name, JARS))
    except Exception as error:      # noqa: BLE001
        seen = {"failed": f"{type(error).__name__}: {error}"[:300]}
    return json.loads(json.dumps(seen))


def judge(differing, known, ran):
    """(differences nobody explained, explanations of differences that are not there)."""
    return sorted(differing - known), sorted((known & ran) - differing)


def main(reference, ours, *names):
    import kafka_scenarios
    names = names or tuple(kafka_scenarios.SCENARIOS)
    differing = set()
    for name in names:
        theirs, own = observe(name, reference), observe(name, ours)
        if theirs != own:
            differing.add(name)
            print(f"{name}\n  reference: {json.dumps(theirs)}\n  ours:      {json.dumps(own)}", flush=True)
    unexplained, gone = judge(differing, known_differences(), set(names))
    print(f"{len(names)} scenarios, {len(differing)} differ; not explained: {unexplained}; explained but equal: {gone}")
    return 1 if unexplained or gone else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
