"""`hansa load`: CSV and NDJSON files into a table, lines that do not fit aside."""
import csv
import json

import pytest

from running import psql


@pytest.fixture
def file(tmp_path):
    tmp_path.chmod(0o755)

    def write(name, text):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def names(shop, prefix):
    return shop.psql(f"select string_agg(sku || '=' || name || '=' || price, ' ' order by sku) from products.product "
                     f"where sku like '{prefix}-%'")


def test_csv_as_people_write_it(shop, file):
    text = '\ufeffprice,sku,name\r\n1.5,c-1,"a ""quoted"", name"\r\n2,c-2,"two\nlines"\r\n0.01,c-3,Crème\r\n'
    report, done = shop.load("products/v1/product", file("a.csv", text), check=0)
    assert report["rows_loaded"] == 3 and report["lines_rejected"] == 0
    assert names(shop, "c") == 'c-1=a "quoted", name=1.50 c-2=two\nlines=2.00 c-3=Crème=0.01'
    assert shop.psql("select count(*) from products.product where sku like 'c-%' and stock = 0") == "3"


def test_history_says_that_it_made_no_events(shop, file):
    path = file("history.csv", "sku,name,price\nh-1,a,1\n")
    done = shop.hansa("load", "products/v1/product", path, "--mesh", shop.folder, "--no-events", check=0)
    assert done.stdout == "1 row loaded into products/v1/product, without events\n"
    more = file("more.csv", "sku,name,price\nh-2,b,2\n")
    assert shop.load("products/v1/product", more, "--no-events", check=0)[0]["no_events"] is True
    more = file("events.csv", "sku,name,price\nh-3,c,3\n")
    assert shop.load("products/v1/product", more, check=0)[0]["no_events"] is False
    assert names(shop, "h") == "h-1=a=1.00 h-2=b=2.00 h-3=c=3.00"


def test_ndjson_keeps_digits(shop, file):
    rows = '{"sku":"n-1","name":"a","price":99999999.99}\n\n{"name":"b","sku":"n-2","price":0.1,"stock":5}\n'
    report, _ = shop.load("products/v1/product", file("a.ndjson", rows), check=0)
    assert report["rows_loaded"] == 2
    assert names(shop, "n") == "n-1=a=99999999.99 n-2=b=0.10"


def test_bad_lines_go_aside_with_number_and_reason(shop, file):
    lines = ["sku,name,price,stock", "r-1,ok,1,1", "r-2,dear,1.999,1", "r-3,ok,2,2", "r-4,few", "r-5,neg,1,-1",
             "r-6,ok,3,x", "r-7," + "y" * 300 + ",1,1", "r-8,ok,4,4"]
    path = file("bad.csv", "\n".join(lines) + "\n")
    report, done = shop.load("products/v1/product", path, check=7)
    assert report["rows_loaded"] == 3 and report["lines_rejected"] == 5
    with open(report["reject_file"], newline="") as rejected:
        rows = list(csv.DictReader(rejected))
    assert [int(row["line"]) for row in rows] == [3, 5, 6, 7, 8]
    assert all(row["reason"] for row in rows)
    assert "price" in rows[0]["reason"] and "stock" in rows[2]["reason"]
    assert names(shop, "r").count("=ok=") == 3


def test_rejects_go_where_they_are_told(shop, file, tmp_path):
    path = file("bad2.csv", "sku,name,price\nq-1,ok,bad\n")
    report, _ = shop.load("products/v1/product", path, "--reject", tmp_path / "aside.csv", check=7)
    assert report["reject_file"] == str(tmp_path / "aside.csv")
    assert "q-1" in (tmp_path / "aside.csv").read_text()


def test_atomic_is_all_or_nothing(shop, file):
    path = file("atomic.csv", "sku,name,price\nt-1,ok,1\nt-2,bad,x\n")
    report, done = shop.load("products/v1/product", path, "--atomic", check=7)
    assert report["rows_loaded"] == 0 and report["lines_rejected"] == 1
    assert names(shop, "t") == ""
    whole = file("atomic2.csv", "sku,name,price\nt-1,ok,1\nt-2,good,2\n")
    shop.load("products/v1/product", whole, "--atomic", check=0)
    assert names(shop, "t") == "t-1=ok=1.00 t-2=good=2.00"


def test_the_same_file_twice_loads_once(shop, file):
    path = file("twice.csv", "sku,name,price\nw-1,ok,1\n")
    shop.load("products/v1/product", path, check=0)
    report, _ = shop.load("products/v1/product", path, check=0)
    assert report["already_loaded"] and report["rows_loaded"] == 0
    assert names(shop, "w") == "w-1=ok=1.00"


def test_identities_advance(shop, file):
    shop.load("products/v1/product", file("ids.csv", "id,sku,name,price\n700000,i-1,a,1\n"), check=0)
    with shop.client() as http:
        made = http.post("/products/v1/product", json={"sku": "i-2", "name": "b", "price": 1}).json()
    assert made["id"] == 700001


@pytest.mark.parametrize("product, text, word", [
    ("products/v1/prodct", "sku,name,price\n", "H3011"),
    ("products/v1/product", "sku,colour,price\na,b,1\n", "colour"),
    ("products/v1/product", "sku,sku,price\na,b,1\n", "sku"),
    ("products/v1/product", "sku,price\na,1\n", "name"),
    ("products/v1/product", "", "H3010"),
])
def test_files_that_cannot_be_loaded(shop, file, product, text, word):
    done = shop.hansa("load", product, file("no.csv", text), "--mesh", shop.folder)
    assert done.returncode not in (0, 2)
    assert word in done.stdout + done.stderr


def test_an_absent_file(shop, tmp_path):
    done = shop.hansa("load", "products/v1/product", tmp_path / "none.csv", "--mesh", shop.folder)
    assert done.returncode == 3 and "H1010" in done.stderr


@pytest.mark.parametrize("text", [b"sku,name,price\nu-1,\xff\xfe,1\n", b"sku,name,price\nu-2,a\x00b,1\n",
                                  b'sku,name,price\nu-3,"never closed,1\n', b"sku,name,price\nu-4," + b"a" * 3_000_000])
def test_hostile_lines_are_rejected(shop, file, text):
    report, done = shop.load("products/v1/product", file("evil.csv", text))
    assert done.returncode in (7, 1), done.stderr
    assert names(shop, "u") == ""


def test_sql_users_see_what_was_loaded(shop, file):
    shop.load("products/v1/product", file("see.csv", "sku,name,price\nv-1,see,1\n"), check=0)
    assert psql(shop.state()["conninfo"], "select name from products_v1.product where sku = 'v-1'") == "see"
    with shop.client() as http:
        assert json.loads(http.get("/products/v1/product?sku=eq.v-1").text)[0]["name"] == "see"
