"""What both FastAPI services share: the queries, the bounds of a page, and proof that they run on the fast parts."""
import asyncio
import contextlib
import os
import sys
from typing import Annotated

import anyio.to_thread
from fastapi import Query
from sqlalchemy import text

POSTGRES = os.environ["BENCH_FASTAPI_POSTGRES"]
COLUMNS = "id, name, price, stock, created_at"
ROW = text(f"SELECT {COLUMNS} FROM products.product WHERE id = :id")
PAGE = text(f"SELECT {COLUMNS} FROM products.product WHERE id > :after ORDER BY id LIMIT :limit")
Limit = Annotated[int, Query(ge=1, le=1000)]
After = Annotated[int, Query(ge=0)]

# A worker's threads share one interpreter lock: the default of 40 gave the same rate and a longer tail.
THREADS = 8


@contextlib.asynccontextmanager
async def lifespan(_app):
    loop = type(asyncio.get_running_loop())
    if loop.__module__ != "uvloop" or "uvicorn.protocols.http.httptools_impl" not in sys.modules:
        raise RuntimeError(f"not on uvloop and httptools, but on {loop}: this would be a crippled rival")
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    yield
