"""kill -9 of `hansa load` at fifty random points: nothing acknowledged is lost, a second run ends with exactly the
rows of the file. The table publishes nothing: what becomes of events is told elsewhere."""
import os
import random
import signal
import subprocess
import time

from running import HANSA, running_shop

POINTS = int(os.environ.get("HANSA_CRASH_POINTS", "50"))
ROWS = 25_000
SEED = 20_101_201


def write(file, number):
    with open(file, "w") as out:
        out.write("email,name,country\n")
        out.writelines(f"k{number}-{i}@crash.example,{i},crash land\n" for i in range(ROWS))


def command(mesh, file):
    return [HANSA, "load", "users/v1/user", file, "--mesh", mesh.folder, "--json"]


def rows(mesh, number):
    count, total, people = mesh.psql(f"select count(*), coalesce(sum(name::int), 0), count(distinct email) from "
                                     f"users.user where email like 'k{number}-%'").split("|")
    assert count == people, "a row was loaded twice"
    return int(count), int(total)


def test_killed_loads_lose_nothing(tmp_path):
    tmp_path.chmod(0o755)
    dice = random.Random(SEED)
    total = sum(range(ROWS))
    with running_shop() as mesh:
        whole = tmp_path / "whole.csv"
        write(whole, 0)
        started = time.monotonic()
        subprocess.run(command(mesh, whole), check=True, capture_output=True)
        length = time.monotonic() - started
        assert rows(mesh, 0) == (ROWS, total)
        interrupted = partly = 0
        for number in range(1, POINTS + 1):
            file = tmp_path / f"{number}.csv"
            write(file, number)
            process = subprocess.Popen(command(mesh, file), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            try:
                process.wait(dice.uniform(0, length))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
            process.communicate()
            killed = process.returncode == -signal.SIGKILL
            interrupted += killed
            # What the killed process had not ended may still commit in PostgreSQL: the second run waits for it.
            report, done = mesh.load("users/v1/user", file, check=0)
            again = report["rows_loaded"] + report["rows_loaded_before"]
            partly += 0 < report["rows_loaded_before"] < ROWS
            assert report["already_loaded"] or again == ROWS, report
            assert rows(mesh, number) == (ROWS, total), f"point {number} (seed {SEED})"
            assert report["lines_rejected"] == 0
            if number % 10 == 0:
                mesh.psql("truncate users.user")
            file.unlink()
        assert interrupted > POINTS // 2, "the kills came too late to mean anything"
        assert partly > 0, "no kill fell between two chunks"
