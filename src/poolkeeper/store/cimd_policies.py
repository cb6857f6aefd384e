"""SQL of the policies by which an app may name itself by an address: a few of a pool, read together where one does."""

from collections.abc import Sequence

import msgspec

from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import Table, Walk


class PolicyRow(msgspec.Struct, frozen=True, gc=False):
    """One policy; `url_patterns` is JSON, `cache_duration` seconds, times are milliseconds.

    `client_id` may be that of an app client that is gone.
    """

    policy_id: str
    client_id: str
    name: str
    url_patterns: str
    cache_duration: int
    version: int
    created_at: int
    updated_at: int


async def insert(tx: Transaction, *, pool_id: str, row: PolicyRow) -> None:
    """Add a policy."""
    await tx.execute(
        """
        INSERT INTO cimd_policies (pool_id, policy_id, client_id, name, url_patterns, cache_duration, version,
                                   created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        pool_id,
        row.policy_id,
        row.client_id,
        row.name,
        row.url_patterns,
        row.cache_duration,
        row.version,
        row.created_at,
        row.updated_at,
    )


async def replace(tx: Transaction, *, pool_id: str, row: PolicyRow, expected_version: int) -> int:
    """Store a policy anew if nobody else has since; return how many rows changed."""
    return await tx.execute(
        """
        UPDATE cimd_policies
        SET client_id = $3, name = $4, url_patterns = $5, cache_duration = $6, version = $7, updated_at = $8
        WHERE pool_id = $1 AND policy_id = $2 AND version = $9
        """,
        pool_id,
        row.policy_id,
        row.client_id,
        row.name,
        row.url_patterns,
        row.cache_duration,
        row.version,
        row.updated_at,
        expected_version,
    )


async def delete(tx: Transaction, *, pool_id: str, policy_id: str) -> int:
    """Remove a policy."""
    return await tx.execute("DELETE FROM cimd_policies WHERE pool_id = $1 AND policy_id = $2", pool_id, policy_id)


async def find(reader: Reader, *, pool_id: str, policy_id: str) -> PolicyRow | None:
    """Return a policy, None where there is none of that id."""
    row = await reader.fetch_one(
        """
        SELECT policy_id, client_id, name, url_patterns, cache_duration, version, created_at, updated_at
        FROM cimd_policies WHERE pool_id = $1 AND policy_id = $2
        """,
        pool_id,
        policy_id,
    )
    return None if row is None else PolicyRow(*row)


async def of_pool(reader: Reader, *, pool_id: str, limit: int) -> Sequence[PolicyRow]:
    """Return the policies of a pool, the oldest first."""
    rows = await reader.fetch(
        """
        SELECT policy_id, client_id, name, url_patterns, cache_duration, version, created_at, updated_at
        FROM cimd_policies WHERE pool_id = $1 ORDER BY created_at, policy_id LIMIT $2
        """,
        pool_id,
        limit,
    )
    return [PolicyRow(*row) for row in rows]


async def page(reader: Reader, *, pool_id: str, after: str, limit: int) -> Sequence[PolicyRow]:
    """Return up to `limit` policies in the order of their ids, from behind `after`."""
    rows = await reader.fetch(
        """
        SELECT policy_id, client_id, name, url_patterns, cache_duration, version, created_at, updated_at
        FROM cimd_policies WHERE pool_id = $1 AND policy_id > $2 ORDER BY policy_id LIMIT $3
        """,
        pool_id,
        after,
        limit,
    )
    return [PolicyRow(*row) for row in rows]


async def of_all_pools(reader: Reader, *, limit: int) -> Sequence[tuple[str, str]]:
    """Return pool and patterns of policies of all pools, the oldest first, for the bare host of a development server."""
    rows = await reader.fetch(
        """
        SELECT c.pool_id, c.url_patterns
        FROM cimd_policies c JOIN pools p ON p.pool_id = c.pool_id AND p.state = 'ACTIVE'
        WHERE c.pool_id > '' ORDER BY c.created_at, c.pool_id, c.policy_id LIMIT $1
        """,
        limit,
    )
    return [(row[0], row[1]) for row in rows]


TABLE = Table(
    name="cimd_policies",
    key=("pool_id", "policy_id"),
    owner="pool",
    of_a_pool=Walk(
        start=("",),
        keys="""SELECT policy_id FROM cimd_policies WHERE pool_id = $1 AND policy_id > $2
                ORDER BY policy_id LIMIT 500""",
        delete="DELETE FROM cimd_policies WHERE pool_id = $1 AND policy_id > $2 AND policy_id <= $3",
    ),
    at_reset="DELETE FROM cimd_policies WHERE pool_id >= ''",
)
