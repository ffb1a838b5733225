"""The rival: the tutorial's service as it teaches it (a session a request by dependency, rows as dicts), plus a page."""
from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

from fastapi_ground import PAGE, POSTGRES, ROW, Limit, After, lifespan

# A session is closed on a thread beyond THREADS, so a few more connections than threads are out at once.
engine = create_engine(POSTGRES, pool_size=16, max_overflow=32)
Session = sessionmaker(autocommit=False, autoflush=False, bind=engine)
app = FastAPI(title="Products", lifespan=lifespan)


def database():
    session = Session()
    try:
        yield session
    finally:
        session.close()


@app.get("/products")
def list_products(limit: Limit = 100, after: After = 0, session=Depends(database)):
    found = session.execute(PAGE, {"limit": limit, "after": after})
    return [dict(row._mapping) for row in found]


@app.get("/products/{product_id}")
def get_product(product_id: int, session=Depends(database)):
    row = session.execute(ROW, {"id": product_id}).fetchone()
    if row is None:
        raise HTTPException(status_code=404, detail="no such product")
    return dict(row._mapping)
