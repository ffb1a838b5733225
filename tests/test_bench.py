"""The benchmarks' harness works: a small run measures, and the page can be made from it."""
import json
import shutil
import subprocess
import sys

import pytest

from running import HANSA, ROOT


@pytest.mark.parametrize("bench, parts, title", [("rest", ("starting", "loading"), "## REST"),
                                                 ("events", ("latency", "reactions"), "### From commit to reaction")])
def test_quick_run_measures_and_renders(tmp_path, bench, parts, title):
    assert shutil.which("wrk"), "wrk is missing; run script/bootstrap --bench"
    file, page = tmp_path / "figures.json", tmp_path / "page.md"
    done = subprocess.run([sys.executable, "-B", ROOT / f"bench/{bench}.py", "--quick", "--only", *parts,
                           "--hansa", HANSA, "--json", file], capture_output=True, text=True, timeout=220)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(file.read_text())["cells"]
    subprocess.run([sys.executable, "-B", ROOT / "bench/render.py", file, page], check=True, capture_output=True)
    assert title in page.read_text().splitlines()
