"""SQL over everything that lies sealed: table by table, in pages, for rotation of the sealing keys."""

from collections.abc import Sequence

import msgspec

from poolkeeper.store import tables
from poolkeeper.store.db import Database, Reader
from poolkeeper.store.table import Key, Sealed


class SealedValue(msgspec.Struct, frozen=True):
    """A sealed value, None where the column may be empty, and the keys of its row."""

    keys: Key
    value: bytes | None


def everything() -> Sequence[tuple[str, Sealed]]:
    """Return all columns that hold sealed values, each beside the name of its table."""
    return [(table.name, column) for table in tables.TABLES for column in table.sealed]


async def page(reader: Reader, sealed: Sealed, *, after: Key, limit: int) -> list[SealedValue]:
    """Return up to `limit` sealed values of one column, from behind the keys `after`."""
    keys = len(sealed.start)
    rows = map(tuple, await reader.fetch(sealed.walk, *after, min(limit, sealed.most)))
    return [SealedValue(row[:keys], row[keys]) for row in rows]


async def put(db: Database, sealed: Sealed, keys: Key, *, new: bytes, seen: bytes) -> int:
    """Put a value that was sealed anew in the place of the one that was seen; 0 when that changed meanwhile."""
    return await db.execute(sealed.put, *keys, new, seen)
