"""A small mesh whose domains speak by events, in a folder: kinds of topics, kinds of ports, and words that are no markup.

`orders` publishes an emission (Avro), the changes of a table with a column left out (Avro) and a JSON topic that
clients write; `products` publishes the changes of product and reads the emission; `orders` reads product; `users`
has no events.
"""

HOSTILE = "</pre><script>document.title = 'taken'</script> `code` & \"quotes\" 'apostrophes'"


def contract(domain, name, schema, more=""):
    return (f"domains/{domain}/main/{name}.v1.odcs.yaml",
            f"apiVersion: v3.1.0\nkind: DataContract\nid: {domain}-{name}-v1\nversion: 1.4.0\nstatus: active\nschema:\n"
            f"{schema}{more}")


def product(domain, outputs, inputs=()):
    text = f"apiVersion: v1.0.0\nkind: DataProduct\nid: {domain}-main\nstatus: active\n"
    if inputs:
        text += "inputPorts:\n" + "".join(
            f"  - {{name: {port}, version: '1', contractId: {contract_id}{more}}}\n" for port, contract_id, more in inputs)
    text += "outputPorts:\n" + "".join(
        f"  - {{name: {name}_{kind}, version: '1', type: {kind}, contractId: {domain}-{name}-v1}}\n"
        for name, kind in outputs)
    return f"domains/{domain}/main/main.odps.yaml", text


ORDER = """\
  - name: order
    businessName: Order
    description: "What was ordered"
    properties:
      - {name: id, logicalType: integer, physicalType: serial, primaryKey: true}
      - {name: product_id, logicalType: integer, required: true, description: "Of the products domain"}
      - {name: quantity, logicalType: integer, required: true, logicalTypeOptions: {minimum: 1}}
      - {name: total, logicalType: number, physicalType: 'numeric(10,2)', examples: [19.90]}
      - {name: customer, logicalType: string, classification: personal}
      - {name: gift, logicalType: boolean, customProperties: [{property: hansa.default, value: true}]}
      - {name: ordered_at, logicalType: timestamp, logicalTypeOptions: {timezone: true}}
      - {name: extra, logicalType: object}
"""
PLACED = """\
  - name: order_placed
    physicalType: topic
    businessName: Order placed
    description: >-
      HOSTILE
    properties:
      - {name: order_id, logicalType: integer, primaryKey: true}
      - {name: product_id, logicalType: integer, required: true, partitioned: true, partitionKeyPosition: 1}
      - {name: quantity, logicalType: integer, required: true}
""".replace("HOSTILE", HOSTILE)
CLICKED = """\
  - name: clicked
    physicalType: topic
    physicalName: orders-clicks
    customProperties: [{property: hansa.format, value: json}]
    properties:
      - {name: what, logicalType: string, examples: ['add to cart']}
      - {name: session, logicalType: string, required: true, partitioned: true, partitionKeyPosition: 2}
      - {name: page, logicalType: integer, required: true, partitioned: true, partitionKeyPosition: 1}
"""
PRODUCT = """\
  - name: product
    properties:
      - {name: id, logicalType: integer, physicalType: serial, primaryKey: true}
      - {name: name, logicalType: string, required: true}
      - {name: price, logicalType: number, physicalType: 'numeric(10,2)'}
      - {name: stock, logicalType: integer}
"""
KNOWN = """\
  - name: known_product
    properties:
      - {name: id, logicalType: integer, primaryKey: true}
      - {name: name, logicalType: string}
"""

FILES = dict([
    ("mesh.yaml", "hansa: 1\nname: shop\nclassifications: {public: {}, personal: {mask: redact}}\n"
                  "defaults:\n  topic: {partitions: 3, retention: 7 days}\n"),
    ("domains/orders/domain.yaml", "description: Orders and the lines they are made of\n"),
    contract("orders", "order", ORDER),
    contract("orders", "order_placed", PLACED,
             "slaProperties:\n  - {property: retention, value: 30, unit: d, element: order_placed}\n"),
    contract("orders", "clicked", CLICKED),
    contract("orders", "known_product", KNOWN),
    product("orders", [("order", "rest"), ("order", "kafka"), ("order_placed", "kafka"), ("clicked", "kafka")],
            [("product", "products-product-v1", "")]),
    ("domains/orders/main/emit/order_placed.v1.sql",
     "-- after insert on order\nselect id as order_id, product_id, quantity from inserted\n"),
    ("domains/orders/main/on/product.sql",
     "-- batch 500 projection\nwith newest as (select distinct on (id) id, name from events order by id, _offset desc)\n"
     "insert into known_product as k (id, name) select id, name from newest\n"
     "on conflict (id) do update set name = excluded.name\n"),
    ("domains/products/domain.yaml", "description: What there is to buy\n"),
    contract("products", "product", PRODUCT),
    product("products", [("product", "rest"), ("product", "kafka")],
            [("order_placed", "orders-order_placed-v1",
              ", customProperties: [{property: hansa.onError, value: halt}]")]),
    ("domains/products/main/on/order_placed.sql",
     "-- each effect\nupdate product p set stock = p.stock - e.quantity from events e where p.id = e.product_id\n"),
    ("domains/users/domain.yaml", "description: Who buys\n"),
    contract("users", "user", "  - name: user\n    properties:\n      - {name: id, logicalType: integer, "
                              "physicalType: serial, primaryKey: true}\n"),
    product("users", [("user", "rest")]),
])


def write(folder):
    for name, text in FILES.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder
