"""The benchmarks' harness works: a small run measures every figure, and the page can be made from it."""
import json
import shutil
import subprocess
import sys

from running import ROOT


def test_quick_run_has_every_figure(tmp_path):
    assert shutil.which("wrk"), "wrk is missing; run script/bootstrap --bench"
    file = tmp_path / "rest.json"
    done = subprocess.run([sys.executable, ROOT / "bench/rest.py", "--quick", "--json", file], capture_output=True,
                          text=True, timeout=220)
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(file.read_text())
    assert len(report["aims"]) == 9
    assert all(aim["value"] > 0 for aim in report["aims"])
    subprocess.run([sys.executable, ROOT / "bench/render.py", file, tmp_path / "page.md"], check=True)
    assert "not a measurement" in (tmp_path / "page.md").read_text()
