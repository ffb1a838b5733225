"""The mesh under test: one domain, one product, the tutorial's table."""
import pathlib

FILES = {
    "mesh.yaml": """\
hansa: 1
name: bench
environments:
  bench:
    postgres: ${HANSA_BENCH_POSTGRES}
    listen: 127.0.0.1:8000
""",
    "domains/products/domain.yaml": """\
description: Catalogue and stock
team: {name: products-team, members: [{username: ana@shop.example, role: owner}]}
""",
    "domains/products/catalog/catalog.odps.yaml": """\
apiVersion: v1.0.0
kind: DataProduct
id: products-catalog
name: Catalog
status: active
outputPorts:
  - {name: product_rest, version: '1', type: rest, contractId: products-product-v1}
""",
    "domains/products/catalog/product.v1.odcs.yaml": """\
apiVersion: v3.1.0
kind: DataContract
id: products-product-v1
version: 1.0.0
status: active
schema:
  - name: product
    physicalType: table
    properties:
      - {name: id, logicalType: integer, physicalType: serial, primaryKey: true, required: true}
      - {name: name, logicalType: string, logicalTypeOptions: {maxLength: 255}, required: true}
      - {name: price, logicalType: number, physicalType: 'numeric(10,2)', required: true}
      - name: stock
        logicalType: integer
        logicalTypeOptions: {minimum: 0}
        customProperties: [{property: hansa.default, value: 0}]
      - name: created_at
        logicalType: timestamp
        logicalTypeOptions: {timezone: true}
        customProperties: [{property: hansa.defaultSql, value: now()}]
""",
}


def write(folder):
    for name, text in FILES.items():
        path = pathlib.Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
