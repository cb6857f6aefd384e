"""SQL of the page that a developer is shown first: the newest pools, and their app clients."""

import msgspec

from poolkeeper.store.db import Reader


class ListedClient(msgspec.Struct, frozen=True, gc=False):
    """A pool beside one of its app clients; the last two are None where it has none."""

    pool_id: str
    pool_name: str
    client_id: str | None
    client_name: str | None


async def newest_pools(reader: Reader, *, pools: int, clients: int) -> list[ListedClient]:
    """Return the app clients of so many pools, those of the newest pool first, and no more than so many in all."""
    rows = await reader.fetch(
        """
        SELECT newest.pool_id, newest.name, clients.client_id, clients.name
        FROM (
            SELECT pool_id, name, created_at FROM pools
            WHERE state = 'ACTIVE' ORDER BY created_at DESC, pool_id LIMIT $1
        ) AS newest
        LEFT JOIN clients ON clients.pool_id = newest.pool_id
        ORDER BY newest.created_at DESC, newest.pool_id, clients.created_at, clients.client_id
        LIMIT $2
        """,
        pools,
        clients,
    )
    return [ListedClient(row[0], row[1], row[2], row[3]) for row in rows]
