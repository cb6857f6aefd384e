"""SQL of what names without a user left: codes, counts, locks and conversations, of which a pool keeps so many.

A table is walked from the rows that end last down to those that end first, a batch at a time. What is behind the row that
fills the bound is removed batch by batch; nothing is counted by the database, and rows of users are passed by.
"""

from collections.abc import Sequence

import msgspec

from poolkeeper.store import tables
from poolkeeper.store.db import Database, Reader, Transaction
from poolkeeper.store.table import Nobodys

BATCH = 500

Mark = tuple[int, str, str]
"""Where a walk has come to: when a row ends, whose it is, and the rest of its key."""
_TOP: Mark = (1 << 62, "", "")


class Seen(msgspec.Struct, frozen=True, array_like=True):
    """One row on a walk; `nobodys` is 1 where no user has that id."""

    expires_at: int
    subject_id: str
    rest: str
    nobodys: int

    @property
    def mark(self) -> Mark:
        return self.expires_at, self.subject_id, self.rest


async def evict(db: Database, pool_id: str, *, most: int) -> int:
    """Leave a pool `most` rows of nobody's in each table, those that end last, and return how many went."""
    return sum([await _evict(db, pool_id, table.of_nobody, most=most) for table in tables.TABLES if table.of_nobody])


async def _evict(db: Database, pool_id: str, table: Nobodys, *, most: int) -> int:
    mark, kept_count, gone = _TOP, 0, 0
    while page := await _seen(db, pool_id, table, mark):
        nobodys = [row.mark for row in page if row.nobodys]
        room = most - kept_count
        if len(nobodys) > room:
            above = mark if room == 0 else nobodys[room - 1]
            gone += await _dropped(db, pool_id, table, above, page[-1].mark)
        kept_count += min(len(nobodys), room)
        mark = page[-1].mark
    return gone


async def _seen(reader: Reader, pool_id: str, table: Nobodys, below: Mark) -> Sequence[Seen]:
    return [Seen(*(row[n] for n in range(4))) for row in await reader.fetch(table.look, pool_id, *below)]


async def _dropped(db: Database, pool_id: str, table: Nobodys, above: Mark, lowest: Mark) -> int:
    async def body(tx: Transaction) -> int:
        return await tx.execute(table.drop, pool_id, *above, *lowest)

    return await db.write(body)
