"""SQL of user pools."""

import msgspec

from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import Sealed, Table


class PoolRow(msgspec.Struct, frozen=True, gc=False):
    """A pool as it lies there: `document` and `preferences` are JSON, the secret is sealed."""

    pool_id: str
    region: str
    version: int
    document: str
    preferences: str
    secret: bytes
    created_at: int
    updated_at: int


class PoolInList(msgspec.Struct, frozen=True, gc=False):
    """A pool in a list."""

    pool_id: str
    name: str
    document: str
    created_at: int
    updated_at: int


async def insert(
    tx: Transaction,
    *,
    pool_id: str,
    region: str,
    name: str,
    document: str,
    preferences: str,
    secret: bytes,
    now: int,
) -> None:
    """Add a pool. Its version begins with the time: two pools that have one id one after the other never have the same version."""
    await tx.execute(
        """
        INSERT INTO pools (pool_id, region, state, version, name, document, preferences, secret, created_at, updated_at)
        VALUES ($1, $2, 'ACTIVE', $7, $3, $4, $5, $6, $7, $7)
        """,
        pool_id,
        region,
        name,
        document,
        preferences,
        secret,
        now,
    )


async def find(reader: Reader, pool_id: str) -> PoolRow | None:
    """Return the whole row of a pool that is not deleted."""
    row = await reader.fetch_one(
        """
        SELECT pool_id, region, version, document, preferences, secret, created_at, updated_at
        FROM pools WHERE pool_id = $1 AND state = 'ACTIVE'
        """,
        pool_id,
    )
    return None if row is None else PoolRow(*row)


async def was_ever(reader: Reader, pool_id: str) -> bool:
    """Say whether a pool has this id, or had it and still has rows."""
    return await reader.fetch_one("SELECT pool_id FROM pools WHERE pool_id = $1", pool_id) is not None


async def version(reader: Reader, pool_id: str) -> int | None:
    """Return the version of a pool that is not deleted."""
    row = await reader.fetch_one("SELECT version FROM pools WHERE pool_id = $1 AND state = 'ACTIVE'", pool_id)
    return None if row is None else int(row[0])


async def replace(tx: Transaction, *, pool_id: str, name: str, document: str, expected_version: int, now: int) -> int:
    """Store new settings if nobody else has since; return how many rows changed."""
    return await tx.execute(
        """
        UPDATE pools SET name = $3, document = $4, version = version + 1, updated_at = $5
        WHERE pool_id = $1 AND version = $2 AND state = 'ACTIVE'
        """,
        pool_id,
        expected_version,
        name,
        document,
        now,
    )


async def replace_preferences(
    tx: Transaction, *, pool_id: str, preferences: str, expected_version: int, now: int
) -> int:
    """Store Poolkeeper's own settings of a pool if nobody else has changed it since; return how many rows changed."""
    return await tx.execute(
        """
        UPDATE pools SET preferences = $3, version = version + 1, updated_at = $4
        WHERE pool_id = $1 AND version = $2 AND state = 'ACTIVE'
        """,
        pool_id,
        expected_version,
        preferences,
        now,
    )


async def mark_deleted(tx: Transaction, pool_id: str, *, expected_version: int, now: int) -> int:
    """Take a pool out of reach if nobody has changed it since; its rows are the worker's from now on."""
    return await tx.execute(
        """
        UPDATE pools SET state = 'DELETED', version = version + 1, updated_at = $3
        WHERE pool_id = $1 AND version = $2 AND state = 'ACTIVE'
        """,
        pool_id,
        expected_version,
        now,
    )


async def hold_deleted(tx: Transaction, pool_id: str) -> bool:
    """Keep the row of a deleted pool where it is until the transaction ends; False where there is none, or a living pool's."""
    row_count = await tx.execute("UPDATE pools SET state = 'DELETED' WHERE pool_id = $1 AND state = 'DELETED'", pool_id)
    return row_count == 1


async def forget(tx: Transaction, pool_id: str) -> int:
    """Remove the row of a deleted pool, last of all."""
    return await tx.execute("DELETE FROM pools WHERE pool_id = $1 AND state = 'DELETED'", pool_id)


async def page(reader: Reader, *, region: str, after: str, limit: int) -> list[PoolInList]:
    """Return up to `limit` pools of a region in the order of their ids, from behind `after`."""
    rows = await reader.fetch(
        """
        SELECT pool_id, name, document, created_at, updated_at
        FROM pools
        WHERE pool_id > $1 AND pool_id >= $2 AND pool_id < $3 AND state = 'ACTIVE'
        ORDER BY pool_id LIMIT $4
        """,
        after,
        f"{region}_",
        f"{region}`",
        limit,
    )
    return [PoolInList(*row) for row in rows]


async def ids(reader: Reader, *, after: str, limit: int) -> list[str]:
    """Return up to `limit` pool ids of all regions from behind `after`, deleted ones included: the worker's round."""
    rows = await reader.fetch("SELECT pool_id FROM pools WHERE pool_id > $1 ORDER BY pool_id LIMIT $2", after, limit)
    return [row[0] for row in rows]


async def count(reader: Reader) -> int:
    """Return how many pools there are."""
    row = await reader.fetch_one("SELECT COUNT(pool_id) FROM pools WHERE state = 'ACTIVE'")
    return int(row[0]) if row is not None else 0


async def touch(tx: Transaction, pool_id: str) -> int:
    """Raise the version of a pool when something that is read with it changes, though not in its own row; 0: it is gone."""
    return await tx.execute("UPDATE pools SET version = version + 1 WHERE pool_id = $1 AND state = 'ACTIVE'", pool_id)


TABLE = Table(
    name="pools",
    key=("pool_id",),
    owner="pool",
    sealed=(
        Sealed(
            "secret",
            start=("",),
            walk="SELECT pool_id, secret FROM pools WHERE pool_id > $1 ORDER BY pool_id LIMIT $2",
            put="UPDATE pools SET secret = $2 WHERE pool_id = $1 AND secret = $3",
        ),
    ),
    at_reset="DELETE FROM pools WHERE pool_id >= ''",
)
