"""SQL that removes what has expired: which pools have anything of that kind, and their rows in small batches."""

from collections.abc import Sequence

import msgspec

from poolkeeper.clock import DAY, HOUR
from poolkeeper.store import tables
from poolkeeper.store.authorization_codes import LOOKED_BACK
from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import CLOCKS_APART, Expiring

BATCH = 100


def expiring() -> Sequence[tuple[str, Expiring]]:
    """Return what expires, in the order of its numbers, each beside the name of its table."""
    return [(table.name, expiring_rows) for table in tables.TABLES for expiring_rows in table.expiring]


class Expired(msgspec.Struct, frozen=True):
    """What of a pool is to go: which numbers of `expiring`, and of the first of them what expired from `since` on."""

    pool_id: str
    tables: tuple[int, ...] = tuple(range(len(expiring())))
    since: int = 0


async def expired(reader: Reader, *, after: str, now: int) -> Sequence[Expired]:
    """Return the next hundred pools from behind `after`, deleted ones among them, each with what of it is to go.

    The statement asks in the order of `expiring`.
    """
    rows = await reader.fetch(
        """
        SELECT p.pool_id,
            CASE WHEN EXISTS (SELECT 1 FROM client_documents x WHERE x.pool_id = p.pool_id AND x.expires_at < $3)
            THEN 1 ELSE 0 END,
            CASE WHEN EXISTS (SELECT 1 FROM provider_answers x WHERE x.pool_id = p.pool_id AND x.expires_at < $2)
            THEN 1 ELSE 0 END,
            CASE WHEN EXISTS (SELECT 1 FROM codes x WHERE x.pool_id = p.pool_id AND x.expires_at < $2)
            THEN 1 ELSE 0 END,
            CASE WHEN EXISTS (SELECT 1 FROM lockouts x WHERE x.pool_id = p.pool_id AND x.expires_at < $2)
            THEN 1 ELSE 0 END,
            CASE WHEN EXISTS (SELECT 1 FROM hourly x WHERE x.pool_id = p.pool_id AND x.expires_at < $2)
            THEN 1 ELSE 0 END,
            CASE WHEN EXISTS (SELECT 1 FROM message_budgets x WHERE x.pool_id = p.pool_id AND x.expires_at < $2)
            THEN 1 ELSE 0 END,
            CASE WHEN EXISTS (SELECT 1 FROM nonces x WHERE x.pool_id = p.pool_id AND x.expires_at < $2)
            THEN 1 ELSE 0 END,
            CASE WHEN EXISTS (SELECT 1 FROM used_device_keys x WHERE x.pool_id = p.pool_id AND x.expires_at < $2)
            THEN 1 ELSE 0 END,
            CASE WHEN EXISTS (SELECT 1 FROM sessions x WHERE x.pool_id = p.pool_id AND x.expires_at < $3)
            THEN 1 ELSE 0 END,
            CASE WHEN EXISTS (SELECT 1 FROM browser_sessions x WHERE x.pool_id = p.pool_id AND x.expires_at < $4)
            THEN 1 ELSE 0 END,
            CASE WHEN EXISTS (SELECT 1 FROM authorization_codes x WHERE x.pool_id = p.pool_id AND x.expires_at < $3)
            THEN 1 ELSE 0 END,
            CASE WHEN EXISTS (SELECT 1 FROM authorization_codes x WHERE x.pool_id = p.pool_id
                AND x.expires_at >= $5 AND x.expires_at < $2 AND x.spent_at IS NULL)
            THEN 1 ELSE 0 END,
            CASE WHEN EXISTS (SELECT 1 FROM conversations x WHERE x.pool_id = p.pool_id AND x.expires_at < $2)
            THEN 1 ELSE 0 END,
            CASE WHEN EXISTS (SELECT 1 FROM device_sessions x WHERE x.pool_id = p.pool_id AND x.expires_at < $2)
            THEN 1 ELSE 0 END,
            CASE WHEN EXISTS (SELECT 1 FROM destinations x WHERE x.pool_id = p.pool_id AND x.expires_at < $2)
            THEN 1 ELSE 0 END,
            CASE WHEN EXISTS (SELECT 1 FROM auth_history x WHERE x.pool_id = p.pool_id AND x.expires_at < $2)
            THEN 1 ELSE 0 END,
            CASE WHEN EXISTS (SELECT 1 FROM passkey_challenges x WHERE x.pool_id = p.pool_id AND x.expires_at < $2)
            THEN 1 ELSE 0 END
        FROM (SELECT pool_id FROM pools WHERE pool_id > $1 ORDER BY pool_id LIMIT 100) p
        ORDER BY p.pool_id
        """,
        after,
        now - CLOCKS_APART,
        now - DAY,
        now - HOUR,
        now - LOOKED_BACK,
    )
    return [
        Expired(row[0], tuple(number for number, has_expired in enumerate(tuple(row)[1:]) if has_expired))
        for row in rows
    ]


async def delete_expired(tx: Transaction, expired: Expired, *, now: int) -> Expired:
    """Remove up to two batches of a pool's expired rows, table by table, and return what may be left.

    That begins with the time at which the last row had expired that went: on PostgreSQL, what was removed before is not met
    again there.
    """
    removed, since = 0, expired.since
    kinds = [kind for _, kind in expiring()]
    numbers = [
        number for number in expired.tables if number < len(kinds)
    ]  # a server of another version may have had more
    for position, number in enumerate(numbers):
        kind = kinds[number]
        rows = await tx.fetch(kind.delete, expired.pool_id, max(since, kind.since(now)), now - kind.kept)
        if len(rows) >= BATCH:
            return Expired(expired.pool_id, tuple(numbers[position:]), max(row[0] for row in rows))
        since = 0
        removed += len(rows)
        if removed >= BATCH:
            return Expired(expired.pool_id, tuple(numbers[position + 1 :]))
    return Expired(expired.pool_id, ())
