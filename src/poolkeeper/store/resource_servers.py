"""SQL of resource servers: few a pool, read where a client's scopes are set or asked for."""

from collections.abc import Sequence

import msgspec

from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import Table, Walk


class ResourceServerRow(msgspec.Struct, frozen=True, gc=False):
    """One resource server; `scopes` are JSON."""

    identifier: str
    name: str
    scopes: str


async def insert(tx: Transaction, *, pool_id: str, identifier: str, name: str, scopes: str, now: int) -> bool:
    """Add a resource server; False when there is one of that identifier."""
    inserted = await tx.execute(
        """
        INSERT INTO resource_servers (pool_id, identifier, name, scopes, created_at)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (pool_id, identifier) DO NOTHING
        """,
        pool_id,
        identifier,
        name,
        scopes,
        now,
    )
    return inserted == 1


async def replace(tx: Transaction, *, pool_id: str, identifier: str, name: str, scopes: str) -> int:
    """Give a resource server another name and other scopes."""
    return await tx.execute(
        "UPDATE resource_servers SET name = $3, scopes = $4 WHERE pool_id = $1 AND identifier = $2",
        pool_id,
        identifier,
        name,
        scopes,
    )


async def delete(tx: Transaction, *, pool_id: str, identifier: str) -> int:
    """Remove a resource server."""
    return await tx.execute("DELETE FROM resource_servers WHERE pool_id = $1 AND identifier = $2", pool_id, identifier)


async def find(reader: Reader, *, pool_id: str, identifier: str) -> ResourceServerRow | None:
    """Return a resource server, None where there is none of that identifier."""
    row = await reader.fetch_one(
        "SELECT identifier, name, scopes FROM resource_servers WHERE pool_id = $1 AND identifier = $2",
        pool_id,
        identifier,
    )
    return None if row is None else ResourceServerRow(*row)


async def page(reader: Reader, *, pool_id: str, after: str, limit: int) -> Sequence[ResourceServerRow]:
    """Return up to `limit` resource servers in the order of their identifiers, from behind `after`."""
    rows = await reader.fetch(
        """
        SELECT identifier, name, scopes FROM resource_servers
        WHERE pool_id = $1 AND identifier > $2
        ORDER BY identifier LIMIT $3
        """,
        pool_id,
        after,
        limit,
    )
    return [ResourceServerRow(*row) for row in rows]


TABLE = Table(
    name="resource_servers",
    key=("pool_id", "identifier"),
    owner="pool",
    of_a_pool=Walk(
        start=("",),
        keys="""SELECT identifier FROM resource_servers WHERE pool_id = $1 AND identifier > $2
                ORDER BY identifier LIMIT 500""",
        delete="DELETE FROM resource_servers WHERE pool_id = $1 AND identifier > $2 AND identifier <= $3",
    ),
    at_reset="DELETE FROM resource_servers WHERE pool_id >= ''",
)
