"""The rows everything is measured on: a CSV of products, the same for the same count on every machine."""
import csv
import datetime
import random

COLUMNS = ("id", "name", "price", "stock", "created_at")
FIRST = datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)
KINDS = ("Laptop", "Souris ergonomique", "Clavier", "Écran", "Câble", 'Support 15"', "Cable, braided", "Lampe")


def products(count):
    """Yields `count` products as texts. Prices keep trailing zeros, instants their milliseconds."""
    drawn = random.Random(20260101)
    for number in range(1, count + 1):
        cents = drawn.randrange(100, 250_000)
        created = FIRST + datetime.timedelta(milliseconds=97_003 * number)
        yield (str(number), f"{KINDS[drawn.randrange(len(KINDS))]} {number}", f"{cents // 100}.{cents % 100:02}",
               str(drawn.randrange(1000)), created.isoformat(timespec="milliseconds").replace("+00:00", "Z"))


def write_csv(path, count):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(products(count))
