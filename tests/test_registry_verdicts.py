"""The registry's verdicts on 10,000 generated pairs of schemas against what fastavro does: of each pair every branch, symbol and
length is written by the one schema and read by the other; a pair is compatible when all of it can be read.

Drawn from HANSA_SCHEMA_SEED. Names of records stay as they are: fastavro does not compare them, Avro's specification does.
"""
import copy
import io
import itertools
import json
import os
import random

import fastavro
import httpx
import pytest

SEED = os.environ.get("HANSA_SCHEMA_SEED", "20261124")
BASES, MUTANTS = 1000, 10
PRIMITIVES = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")
VALUES = {"null": None, "boolean": True, "int": 7, "long": 2**40, "float": 0.5, "double": 1e300, "bytes": b"bytes", "string": "text"}
DEFAULTS = {"null": None, "boolean": False, "int": 0, "long": 1, "float": 0.5, "double": 1.5, "bytes": "b", "string": "s"}


class Maker:
    """Random schemas, each name once."""

    def __init__(self, dice):
        self.dice, self.names = dice, itertools.count()

    def name(self, kind):
        return f"{kind}{next(self.names)}"

    def record(self, depth):
        fields = [{"name": f"f{i}", "type": self.type(depth - 1)} for i in range(self.dice.randint(1, 4))]
        for field in fields:
            if self.dice.random() < 0.3:
                self.give_default(field)
        return {"type": "record", "name": self.name("R"), "fields": fields}

    def type(self, depth):
        kind = self.dice.choice(("primitive",) * 4 + ("enum", "fixed", "array", "map", "union", "record"))
        if kind == "primitive" or depth <= 0:
            return self.dice.choice(PRIMITIVES[1:])
        if kind == "enum":
            made = {"type": "enum", "name": self.name("E"), "symbols": list("ABCD"[:self.dice.randint(1, 4)])}
            return {**made, "default": "A"} if self.dice.random() < 0.3 else made
        if kind == "fixed":
            return {"type": "fixed", "name": self.name("F"), "size": self.dice.randint(1, 4)}
        if kind == "array":
            return {"type": "array", "items": self.type(depth - 1)}
        if kind == "map":
            return {"type": "map", "values": self.type(depth - 1)}
        if kind == "record":
            return self.record(depth)
        return self.union(depth)

    def union(self, depth):
        branches = self.dice.sample(PRIMITIVES, self.dice.randint(1, 3))
        if self.dice.random() < 0.4:
            branches.append(self.record(depth - 1) if self.dice.random() < 0.5 else
                            {"type": "enum", "name": self.name("E"), "symbols": ["A", "B"]})
        return branches

    def give_default(self, field):
        default = default_of(field["type"])
        if default is not None or takes_null(field["type"]):
            field["default"] = default

    # One change somewhere, in place.
    def change(self, schema):
        places = [*walk(schema)]
        holder, key = self.dice.choice(places)
        here = holder[key]
        ways = [self.replace]
        if isinstance(here, list):
            ways += [self.narrow, self.widen] * 2
        elif isinstance(here, dict):
            ways += {"record": [self.add_field, self.drop_field, self.alias_field] * 2,
                     "enum": [self.add_symbol, self.drop_symbol] * 3, "fixed": [self.resize] * 2}.get(here["type"], [])
        else:
            ways += [self.promote] * 3 + [self.make_union]
        self.dice.choice(ways)(holder, key)

    def replace(self, holder, key):
        if isinstance(holder, dict) and isinstance(holder.get("fields"), list) or key == "root":
            return  # a record of another kind says nothing
        if isinstance(holder, list):
            return
        holder[key] = self.type(1)
        holder.pop("default", None)

    def promote(self, holder, key):
        if isinstance(holder, list):
            return
        holder[key] = {"int": "long", "long": "double", "float": "double", "string": "bytes", "bytes": "string"}.get(
            holder[key], self.dice.choice(PRIMITIVES[1:]))
        holder.pop("default", None)

    def make_union(self, holder, key):
        if not isinstance(holder, list):
            holder[key] = [holder[key], "null"] if holder[key] != "null" else ["null", "int"]
            holder.pop("default", None)

    def narrow(self, holder, key):
        if len(holder[key]) > 1:
            holder[key].pop(self.dice.randrange(len(holder[key])))
            holder.pop("default", None)

    def widen(self, holder, key):
        missing = [each for each in PRIMITIVES if each not in holder[key]]
        holder[key].append(self.dice.choice(missing))

    def add_field(self, holder, key):
        field = {"name": self.name("g"), "type": self.type(1)}
        if self.dice.random() < 0.6:
            self.give_default(field)
        fields = holder[key]["fields"]
        fields.insert(self.dice.randint(0, len(fields)), field)

    def drop_field(self, holder, key):
        if len(holder[key]["fields"]) > 1:
            holder[key]["fields"].pop(self.dice.randrange(len(holder[key]["fields"])))

    def alias_field(self, holder, key):
        field = self.dice.choice(holder[key]["fields"])
        field.setdefault("aliases", []).append(field["name"])
        field["name"] = self.name("h")

    def add_symbol(self, holder, key):
        holder[key]["symbols"].append(self.name("S"))

    def drop_symbol(self, holder, key):
        if len(holder[key]["symbols"]) > 1:
            holder[key]["symbols"].pop()
        holder[key].pop("default", None) if self.dice.random() < 0.3 else None

    def resize(self, holder, key):
        holder[key]["size"] += 1


def walk(schema):
    """(holder, key) of every schema below a root record."""
    yield from below({"root": schema}, "root")


def below(holder, key):
    yield holder, key
    here = holder[key]
    if isinstance(here, list):
        for i in range(len(here)):
            yield from below(here, i)
    elif isinstance(here, dict):
        if here["type"] == "record":
            for field in here["fields"]:
                yield from below(field, "type")
        elif here["type"] == "array":
            yield from below(here, "items")
        elif here["type"] == "map":
            yield from below(here, "values")


def takes_null(schema):
    return schema == "null" or isinstance(schema, list) and schema[0] == "null"


def default_of(schema):
    if isinstance(schema, str):
        return DEFAULTS[schema]
    if isinstance(schema, list):
        return default_of(schema[0])
    return {"enum": lambda: schema["symbols"][0], "fixed": lambda: "x" * schema["size"], "array": list, "map": dict,
            "record": lambda: {field["name"]: field.get("default", default_of(field["type"])) for field in schema["fields"]}}[
                schema["type"]]()


def cover(schema):
    """Values that between them show every branch, symbol and length to a reader."""
    if isinstance(schema, str):
        return [VALUES[schema]]
    if isinstance(schema, list):
        return [(branch if isinstance(branch, str) else branch["name"], value) for branch in schema for value in cover(branch)]
    if schema["type"] == "enum":
        return schema["symbols"]
    if schema["type"] == "fixed":
        return [b"x" * schema["size"]]
    if schema["type"] == "array":
        return [[], *([value] for value in cover(schema["items"]))]
    if schema["type"] == "map":
        return [{}, *({"key": value} for value in cover(schema["values"]))]
    each = {field["name"]: cover(field["type"]) for field in schema["fields"]}
    return [{name: values[i % len(values)] for name, values in each.items()} for i in range(max(map(len, each.values())))]


def readable(writer, reader):
    """Whether fastavro reads all of it; else its reason."""
    writing, reading = fastavro.parse_schema(copy.deepcopy(writer)), fastavro.parse_schema(copy.deepcopy(reader))
    for value in cover(writer):
        data = io.BytesIO()
        fastavro.schemaless_writer(data, writing, value)
        data.seek(0)
        try:
            fastavro.schemaless_reader(data, writing, reading)
        except Exception as error:  # of many kinds
            return f"{type(error).__name__}: {error}"
    return True


def pairs(dice):
    for _ in range(BASES):
        maker = Maker(dice)
        base = maker.record(3)
        mutants = []
        while len(mutants) < MUTANTS:
            mutant = {"root": copy.deepcopy(base)}
            for _ in range(dice.randint(1, 2)):
                maker.change(mutant["root"])
            mutants.append(mutant["root"])
        yield base, mutants


@pytest.mark.timeout(600)
def test_verdicts_are_those_of_a_reader(shop, record_property):
    url = shop.state()["registry"].replace("localhost", "127.0.0.1")
    counts, wrong = {True: 0, False: 0}, []
    with httpx.Client(base_url=url, timeout=30) as http:
        for at, (base, mutants) in enumerate(pairs(random.Random(SEED))):
            subject = f"verdicts-{at}"
            answer = http.post(f"/subjects/{subject}/versions", json={"schema": json.dumps(base)})
            assert answer.status_code == 200, (answer.text, base)
            for mutant in mutants:
                answer = http.post(f"/compatibility/subjects/{subject}/versions/1?verbose=true",
                                   json={"schema": json.dumps(mutant)})
                assert answer.status_code == 200, (answer.text, mutant)
                verdict, truth = answer.json(), readable(base, mutant)
                counts[truth is True] += 1
                if verdict["is_compatible"] != (truth is True):
                    wrong.append((verdict, truth, base, mutant))
                assert verdict["is_compatible"] or verdict["messages"]
    for verdict, truth, base, mutant in wrong[:3]:
        print(verdict, truth, json.dumps(base), json.dumps(mutant), sep="\n", end="\n\n")
    record_property("said", f"{sum(counts.values())} pairs, {counts[True]} compatible, {counts[False]} not (seed {SEED})")
    assert sum(counts.values()) == BASES * MUTANTS and min(counts.values()) > 1000
    assert not wrong, f"{len(wrong)} verdicts are not fastavro's"
