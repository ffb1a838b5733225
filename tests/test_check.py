"""`hansa check` on folders with mistakes: every one in one run, with code, place and hint."""
import json
import os
import re

import pytest

from running import edit, hansa

CONTRACT = "domains/products/catalog/product.v1.odcs.yaml"


def place(folder, name):
    found = [file for file in folder.rglob("*") if file.name == name]
    assert len(found) == 1, f"{name}: {found}"
    return found[0]


def append(folder, name, text):
    file = place(folder, name)
    file.write_text(file.read_text() + text)


def replaced(old, new, count=1):
    def change(file):
        text = file.read_text()
        assert old in text, f"{old!r} is not in {file}"
        file.write_text(text.replace(old, new, count))
    return change


def diagnostics(folder, *args):
    done = hansa("check", folder, "--json", *args, timeout=30)
    return json.loads(done.stdout), done.returncode


def test_the_example_is_clean(folder):
    document, status = diagnostics(folder)
    assert status == 0
    done = hansa("check", folder, check=0)
    assert "error" not in done.stderr


@pytest.mark.parametrize("file, change, code", [
    ("mesh.yaml", replaced("name:", "nmae:"), "H1001"),
    ("product.v1.odcs.yaml", replaced("logicalType:", "logicaltype:"), "H1001"),
    ("product.v1.odcs.yaml", replaced("kind: DataContract", "kind: DataKontract"), None),
    ("product.v1.odcs.yaml", replaced("apiVersion: v3", "apiVersion: v9"), "H1012"),
    ("product.v1.odcs.yaml", replaced("status:", "status: active\nstatus:"), "H1005"),
    ("product.v1.odcs.yaml", replaced("schema:", "schema: [}"), "H1006"),
    ("product.v1.odcs.yaml", replaced("products-product-v1", "products-other-v1"), "H2003"),
    ("product.v1.odcs.yaml", replaced("numeric(10,2)", "numeric(2,10)"), None),
    ("product.v1.odcs.yaml", replaced("name: stock", "name: order"), "H1008"),
    ("product.v1.odcs.yaml", replaced("name: stock", "name: 'stock; drop table product'"), "H1008"),
    ("product.v1.odcs.yaml", replaced("name: stock", "name: price"), None),
    ("product.v1.odcs.yaml", replaced("hansa.default", "hansa.defualt"), "H2007"),
    ("product.v1.odcs.yaml", replaced("status: active", "status: ${HOME}"), None),
    ("user.v1.odcs.yaml", replaced("classification: personal", "classification: persnal"), "H2004"),
    ("known_product.v1.odcs.yaml", replaced("products/product.v1.odcs.yaml", "products/produce.v1.odcs.yaml"), "H2001"),
    ("order_placed.sql", replaced("e.quantity", "e.quantty"), "H2001"),
    ("order_placed.v1.sql", replaced("quantity", "quantty"), "H2001"),
    ("sales_report.odps.yaml", replaced("orders-order-v1", "orders-odrer-v1"), "H2001"),
    ("catalog.odps.yaml", replaced("contractId: products-product-v1", "contractId: products-prodct-v1"), "H2001"),
])
def test_mistakes_have_code_place_and_hint(folder, file, change, code):
    change(place(folder, file))
    document, status = diagnostics(folder)
    assert status == 3
    errors = [d for d in document["diagnostics"] if d["severity"] == "error"]
    assert errors
    if code:
        assert code in [d["code"] for d in errors], errors
    done = hansa("check", folder, check=3)
    assert re.search(rf"{re.escape(file)}:\d+:\d+: ", done.stderr), done.stderr
    assert re.search(r"^\s*(\d+ \|)?\s*\^", done.stderr, re.M), done.stderr


def test_a_near_name_is_offered(folder):
    replaced("logicalType:", "logicaltype:")(place(folder, "product.v1.odcs.yaml"))
    assert "logicalType" in hansa("check", folder, check=3).stderr


def test_all_mistakes_in_one_run(folder):
    replaced("hansa.default", "hansa.defualt")(place(folder, "product.v1.odcs.yaml"))
    replaced("classification: personal", "classification: persnal")(place(folder, "user.v1.odcs.yaml"))
    replaced("products/product.v1.odcs.yaml", "products/produce.v1.odcs.yaml")(place(folder, "known_product.v1.odcs.yaml"))
    document, _ = diagnostics(folder)
    assert {"H2007", "H2004", "H2001"} <= {d["code"] for d in document["diagnostics"]}


def bomb(levels):
    lines = ["hansa: 1", "a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, levels)]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("text", [
    bomb(12), "a: " + "[" * 100_000, "{" * 50_000, "a: &a [*a]\n", "\xff\xfe\x00a", "hansa: 1\nname: \"a\\0b\"\n",
    "- " * 20_000, "? " * 20_000, "hansa: 1\n" + "k: v\n" * 500_000, "", "[]", "just words", "%YAML 9.9\n---\na: 1\n",
    "!!python/object/apply:os.system ['true']\n", "a: !!binary xx\n", "hansa: 99\nname: shop\n",
], ids=lambda text: re.sub(r"\W+", "", text[:12]) or "nothing")
def test_hostile_yaml_is_an_error_in_bounded_time(folder, text):
    (folder / "mesh.yaml").write_text(text, encoding="latin-1")
    done = hansa("check", folder, timeout=30)
    assert done.returncode == 3, done.stderr[-2000:]
    assert re.search(r"H[12]\d{3}", done.stderr)
    assert len(done.stderr) < 1_000_000
    assert json.loads(hansa("check", folder, "--json", timeout=30).stdout)["diagnostics"]


def test_a_huge_file_is_refused_not_read(folder):
    with open(folder / "mesh.yaml", "ab") as file:
        file.truncate(3 << 30)
    done = hansa("check", folder, timeout=20)
    assert done.returncode == 3 and "H1" in done.stderr


def test_a_path_that_leaves_the_folder(folder):
    target = folder.parent / "outside.yaml"
    target.write_text("secret: yes\n")
    file = place(folder, "product.v1.odcs.yaml")
    file.unlink()
    os.symlink(target, file)
    document, status = diagnostics(folder)
    assert status == 3
    assert "H1011" in [d["code"] for d in document["diagnostics"]]
    assert "secret" not in json.dumps(document)


def test_two_owners_of_one_name(folder):
    file = place(folder, "product.v1.odcs.yaml")
    twin = file.with_name("goods.v1.odcs.yaml")
    twin.write_text(file.read_text().replace("products-product-v1", "products-goods-v1"))
    document, status = diagnostics(folder)
    assert status == 3 and "H2002" in [d["code"] for d in document["diagnostics"]]


def test_no_mesh_here(tmp_path):
    done = hansa("check", tmp_path)
    assert done.returncode == 3 and "mesh.yaml" in done.stderr
    assert hansa("check", tmp_path / "nothing").returncode == 3


def test_fix_writes_what_follows_and_only_that(folder):
    file = place(folder, "product.v1.odcs.yaml")
    text = file.read_text()
    line = next(row for row in text.split("\n") if row.startswith("id: "))
    file.write_text(text.replace(line + "\n", ""))
    before = {f: f.read_bytes() for f in folder.rglob("*") if f.is_file() and f != file}
    hansa("check", folder, "--fix", check=0)
    assert "id: products-product-v1" in file.read_text()
    assert {f: f.read_bytes() for f in before} == before
    hansa("check", folder, check=0)
    again = file.read_bytes()
    hansa("check", folder, "--fix", check=0)
    assert file.read_bytes() == again


def test_check_says_what_is_enforced(folder):
    done = hansa("check", folder, "--fields", check=0)
    assert "enforce" in done.stdout and "document" in done.stdout


def test_errors_are_a_catalogue():
    rows = json.loads(hansa("errors", "--json", check=0).stdout)
    assert len({row["code"] for row in rows}) == len(rows) > 50
    assert all(row["title"] and row["http_status"] for row in rows)
