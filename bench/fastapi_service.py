import os
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal
from typing import Annotated

import anyio.to_thread
from fastapi import Depends, FastAPI, HTTPException, Query
from pydantic import BaseModel
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session, sessionmaker

THREADS = int(os.environ.get("BENCH_FASTAPI_THREADS", "8"))
V = os.environ.get("BENCH_FASTAPI_VARIANT", "").split(",")
engine = create_engine(os.environ["BENCH_FASTAPI_POSTGRES"], pool_size=64, max_overflow=20, **({"isolation_level": "AUTOCOMMIT"} if "auto" in V else {}))
SessionLocal = sessionmaker(autocommit=False, autoflush=False, bind=engine)

COLUMNS = "id, name, price, stock, created_at"
ROW = text(f"SELECT {COLUMNS} FROM products.product WHERE id = :id")
PAGE = text(f"SELECT {COLUMNS} FROM products.product ORDER BY id LIMIT :limit OFFSET :offset")

class Product(BaseModel):
    id: int
    name: str
    price: Decimal
    stock: int | None
    created_at: datetime | None

@asynccontextmanager
async def lifespan(_app):
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    yield

app = FastAPI(title="Products", lifespan=lifespan)

def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()

Db = Annotated[Session, Depends(get_db)]
Limit = Annotated[int, Query(ge=1, le=1000)]
Offset = Annotated[int, Query(ge=0)]

def pagerows(db, limit, offset):
    return [dict(row._mapping) for row in db.execute(PAGE, {"limit": limit, "offset": offset})]
def onerow(db, i):
    row = db.execute(ROW, {"id": i}).fetchone()
    if row is None:
        raise HTTPException(status_code=404, detail="Product not found")
    return dict(row._mapping)

many = dict(response_model=list[Product]) if "model" in V else {}
one = dict(response_model=Product) if "model" in V else {}
if "with" in V:
    @app.get("/products", **many)
    def list_products(limit: Limit = 100, offset: Offset = 0):
        with SessionLocal() as db: return pagerows(db, limit, offset)
    @app.get("/products/{product_id}", **one)
    def get_product(product_id: int):
        with SessionLocal() as db: return onerow(db, product_id)
else:
    @app.get("/products", **many)
    def list_products(db: Db, limit: Limit = 100, offset: Offset = 0):
        return pagerows(db, limit, offset)
    @app.get("/products/{product_id}", **one)
    def get_product(product_id: int, db: Db):
        return onerow(db, product_id)
