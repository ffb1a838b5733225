"""The gateway beside a real Apache Kafka: what clients observe of both is the same, or explained in docs/kafka-differences.md."""
import os
import shutil
import subprocess

import pytest

import kafka_compare
import kafka_scenarios
from running import ROOT


def skip_without_kafka():
    if not shutil.which("java"):
        pytest.skip("no java, so no Apache Kafka to compare with: apt-get install openjdk-17-jre-headless")
    if not list((ROOT / "build/kafka").glob("kafka_2.13-*.jar")):
        pytest.skip("no Apache Kafka in build/kafka: script/bootstrap --tests fetches it by Maven")


def compare(shop, *names):
    """Exit status and output of a comparison beside a broker of its own."""
    done = subprocess.run([ROOT / "script/with-kafka", ROOT / "build/venv/bin/python", "-W", "ignore", "-c",
                           "import os, sys; sys.path.insert(0, 'tests'); import kafka_compare;"
                           "sys.exit(kafka_compare.main(os.environ['HANSA_TEST_KAFKA'], *sys.argv[1:]))",
                           shop.kafka(), *names], capture_output=True, text=True, timeout=220, cwd=ROOT,
                          env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"})
    return done.returncode, done.stdout + done.stderr[-2000:]


NAMES = sorted(kafka_scenarios.SCENARIOS)
PARTS = 3


@pytest.mark.parametrize("part", range(PARTS))
def test_clients_observe_the_same(fresh_shop, part):
    skip_without_kafka()
    status, output = compare(fresh_shop, *NAMES[part::PARTS])
    assert status == 0, output


def test_there_are_enough_scenarios():
    assert len(NAMES) >= 40


def test_the_comparison_can_fail(tmp_path, monkeypatch):
    assert kafka_compare.judge({"a", "b"}, {"b", "c"}, {"a", "b", "c"}) == (["a"], ["c"])
    assert kafka_compare.judge({"b"}, {"b", "z"}, {"a", "b"}) == ([], [])
    monkeypatch.setattr(kafka_compare, "observe", lambda name, address: address)
    monkeypatch.setattr(kafka_compare, "known_differences", set)
    assert kafka_compare.main("one", "other", NAMES[0]) == 1
    assert kafka_compare.main("one", "one", NAMES[0]) == 0
