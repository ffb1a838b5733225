"""The example is valid by the standards' own schemas and linters."""
import subprocess
import sys

from running import ROOT, SHOP, copy_shop, edit


def validate(folder):
    return subprocess.run([sys.executable, ROOT / "tools/validate-example", folder], capture_output=True, text=True,
                          timeout=200)


def test_official_schemas_and_linters_accept_the_example():
    done = validate(SHOP)
    assert done.returncode == 0, done.stdout + done.stderr


def test_they_would_refuse_a_mistake(tmp_path):
    shop = copy_shop(tmp_path / "shop")
    edit(next(shop.rglob("product.v1.odcs.yaml")), "status: active", "stauts: active")
    assert validate(shop).returncode == 1
