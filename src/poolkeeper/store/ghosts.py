"""SQL of what nobody left: codes, counts, locks and conversations of ids that are no user's, of which a pool keeps so many.

A table is walked from the rows that end last down to those that end first, a batch at a time. What is behind the row that
fills the bound is removed batch by batch; nothing is counted by the database, and rows of users are passed by.
"""

from collections.abc import Awaitable, Callable, Sequence

import msgspec

from poolkeeper.store.db import Database, Reader, Transaction

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


Look = Callable[[Reader, str, Mark], Awaitable[Sequence[Seen]]]
Drop = Callable[[Transaction, str, Mark, Mark], Awaitable[int]]


async def evict(db: Database, pool_id: str, *, most: int) -> int:
    """Leave a pool `most` rows of nobody's in each table, those that end last, and return how many went."""
    return sum([await _evict(db, pool_id, look, drop, most=most) for look, drop in _TABLES])


async def _evict(db: Database, pool_id: str, look: Look, drop: Drop, *, most: int) -> int:
    mark, kept, gone = _TOP, 0, 0
    while seen := await look(db, pool_id, mark):
        nobodys = [row.mark for row in seen if row.nobodys]
        room = most - kept
        if len(nobodys) > room:
            above = mark if room == 0 else nobodys[room - 1]
            gone += await _dropped(db, pool_id, drop, above, seen[-1].mark)
        kept += min(len(nobodys), room)
        mark = seen[-1].mark
    return gone


async def _dropped(db: Database, pool_id: str, drop: Drop, above: Mark, lowest: Mark) -> int:
    async def body(tx: Transaction) -> int:
        return await drop(tx, pool_id, above, lowest)

    return await db.write(body)


async def _codes(reader: Reader, pool_id: str, below: Mark) -> Sequence[Seen]:
    rows = await reader.fetch(
        """
        SELECT c.expires_at, c.subject_id, c.purpose, CASE WHEN u.user_id IS NULL THEN 1 ELSE 0 END
        FROM codes c LEFT JOIN users u ON u.pool_id = c.pool_id AND u.user_id = c.subject_id
        WHERE c.pool_id = $1 AND (c.expires_at, c.subject_id, c.purpose) < ($2, $3, $4)
        ORDER BY c.expires_at DESC, c.subject_id DESC, c.purpose DESC LIMIT 500
        """,
        pool_id,
        *below,
    )
    return [Seen(*(row[n] for n in range(4))) for row in rows]


async def _drop_codes(tx: Transaction, pool_id: str, above: Mark, lowest: Mark) -> int:
    return await tx.execute(
        """
        DELETE FROM codes WHERE pool_id = $1 AND (expires_at, subject_id, purpose) < ($2, $3, $4)
          AND (expires_at, subject_id, purpose) >= ($5, $6, $7)
          AND NOT EXISTS (SELECT 1 FROM users u WHERE u.pool_id = $1 AND u.user_id = codes.subject_id)
        """,
        pool_id,
        *above,
        *lowest,
    )


async def _counts(reader: Reader, pool_id: str, below: Mark) -> Sequence[Seen]:
    """Return counts of what names were asked for; budgets of numbers and pools are of other purposes."""
    rows = await reader.fetch(
        """
        SELECT c.expires_at, c.subject_id, c.purpose, CASE WHEN u.user_id IS NULL THEN 1 ELSE 0 END
        FROM hourly c LEFT JOIN users u ON u.pool_id = c.pool_id AND u.user_id = c.subject_id
        WHERE c.pool_id = $1 AND (c.expires_at, c.subject_id, c.purpose) < ($2, $3, $4)
          AND ((c.purpose >= 'ask:' AND c.purpose < 'ask;') OR (c.purpose >= 'send:' AND c.purpose < 'send;')
               OR (c.purpose >= 'wrong:' AND c.purpose < 'wrong;'))
        ORDER BY c.expires_at DESC, c.subject_id DESC, c.purpose DESC LIMIT 500
        """,
        pool_id,
        *below,
    )
    return [Seen(*(row[n] for n in range(4))) for row in rows]


async def _drop_counts(tx: Transaction, pool_id: str, above: Mark, lowest: Mark) -> int:
    return await tx.execute(
        """
        DELETE FROM hourly WHERE pool_id = $1 AND (expires_at, subject_id, purpose) < ($2, $3, $4)
          AND (expires_at, subject_id, purpose) >= ($5, $6, $7)
          AND ((purpose >= 'ask:' AND purpose < 'ask;') OR (purpose >= 'send:' AND purpose < 'send;')
               OR (purpose >= 'wrong:' AND purpose < 'wrong;'))
          AND NOT EXISTS (SELECT 1 FROM users u WHERE u.pool_id = $1 AND u.user_id = hourly.subject_id)
        """,
        pool_id,
        *above,
        *lowest,
    )


async def _locks(reader: Reader, pool_id: str, below: Mark) -> Sequence[Seen]:
    rows = await reader.fetch(
        """
        SELECT c.expires_at, c.subject_id, c.bucket, CASE WHEN u.user_id IS NULL THEN 1 ELSE 0 END
        FROM lockouts c LEFT JOIN users u ON u.pool_id = c.pool_id AND u.user_id = c.subject_id
        WHERE c.pool_id = $1 AND (c.expires_at, c.subject_id, c.bucket) < ($2, $3, $4)
        ORDER BY c.expires_at DESC, c.subject_id DESC, c.bucket DESC LIMIT 500
        """,
        pool_id,
        *below,
    )
    return [Seen(*(row[n] for n in range(4))) for row in rows]


async def _drop_locks(tx: Transaction, pool_id: str, above: Mark, lowest: Mark) -> int:
    return await tx.execute(
        """
        DELETE FROM lockouts WHERE pool_id = $1 AND (expires_at, subject_id, bucket) < ($2, $3, $4)
          AND (expires_at, subject_id, bucket) >= ($5, $6, $7)
          AND NOT EXISTS (SELECT 1 FROM users u WHERE u.pool_id = $1 AND u.user_id = lockouts.subject_id)
        """,
        pool_id,
        *above,
        *lowest,
    )


async def _talks(reader: Reader, pool_id: str, below: Mark) -> Sequence[Seen]:
    rows = await reader.fetch(
        """
        SELECT c.expires_at, c.subject_id, c.conversation_id, CASE WHEN u.user_id IS NULL THEN 1 ELSE 0 END
        FROM conversations c LEFT JOIN users u ON u.pool_id = c.pool_id AND u.user_id = c.subject_id
        WHERE c.pool_id = $1 AND (c.expires_at, c.subject_id, c.conversation_id) < ($2, $3, $4)
        ORDER BY c.expires_at DESC, c.subject_id DESC, c.conversation_id DESC LIMIT 500
        """,
        pool_id,
        *below,
    )
    return [Seen(*(row[n] for n in range(4))) for row in rows]


async def _drop_talks(tx: Transaction, pool_id: str, above: Mark, lowest: Mark) -> int:
    return await tx.execute(
        """
        DELETE FROM conversations WHERE pool_id = $1 AND (expires_at, subject_id, conversation_id) < ($2, $3, $4)
          AND (expires_at, subject_id, conversation_id) >= ($5, $6, $7)
          AND NOT EXISTS (SELECT 1 FROM users u WHERE u.pool_id = $1 AND u.user_id = conversations.subject_id)
        """,
        pool_id,
        *above,
        *lowest,
    )


_TABLES: tuple[tuple[Look, Drop], ...] = (
    (_codes, _drop_codes),
    (_counts, _drop_counts),
    (_locks, _drop_locks),
    (_talks, _drop_talks),
)
