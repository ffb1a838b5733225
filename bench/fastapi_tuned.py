"""The same service by someone who measures: no dependency (two fewer hops between threads), no transaction around one
SELECT (two fewer round trips), answers typed, so that pydantic's Rust writes them."""
from datetime import datetime
from decimal import Decimal

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import create_engine

from fastapi_ground import PAGE, POSTGRES, ROW, THREADS, Limit, After, lifespan

engine = create_engine(POSTGRES, pool_size=THREADS, max_overflow=0, isolation_level="AUTOCOMMIT")
app = FastAPI(title="Products", lifespan=lifespan)


class Product(BaseModel):
    id: int
    name: str
    price: Decimal
    stock: int | None
    created_at: datetime | None


@app.get("/products")
def list_products(limit: Limit = 100, after: After = 0) -> list[Product]:
    with engine.connect() as connection:
        return connection.execute(PAGE, {"limit": limit, "after": after}).mappings().all()


@app.get("/products/{product_id}")
def get_product(product_id: int) -> Product:
    with engine.connect() as connection:
        row = connection.execute(ROW, {"id": product_id}).mappings().first()
    if row is None:
        raise HTTPException(status_code=404, detail="no such product")
    return row
