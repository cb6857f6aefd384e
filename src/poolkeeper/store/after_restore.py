"""SQL of what a restored database must not keep: whatever was ended, used or sent after the backup may look unused in it."""

from collections.abc import Sequence

import msgspec

from poolkeeper.store import tables
from poolkeeper.store.db import Reader, Transaction

_BATCH = 500


class WaitingMessage(msgspec.Struct, frozen=True, gc=False):
    """A message that was not sent yet, sealed."""

    shard: int
    job_id: str
    payload: bytes


async def end_a_batch(tx: Transaction, pool_id: str) -> tuple[int, bool]:
    """Remove up to a batch each of a pool's sessions, browser sessions, codes and conversations under way.

    Returns how many rows went, and True when there may be more. The sessions' rows go and are not marked: a token without
    its row is as good as one whose session was ended.
    """
    removed = [await tx.execute(table.after_restore, pool_id) for table in tables.TABLES if table.after_restore]
    return sum(removed), max(removed) >= _BATCH


async def waiting_messages(reader: Reader, *, after: tuple[int, str], limit: int) -> Sequence[WaitingMessage]:
    """Return messages that were not sent yet, from behind (shard, job id)."""
    rows = await reader.fetch(
        """
        SELECT shard, job_id, payload FROM due
        WHERE kind = 'message' AND payload IS NOT NULL AND (shard > $1 OR (shard = $1 AND job_id > $2))
        ORDER BY shard, job_id LIMIT $3
        """,
        *after,
        limit,
    )
    return [WaitingMessage(row[0], row[1], bytes(row[2])) for row in rows]


async def hasten_messages(tx: Transaction, *, now: int) -> int:
    """Let every message that waits for another try be tried now: how long it was to wait was said before the restore."""
    return await tx.execute(
        "UPDATE due SET due_at = $1, lease_until = 0 WHERE kind = 'message' AND (due_at > $1 OR lease_until > 0)", now
    )
