"""The mesh of `bench events`: Orders, whose tables differ in nothing but what they tell, and domains that react in one way each."""
import pathlib

ORDER = """\
      - {name: id, logicalType: integer, physicalType: serial, primaryKey: true, required: true}
      - {name: product_id, logicalType: integer, required: true}
      - {name: user_id, logicalType: integer}
      - {name: quantity, logicalType: integer, required: true}
      - {name: total, logicalType: number, physicalType: 'numeric(10,2)'}
      - name: ordered_at
        logicalType: timestamp
        logicalTypeOptions: {timezone: true}
        required: true
        customProperties: [{property: hansa.defaultSql, value: now()}]
"""
NOTE = """\
      - {name: id, logicalType: integer, physicalType: serial, primaryKey: true, required: true}
      - {name: body, logicalType: string, required: true}
"""
ORDER_PLACED = """\
      - {name: order_id, logicalType: integer, primaryKey: true, required: true}
      - {name: product_id, logicalType: integer, required: true, partitioned: true, partitionKeyPosition: 1}
      - {name: quantity, logicalType: integer, required: true}
      - {name: placed_at, logicalType: timestamp, logicalTypeOptions: {timezone: true}, required: true}
"""
EMISSION = """\
-- after insert on order
select id as order_id, product_id, quantity, ordered_at as placed_at
  from inserted
"""
PRODUCT = """\
      - {name: id, logicalType: integer, physicalType: integer, primaryKey: true, required: true}
      - {name: stock, logicalType: integer, logicalTypeOptions: {minimum: 0}, required: true}
"""
PLACED = """\
      - {name: order_id, logicalType: integer, physicalType: integer, primaryKey: true, required: true}
      - {name: product_id, logicalType: integer, required: true}
      - {name: quantity, logicalType: integer, required: true}
      - {name: place, logicalType: integer, physicalType: bigint, required: true}
"""
# Table, its columns, whether its changes are published, and what its contract says besides.
TOLD = (("order_silent", ORDER, False, ""), ("order_told", ORDER, True, ""), ("order", ORDER, True, ""),
        ("order_spread", ORDER, True, "    customProperties: [{property: hansa.partitions, value: 4}]\n"),
        ("note", NOTE, True, ""))

STOCK_EACH = """\
-- each effect
update {domain}.product p set stock = p.stock - e.quantity from events e where p.id = e.product_id
"""
STOCK_BATCH = """\
-- batch 500 effect
update {domain}.product p set stock = p.stock - e.quantity
  from (select product_id, sum(quantity) as quantity from events group by product_id) e
 where p.id = e.product_id
"""
INSERT = """\
-- {how} effect
insert into {domain}.placed (order_id, product_id, quantity, place)
select order_id, product_id, quantity, _offset from events
"""
# Domain, table, columns, whether that is published too, reaction.
REACTING = (
    ("stockeach", "product", PRODUCT, False, STOCK_EACH),
    ("stockbatch", "product", PRODUCT, False, STOCK_BATCH),
    ("stocktold", "product", PRODUCT, True, STOCK_EACH),
    ("inserteach", "placed", PLACED, False, INSERT.replace("{how}", "each")),
    ("insertbatch", "placed", PLACED, False, INSERT.replace("{how}", "batch 500")),
)
PLACED_CONTRACT = "orders-order_placed-v1"


def contract(domain, name, kind, columns, more=""):
    return (f"apiVersion: v3.1.0\nkind: DataContract\nid: {domain}-{name}-v1\nversion: 1.0.0\nstatus: active\nschema:\n"
            f"  - name: {name}\n    physicalType: {kind}\n{more}    properties:\n{columns}")


def product(domain, name, outputs, inputs=()):
    """`outputs`: names, types and contracts of ports; `inputs`: names and contracts."""
    text = f"apiVersion: v1.0.0\nkind: DataProduct\nid: {domain}-{name}\nname: {name}\nstatus: active\n"
    if inputs:
        text += "inputPorts:\n" + "".join(f"  - {{name: {port}, version: '1', contractId: {of}}}\n" for port, of in inputs)
    return text + "outputPorts:\n" + "".join(
        f"  - {{name: {port}, version: '1', type: {kind}, contractId: {of}}}\n" for port, kind, of in outputs)


def files():
    yield "mesh.yaml", ("hansa: 1\nname: bench\nenvironments:\n  development:\n    postgres: ${HANSA_BENCH_POSTGRES}\n"
                        "    listen: 127.0.0.1:8000\n")
    for domain in ("orders", *(each[0] for each in REACTING)):
        yield f"domains/{domain}/domain.yaml", (
            "description: Measured\nteam: {name: bench, members: [{username: ana@shop.example, role: owner}]}\n")
    outputs = []
    for table, columns, told, more in TOLD:
        yield f"domains/orders/sales/{table}.v1.odcs.yaml", contract("orders", table, "table", columns, more)
        outputs += [(f"{table}_{kind}", kind, f"orders-{table}-v1") for kind in (("rest", "kafka") if told else ("rest",))]
    yield "domains/orders/sales/order_placed.v1.odcs.yaml", contract("orders", "order_placed", "topic", ORDER_PLACED)
    yield "domains/orders/sales/emit/order_placed.v1.sql", EMISSION
    yield "domains/orders/sales/sales.odps.yaml", product(
        "orders", "sales", [*outputs, ("order_placed", "kafka", PLACED_CONTRACT)])
    for domain, table, columns, told, reaction in REACTING:
        folder = f"domains/{domain}/shelf"
        yield f"{folder}/{table}.v1.odcs.yaml", contract(domain, table, "table", columns)
        yield f"{folder}/shelf.odps.yaml", product(
            domain, "shelf", [(f"{table}_{kind}", kind, f"{domain}-{table}-v1")
                              for kind in (("rest", "kafka") if told else ("rest",))],
            [("order_placed", PLACED_CONTRACT)])
        yield f"{folder}/on/order_placed.sql", reaction.format(domain=domain)


def write(folder):
    for name, text in files():
        path = pathlib.Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
