"""Small meshes that tests write themselves: contracts and products in a few words.

    folder = write_mesh(path, "bank", {"ledger": {"book": Product(tables={"account": "id: string key, ..."})}})
"""
import dataclasses
import json
import pathlib

TYPES = {"text": ("string", None), "int": ("integer", "integer"), "long": ("integer", "bigint"),
         "serial": ("integer", "bigserial")}


@dataclasses.dataclass
class Product:
    """`tables` and `topics`: name = "column type [key]" separated by commas; a topic's emission stands in `emit`, the
    reaction of an input port in `on`. What an object needs besides goes to `more`."""
    tables: dict = dataclasses.field(default_factory=dict)
    topics: dict = dataclasses.field(default_factory=dict)
    emit: dict = dataclasses.field(default_factory=dict)
    published: tuple = ()  # the tables whose changes are a topic
    on: dict = dataclasses.field(default_factory=dict)  # port: (contract id, SQL) or (contract id, SQL, {files})
    more: dict = dataclasses.field(default_factory=dict)  # object: {hansa property: value}
    port_options: dict = dataclasses.field(default_factory=dict)


def columns_of(text):
    for column in text.split(","):
        name, kind, *flags = column.split()
        logical, physical = TYPES[kind]
        line = f"{{name: {name}, logicalType: {logical}"
        line += f", physicalType: {physical}" if physical else ""
        line += ", primaryKey: true" if "key" in flags else ""
        line += ", partitioned: true, partitionKeyPosition: 1" if "by" in flags else ""
        yield line + ("" if "optional" in flags else ", required: true") + "}"


def properties(values, indent):
    return "".join(f"\n{indent}- {{property: {name}, value: {json.dumps(value)}}}" for name, value in values.items())


def contract(domain, name, kind, columns, more):
    lines = [f"apiVersion: v3.1.0\nkind: DataContract\nid: {domain}-{name}-v1\nversion: 1.0.0\nstatus: active\nschema:",
             f"  - name: {name}\n    logicalType: object\n    physicalType: {kind}"]
    if more:
        lines.append(f"    customProperties:{properties(more, '      ')}")
    lines.append("    properties:")
    lines += [f"      - {column}" for column in columns_of(columns)]
    return "\n".join(lines) + "\n"


def product_file(domain, name, product):
    out = f"apiVersion: v1.0.0\nkind: DataProduct\nid: {domain}-{name}\nname: {name}\nversion: 1.0.0\nstatus: active\n"
    ports = []
    for table in product.tables:
        ports.append((f"{table}_rest", "rest", table))
    for published in (*product.published, *product.topics):
        ports.append((f"{published}_events", "kafka", published))
    if ports:
        out += "outputPorts:\n"
    for port, kind, of in ports:
        out += f"  - {{name: {port}, version: '1', type: {kind}, contractId: {domain}-{of}-v1}}\n"
    if product.on:
        out += "inputPorts:\n"
    for port, (of, *_) in product.on.items():
        out += f"  - name: {port}\n    version: '1'\n    contractId: {of}\n"
        if port in product.port_options:
            out += f"    customProperties:{properties(product.port_options[port], '      ')}\n"
    return out


def write(file, text):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def write_mesh(folder, name, domains, elsewhere=()):
    """`domains`: {domain: {product: Product}}. PostgreSQL is $HANSA_POSTGRES; of the domains in `elsewhere`,
    $HANSA_POSTGRES_2. The environment is `development`, which takes writes by REST."""
    folder = pathlib.Path(folder)
    others = "".join(f"\n      {domain}: {{postgres: '${{HANSA_POSTGRES_2}}'}}" for domain in elsewhere)
    write(folder / "mesh.yaml",
          f"hansa: 1\nname: {name}\nenvironments:\n  development:\n    postgres: ${{HANSA_POSTGRES}}\n" +
          (f"    domains:{others}\n" if others else ""))
    for domain, products in domains.items():
        write(folder / "domains" / domain / "domain.yaml", f"description: {domain}\nteam: {{name: {domain}-team}}\n")
        for of, product in products.items():
            here = folder / "domains" / domain / of
            write(here / f"{of}.odps.yaml", product_file(domain, of, product))
            for kind, objects in (("table", product.tables), ("topic", product.topics)):
                for each, columns in objects.items():
                    write(here / f"{each}.v1.odcs.yaml", contract(domain, each, kind, columns, product.more.get(each)))
            for each, sql in product.emit.items():
                write(here / "emit" / f"{each}.v1.sql", sql)
            for port, (_, sql, *files) in product.on.items():
                write(here / "on" / f"{port}.sql", sql)
                for ending, text in (files[0] if files else {}).items():
                    write(here / "on" / f"{port}.{ending}", text)
    return folder
