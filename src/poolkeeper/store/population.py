"""SQL of what is usual among everybody: sixteen rows of counts, and the key under which values are hashed."""

import msgspec

from poolkeeper.store.db import Database, Reader, Transaction
from poolkeeper.store.table import Sealed, Table

KEY = 16


class CountsRow(msgspec.Struct, frozen=True, gc=False):
    """One row: counts in JSON, or the sealed key."""

    shard: int
    version: int
    counts: bytes


async def rows(reader: Reader) -> list[CountsRow]:
    """Return every row that is there."""
    fetched = await reader.fetch("SELECT shard, version, counts FROM population WHERE shard >= 0 ORDER BY shard")
    return [CountsRow(row[0], row[1], bytes(row[2])) for row in fetched]


async def find(reader: Reader, *, shard: int) -> CountsRow | None:
    """Return one row."""
    row = await reader.fetch_one("SELECT shard, version, counts FROM population WHERE shard = $1", shard)
    return None if row is None else CountsRow(row[0], row[1], bytes(row[2]))


async def insert(writer: Database | Transaction, *, shard: int, counts: bytes) -> bool:
    """Add a row; False where somebody else did."""
    added = await writer.execute(
        "INSERT INTO population (shard, version, counts) VALUES ($1, 1, $2) ON CONFLICT (shard) DO NOTHING",
        shard,
        counts,
    )
    return added == 1


async def replace(tx: Transaction, *, shard: int, counts: bytes, expected_version: int) -> int:
    """Store a row anew if nobody else has since; return how many rows changed."""
    return await tx.execute(
        "UPDATE population SET counts = $2, version = version + 1 WHERE shard = $1 AND version = $3",
        shard,
        counts,
        expected_version,
    )


TABLE = Table(
    name="population",
    key=("shard",),
    owner="server",
    sealed=(
        Sealed(
            "counts",
            start=(-1,),
            walk="SELECT shard, counts FROM population WHERE shard = 16 AND shard > $1 ORDER BY shard LIMIT $2",
            put="UPDATE population SET counts = $2 WHERE shard = $1 AND counts = $3",
        ),
    ),
    at_reset="DELETE FROM population WHERE shard >= 0",
)
