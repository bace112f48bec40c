"""Orders in a SQLite database: the example of something that a conversation looks up.

`CREATE TABLE orders (number TEXT PRIMARY KEY, status TEXT NOT NULL)`
"""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

_BUSY_S = 1.0


class OrdersError(Exception):
    """The database cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Order:
    """One order."""

    number: str
    status: str


async def find_order(database: Path, number: str) -> Order | None:
    """Look an order up, in a thread, because a database may be slow; raises OrdersError."""
    try:
        return await asyncio.to_thread(_find, database, number)
    except sqlite3.Error as error:
        message = f"{database}: {error}"
        raise OrdersError(message) from error


def _find(database: Path, number: str) -> Order | None:
    address = f"{database.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=_BUSY_S)) as connection:
        row = connection.execute("SELECT number, status FROM orders WHERE number = ?", (number,)).fetchone()
    return Order(*row) if row else None
