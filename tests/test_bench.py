"""The benchmarks' harness works: a small run measures, and the page can be made from it."""
import json
import shutil
import subprocess
import sys

from running import HANSA, ROOT


def test_quick_run_measures_and_renders(tmp_path):
    assert shutil.which("wrk"), "wrk is missing; run script/bootstrap --bench"
    file, page = tmp_path / "rest.json", tmp_path / "page.md"
    done = subprocess.run([sys.executable, "-B", ROOT / "bench/rest.py", "--quick", "--only", "starting", "loading",
                           "--hansa", HANSA, "--json", file], capture_output=True, text=True, timeout=220)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(file.read_text())
    subprocess.run([sys.executable, ROOT / "bench/render.py", file, page], check=True, capture_output=True)
    assert page.read_text().startswith("#")
