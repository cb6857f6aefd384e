"""SQL that removes guests of identity pools whom nobody calls any more."""

from collections.abc import Sequence

from poolkeeper.store.db import Reader, Transaction

BATCH = 100


async def next_pools(reader: Reader, *, after: str, used_before: int) -> Sequence[tuple[str, bool]]:
    """Return the next hundred identity pools from behind `after`, each with whether it has guests who are idle for so long."""
    rows = await reader.fetch(
        """
        SELECT p.identity_pool_id,
            CASE WHEN EXISTS (
                SELECT 1 FROM identities x
                WHERE x.identity_pool_id = p.identity_pool_id AND x.guest = 1 AND x.used_at < $2
            ) THEN 1 ELSE 0 END
        FROM (
            SELECT identity_pool_id FROM identity_pools
            WHERE identity_pool_id > $1 ORDER BY identity_pool_id LIMIT 100
        ) p
        ORDER BY p.identity_pool_id
        """,
        after,
        used_before,
    )
    return [(row[0], bool(row[1])) for row in rows]


async def delete_idle_guests(
    tx: Transaction, identity_pool_id: str, *, used_since: int, used_before: int
) -> Sequence[int]:
    """Remove up to a batch of guests who were last used between two moments, the longest ago first.

    Returns when each was used: the next batch begins there, since PostgreSQL would meet again what it has removed. Nothing
    leads to a guest, so there is nothing else to remove.
    """
    rows = await tx.fetch(
        """
        DELETE FROM identities WHERE identity_pool_id = $1 AND guest = 1 AND used_at < $3 AND identity_id IN (
            SELECT identity_id FROM identities
            WHERE identity_pool_id = $1 AND guest = 1 AND used_at >= $2 AND used_at < $3
            ORDER BY used_at LIMIT 100
        ) RETURNING used_at
        """,
        identity_pool_id,
        used_since,
        used_before,
    )
    return [row[0] for row in rows]
