"""SQL of replicas: the regions in whose name a pool of another region is answered for as well."""

import msgspec

from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.pools import PoolInList
from poolkeeper.store.table import Table, Walk


class ReplicaRow(msgspec.Struct, frozen=True, gc=False):
    """One secondary replica; `tags` are JSON."""

    pool_id: str
    region: str
    status: str
    tags: str


async def insert(tx: Transaction, row: ReplicaRow, *, now: int) -> bool:
    """Add a replica; False where the pool has one in that region."""
    inserted = await tx.execute(
        """
        INSERT INTO pool_replicas (pool_id, region, status, tags, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $5)
        ON CONFLICT (pool_id, region) DO NOTHING
        """,
        row.pool_id,
        row.region,
        row.status,
        row.tags,
        now,
    )
    return inserted == 1


async def find(reader: Reader, *, pool_id: str, region: str) -> ReplicaRow | None:
    """Return the replica of a pool in a region, None where there is none."""
    row = await reader.fetch_one(
        "SELECT pool_id, region, status, tags FROM pool_replicas WHERE pool_id = $1 AND region = $2", pool_id, region
    )
    return None if row is None else ReplicaRow(*row)


async def of_pool(reader: Reader, pool_id: str) -> list[ReplicaRow]:
    """Return the replicas of a pool in the order of their regions."""
    rows = await reader.fetch(
        "SELECT pool_id, region, status, tags FROM pool_replicas WHERE pool_id = $1 ORDER BY region", pool_id
    )
    return [ReplicaRow(*row) for row in rows]


async def of_pools(reader: Reader, *, first: str, last: str) -> list[ReplicaRow]:
    """Return the replicas of all pools from one id to another."""
    rows = await reader.fetch(
        """
        SELECT pool_id, region, status, tags FROM pool_replicas WHERE pool_id >= $1 AND pool_id <= $2
        ORDER BY pool_id, region
        """,
        first,
        last,
    )
    return [ReplicaRow(*row) for row in rows]


async def in_region(reader: Reader, *, region: str, after: str, limit: int) -> list[ReplicaRow]:
    """Return up to `limit` replicas in a region in the order of their pools' ids, from behind `after`."""
    rows = await reader.fetch(
        """
        SELECT r.pool_id, r.region, r.status, r.tags
        FROM pool_replicas r JOIN pools p ON p.pool_id = r.pool_id AND p.state = 'ACTIVE'
        WHERE r.region = $1 AND r.pool_id > $2
        ORDER BY r.pool_id LIMIT $3
        """,
        region,
        after,
        limit,
    )
    return [ReplicaRow(*row) for row in rows]


async def pools_in_region(reader: Reader, *, region: str, after: str, limit: int) -> list[PoolInList]:
    """Return up to `limit` pools of other regions that have a replica in this one, by their ids, from behind `after`."""
    rows = await reader.fetch(
        """
        SELECT p.pool_id, p.name, p.document, p.created_at, p.updated_at
        FROM pool_replicas r JOIN pools p ON p.pool_id = r.pool_id AND p.state = 'ACTIVE'
        WHERE r.region = $1 AND r.pool_id > $2
        ORDER BY r.pool_id LIMIT $3
        """,
        region,
        after,
        limit,
    )
    return [PoolInList(*row) for row in rows]


async def set_status(tx: Transaction, *, pool_id: str, region: str, status: str, now: int) -> int:
    """Store the status of a replica; return how many rows changed."""
    return await tx.execute(
        "UPDATE pool_replicas SET status = $3, updated_at = $4 WHERE pool_id = $1 AND region = $2",
        pool_id,
        region,
        status,
        now,
    )


async def set_tags(tx: Transaction, row: ReplicaRow, *, tags: str, now: int) -> int:
    """Store the tags of a replica if nobody has changed them since; return how many rows changed."""
    return await tx.execute(
        "UPDATE pool_replicas SET tags = $3, updated_at = $4 WHERE pool_id = $1 AND region = $2 AND tags = $5",
        row.pool_id,
        row.region,
        tags,
        now,
        row.tags,
    )


async def delete(tx: Transaction, *, pool_id: str, region: str, status: str) -> int:
    """Remove a replica of that status."""
    return await tx.execute(
        "DELETE FROM pool_replicas WHERE pool_id = $1 AND region = $2 AND status = $3", pool_id, region, status
    )


TABLE = Table(
    name="pool_replicas",
    key=("pool_id", "region"),
    owner="pool",
    of_a_pool=Walk(
        start=("",),
        keys="SELECT region FROM pool_replicas WHERE pool_id = $1 AND region > $2 ORDER BY region LIMIT 500",
        delete="DELETE FROM pool_replicas WHERE pool_id = $1 AND region > $2 AND region <= $3",
    ),
    at_reset="DELETE FROM pool_replicas WHERE pool_id >= ''",
)
