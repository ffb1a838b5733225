"""The other side of `script/bench rest`: a data product written by hand, FastAPI + SQLAlchemy + psycopg2.

Synchronous handlers with a session per request, as such services are commonly written; given its best: uvloop, httptools,
two workers (see rest.py), a pool that never waits, keyset paging. Same routes, same columns as the data product.
"""
import os

from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session, sessionmaker

engine = create_engine(os.environ["BENCH_DATABASE"], pool_size=40, max_overflow=0)
sessions = sessionmaker(bind=engine, autoflush=False)
app = FastAPI(title="Products")

COLUMNS = "id, sku, name, price, stock, created_at"
ONE = text(f"SELECT {COLUMNS} FROM products.product WHERE id = :id")
PAGE = text(f"SELECT {COLUMNS} FROM products.product WHERE id > :after ORDER BY id LIMIT :limit")


def session():
    with sessions() as one:
        yield one


@app.get("/products/v1/product/{id}")
def get_product(id: int, db: Session = Depends(session)):
    row = db.execute(ONE, {"id": id}).first()
    if row is None:
        raise HTTPException(404, "no such product")
    return dict(row._mapping)


@app.get("/products/v1/product")
def list_products(after: int = 0, limit: int = 100, db: Session = Depends(session)):
    return [dict(row._mapping) for row in db.execute(PAGE, {"after": after, "limit": limit})]
