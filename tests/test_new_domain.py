"""docs/new-domain.md does what it says: its files, taken out of the page, beside those of the example."""
import re

import pytest

from running import ROOT, Mesh, copy_shop, eventually, short_folder

FILE = re.compile(r"^`(domains/\S+)`\n\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def mesh():
    with short_folder() as parent:
        folder = copy_shop(parent / "shop")
        files = FILE.findall((ROOT / "docs/new-domain.md").read_text())
        assert len(files) == 8
        for name, text in files:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        one = Mesh(folder)
        try:
            one.up()
            yield one
        finally:
            one.end()


def test_check_finds_no_mistake(mesh):
    done = mesh.hansa("check", mesh.folder, check=0)
    assert "warning" not in done.stdout + done.stderr


def test_its_test_passes(mesh):
    done = mesh.hansa("test", mesh.folder, "shipping/order_placed", check=0)
    assert "twenty pieces fit into a parcel" in done.stdout


def test_it_packs_and_refuses(mesh):
    with mesh.client() as http:
        made = http.post("/orders/v1/order", json=[{"product_id": 1, "quantity": 2}, {"product_id": 1, "quantity": 21}])
        assert made.status_code == 201, made.text
        parcels = eventually(lambda: http.get("/shipping/v1/parcel").json(), what="a parcel")
        unpacked = eventually(lambda: http.get("/shipping/v1/unpacked").json(), what="what is not packed")
    assert [parcel["pieces"] for parcel in parcels] == [2]
    assert [row["order_id"] for row in unpacked] == [parcels[0]["order_id"] + 1]
    dead = mesh.hansa("events", "dlq", "list", "shipping/order_placed", "--mesh", mesh.folder, check=0).stdout
    assert "23514" in dead
