"""kill -9 of `hansa apply` at fifty random points: on an empty database and while changing one that holds rows. A
second apply completes, the plan is empty, no row is lost."""
import os
import random
import signal
import subprocess
import time

from running import HANSA, Mesh, copy_shop, own_postgres, psql, short_folder

POINTS = int(os.environ.get("HANSA_CRASH_POINTS", "50"))
SEED = 20_110_911
NEW = "".join(f"""
      - name: extra_{i}
        logicalType: string
        logicalTypeOptions: {{maxLength: {20 + i}}}
        customProperties: [{{property: hansa.index, value: true}}, {{property: hansa.default, value: new}}]"""
              for i in range(6))


def apply(mesh):
    return [HANSA, "apply", mesh.folder, "-e", "production", "--yes"]


def killed(mesh, after):
    """Starts an apply and kills it `after` seconds later; whether it was still running."""
    process = subprocess.Popen(apply(mesh), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **mesh.env})
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
    process.communicate()
    return process.returncode == -signal.SIGKILL


def timed(mesh):
    started = time.monotonic()
    mesh.hansa(*apply(mesh)[1:], check=0)
    return time.monotonic() - started


def change(mesh):
    file = next(mesh.folder.rglob("product.v1.odcs.yaml"))
    text = file.read_text()
    at = text.index("\nslaProperties:")
    file.write_text(text[:at] + NEW + text[at:])


def completes(mesh, there):
    mesh.hansa(*apply(mesh)[1:], check=0)
    done = mesh.plan("-e", "production")
    assert done.returncode == 0, done.stdout
    assert psql(there, "select count(*) from pg_tables where schemaname in ('products', 'orders', 'users', 'analytics')") == "8"


def test_killed_applies_complete_on_the_second_run():
    dice = random.Random(SEED)
    with own_postgres(fsync="off") as postgres, short_folder() as parent:
        interrupted = 0
        create = alter = None
        for point in range(POINTS // 2):
            postgres.psql(f"create database crash{point}")
            there = f"host={postgres.folder} user=boss dbname=crash{point}"
            mesh = Mesh(copy_shop(parent / f"shop{point}"), env={"HANSA_POSTGRES": there})
            file = mesh.folder / "mesh.yaml"
            file.write_text(file.read_text().replace("name: shop", f"name: crash{point}"))  # roles are the cluster's
            if create is None:
                create = timed(mesh)
            else:
                interrupted += killed(mesh, dice.uniform(0, create))
            completes(mesh, there)
            psql(there, "insert into products.product (sku, name, price) select i, 'kept', i from generate_series(1, 500) i")
            change(mesh)
            if alter is None:
                alter = timed(mesh)
            else:
                interrupted += killed(mesh, dice.uniform(0, alter))
            completes(mesh, there)
            assert psql(there, "select count(*), sum(price), count(extra_5) from products_v1.product") == "500|125250.00|500"
            postgres.psql(f"drop database crash{point} with (force)")
        assert interrupted > POINTS // 3, "the kills came too late to mean anything"
