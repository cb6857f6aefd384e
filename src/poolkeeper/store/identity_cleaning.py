"""SQL that removes what is identity pools': guests whom nobody calls any more, and what a deleted pool leaves behind."""

from collections.abc import Sequence

from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.leftovers import Walk

BATCH = 100

# The identities last: what is left of a pool by then is still theirs.
OF_AN_IDENTITY_POOL: tuple[Walk, ...] = (
    Walk(
        "logins",
        start=("", ""),
        keys="""SELECT provider, subject FROM logins
                WHERE identity_pool_id = $1 AND (provider, subject) > ($2, $3)
                ORDER BY provider, subject LIMIT 500""",
        delete="""DELETE FROM logins WHERE identity_pool_id = $1 AND (provider, subject) > ($2, $3)
                  AND (provider, subject) <= ($4, $5)""",
    ),
    Walk(
        "developer_links",
        start=("",),
        keys="""SELECT developer_user_identifier FROM developer_links
                WHERE identity_pool_id = $1 AND developer_user_identifier > $2
                ORDER BY developer_user_identifier LIMIT 500""",
        delete="""DELETE FROM developer_links WHERE identity_pool_id = $1 AND developer_user_identifier > $2
                  AND developer_user_identifier <= $3""",
    ),
    Walk(
        "identities",
        start=("",),
        keys="""SELECT identity_id FROM identities WHERE identity_pool_id = $1 AND identity_id > $2
                ORDER BY identity_id LIMIT 500""",
        delete="DELETE FROM identities WHERE identity_pool_id = $1 AND identity_id > $2 AND identity_id <= $3",
    ),
)


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
