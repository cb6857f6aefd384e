"""SQL of what processes tell each other of refusals: lists by the moment and by who wrote them, sealed."""

from collections.abc import Sequence

import msgspec

from poolkeeper.store.db import Database, Reader
from poolkeeper.store.table import Table

_SHARD = 0


class ToldRow(msgspec.Struct, frozen=True, gc=False):
    """What one process tells of one moment (milliseconds)."""

    at: int
    writer: str
    refusals: bytes


async def tell(writer: Database, row: ToldRow) -> None:
    """Add what a process tells."""
    await writer.execute(
        """
        INSERT INTO shared_refusals (shard, at, writer, refusals) VALUES ($1, $2, $3, $4)
        ON CONFLICT (shard, at, writer) DO NOTHING
        """,
        _SHARD,
        row.at,
        row.writer,
        row.refusals,
    )


async def since(reader: Reader, *, at: int, limit: int) -> Sequence[ToldRow]:
    """Return what was told from a moment on, the oldest first."""
    rows = await reader.fetch(
        """
        SELECT at, writer, refusals FROM shared_refusals
        WHERE shard = $1 AND at >= $2 ORDER BY at, writer LIMIT $3
        """,
        _SHARD,
        at,
        limit,
    )
    return [ToldRow(row[0], row[1], bytes(row[2])) for row in rows]


async def forget(writer: Database, *, before: int) -> int:
    """Remove what was told before a moment."""
    return await writer.execute("DELETE FROM shared_refusals WHERE shard = $1 AND at < $2", _SHARD, before)


TABLE = Table(
    name="shared_refusals",
    key=("shard", "at", "writer"),
    owner="server",
    at_reset="DELETE FROM shared_refusals WHERE shard >= 0",
)
